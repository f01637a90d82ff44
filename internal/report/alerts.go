package report

import (
	"fmt"
	"strings"

	"github.com/layeron/rotate/internal/forecast"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
)

// alert is a box that GitHub colours by its kind, with a list in it. Without
// items there is none.
func alert(kind, lead string, items []string) func(limit int) string {
	if len(items) == 0 {
		return func(int) string { return "" }
	}
	head := "> [!" + kind + "]\n> **" + lead + "**\n>\n"
	var lines []string
	for _, item := range items {
		lines = append(lines, "> - "+strings.ReplaceAll(item, "\n", "<br>")+"\n")
	}
	return func(limit int) string { return head + rows(lines, limit-len(head), "> - and %d more\n") }
}

// failures is what went wrong.
func (p Page) failures(limit int) string {
	var stopped, failed []string
	if p.Failure != nil {
		stopped = append(stopped, inertLines(p.Failure.Message))
	}
	for _, e := range p.Result.Plan.Entries {
		if o := p.Result.Outcomes[e.ID]; o.Result == rotate.Failed {
			failed = append(failed, withAdvice(shortCode(string(e.ID))+": "+inertLines(o.Error), e))
		}
	}
	return stack(limit,
		alert("CAUTION", "An error stopped this run", stopped),
		alert("CAUTION", secret.Count(len(failed), "secret")+" failed; the next apply tries again", failed),
		alert("CAUTION", "The declarations have errors", p.diagnostics(secret.Error)),
	)
}

// warnings is what a person has to do, now or later.
func (p Page) warnings(limit int) string {
	var blocked, waiting []string
	for _, e := range p.Result.Plan.Entries {
		switch item := withAdvice(shortCode(string(e.ID))+": "+shortText(e.Reason), e); {
		case e.Action == plan.Blocked && e.Status.Waiting():
			waiting = append(waiting, item)
		case e.Action == plan.Blocked:
			blocked = append(blocked, item)
		}
	}
	return stack(limit,
		alert("WARNING", secret.Count(len(blocked), "secret")+" blocked", blocked),
		alert("IMPORTANT", secret.Count(len(waiting), "secret")+" waiting for an operator, a product or another run", waiting),
		alert("WARNING", "About the declarations", p.diagnostics(secret.Warning)),
		alert("WARNING", "The journal is edited", p.journalEdit()),
		alert("WARNING", "Room in the store", p.room()),
	)
}

// diagnostics are those of a severity. A rename is listed among the changes.
func (p Page) diagnostics(severity secret.Severity) []string {
	var out []string
	for _, d := range p.Result.Plan.Diagnostics {
		listed := d.Code == "looks_like_rename" && p.Proposal != nil
		if d.Severity == severity && !listed {
			out = append(out, shortCode(d.Position.String())+": "+inertLines(d.Message)+" ("+shortCode(d.Code)+")")
		}
	}
	return out
}

func (p Page) journalEdit() []string {
	if p.Proposal == nil || p.Proposal.EditedJournal == "" {
		return nil
	}
	return []string{shortCode(p.Proposal.EditedJournal) + ": " + journalEdited}
}

// room is what will not fit before long.
func (p Page) room() []string {
	c := forecast.CapacityOf(p.Result.Plan, p.Document, p.Limits)
	var out []string
	if c.QuotaNear() {
		out = append(out, fmt.Sprintf("the account will hold %d of %d secrets. Delete what is no longer used, or ask Cloudflare for a larger quota", c.Used, c.Quota))
	}
	for _, f := range c.Near(p.Result.Plan.GeneratedAt) {
		out = append(out, fmt.Sprintf("%s: the version due %s will not fit into %d bytes any more. Retain fewer versions, or declare fewer bytes", shortCode(string(f.ID)), day(f.At), f.Limit))
	}
	return out
}

// withAdvice adds the step that helps, its commands ready to be copied.
func withAdvice(item string, e plan.Entry) string {
	if e.Advice == "" {
		return item
	}
	return item + "\nTo do: " + prose(clip(e.Advice, 4*maxText))
}

// inertLines is text that may have a hint on a line of its own.
func inertLines(s string) string {
	var out []string
	for line := range strings.Lines(clip(s, 4*maxText)) {
		out = append(out, prose(strings.TrimRight(line, "\r\n")))
	}
	return strings.Join(out, "\n")
}

// prose is text of ours that sets commands between backticks, and names in them
// between single quotes, as for a shell.
func prose(s string) string {
	before, rest, found := strings.Cut(s, "`layer ")
	end := commandEnd(rest)
	if !found || end < 0 {
		return quoted(s)
	}
	return quoted(before) + CodeSpan("layer "+rest[:end]) + prose(rest[end+1:])
}

// commandEnd is where the backtick is that ends a command and is no part of a
// name in it.
func commandEnd(s string) int {
	inName := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && !inName:
			i++
		case s[i] == '\'':
			inName = !inName
		case s[i] == '`' && !inName:
			return i
		}
	}
	return -1
}

// quoted shows text between pairs of backticks as code.
func quoted(s string) string {
	if strings.Count(s, "`")%2 == 1 {
		return Text(s)
	}
	var out strings.Builder
	for i, part := range strings.Split(s, "`") {
		switch {
		case part == "":
		case i%2 == 1:
			out.WriteString(CodeSpan(part))
		default:
			out.WriteString(Text(part))
		}
	}
	return out.String()
}
