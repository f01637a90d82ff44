package report

import (
	"path"
	"strconv"
	"strings"

	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
)

// Level is the severity with which GitHub shows an annotation.
type Level string

// The levels.
const (
	LevelError   Level = "error"
	LevelWarning Level = "warning"
	LevelNotice  Level = "notice"
)

// maxAnnotations is how many annotations of one level GitHub shows for a step.
// It drops the others silently.
const maxAnnotations = 10

// Annotation is a message on a line of the user's code. File is relative to the
// root of the repository. If the place is unknown, File is empty and Line zero.
type Annotation struct {
	Level   Level
	File    string
	Line    int
	Column  int
	Title   string
	Message string
}

// Annotations returns the annotations of a result: diagnostics, failures and
// blocked secrets. Project is the path of the project in the repository, and
// editedJournal the path of the journal if a pull request edits it. There are
// at most ten of each level; if there were more, the last says how many.
func Annotations(result rotate.Result, project, editedJournal string) []Annotation {
	var all []Annotation
	if editedJournal != "" {
		all = append(all, Annotation{Level: LevelWarning, File: editedJournal, Line: 1, Title: "rotation journal edited", Message: journalEdited})
	}
	for _, d := range result.Plan.Diagnostics {
		level := LevelError
		if d.Severity == secret.Warning {
			level = LevelWarning
		}
		all = append(all, annotate(level, project, d.Position, d.Code, d.Message))
	}
	for i, e := range result.Plan.Entries {
		switch o, _ := outcome(result, i); {
		case o.Error != "":
			all = append(all, annotate(LevelError, project, e.Source, string(e.ID)+" failed", o.Error))
		case e.Action == plan.Blocked && e.Status.Waiting():
			all = append(all, annotate(LevelNotice, project, e.Source, string(e.ID)+" is waiting: "+string(e.Status), advised(e)))
		case e.Action == plan.Blocked:
			all = append(all, annotate(LevelWarning, project, e.Source, string(e.ID)+" is blocked: "+string(e.Status), advised(e)))
		}
	}
	return firstTen(all)
}

// advised returns why an entry is blocked and what unblocks it.
func advised(e plan.Entry) string {
	if e.Advice == "" {
		return e.Reason
	}
	return e.Reason + "\nto do: " + e.Advice
}

// annotate returns an annotation, without a place if the path leads out of the
// repository: GitHub could not show it.
func annotate(level Level, project string, at secret.Position, title, message string) Annotation {
	a := Annotation{Level: level, Title: title, Message: message}
	file := path.Join(project, at.File)
	if at.File == "" || path.IsAbs(file) || file == ".." || strings.HasPrefix(file, "../") {
		return a
	}
	a.File, a.Line, a.Column = file, at.Line, at.Column
	return a
}

// firstTen keeps the first annotations of each level, in order, and says in the
// last one how many are left out.
func firstTen(all []Annotation) []Annotation {
	total, seen := map[Level]int{}, map[Level]int{}
	for _, a := range all {
		total[a.Level]++
	}
	var out []Annotation
	for _, a := range all {
		seen[a.Level]++
		left := total[a.Level] - maxAnnotations + 1
		switch {
		case total[a.Level] <= maxAnnotations || seen[a.Level] < maxAnnotations:
			out = append(out, a)
		case seen[a.Level] == maxAnnotations:
			out = append(out, Annotation{Level: a.Level, Title: "layer", Message: strconv.Itoa(left) + " more: see the job summary"})
		}
	}
	return out
}

// Command returns the annotation as a workflow command, without a line break.
func (a Annotation) Command() string {
	var properties []string
	add := func(name, value string) { properties = append(properties, name+"="+property(value)) }
	if a.File != "" {
		add("file", a.File)
		if a.Line > 0 {
			add("line", strconv.Itoa(a.Line))
			add("col", strconv.Itoa(max(a.Column, 1)))
		}
	}
	add("title", Printable(a.Title))
	return "::" + string(a.Level) + " " + strings.Join(properties, ",") + "::" + data(printableLines(a.Message))
}

// data and property escape as the toolkit of GitHub Actions does.
func data(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func property(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}
