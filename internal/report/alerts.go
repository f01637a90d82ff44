package report

import (
	"fmt"
	"strings"

	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
)

// alert is a box that GitHub colours by its kind, with a list in it. Without
// items there is none.
func alert(kind, lead string, items []string, limit int) string {
	if len(items) == 0 {
		return ""
	}
	head := "> [!" + kind + "]\n> **" + lead + "**\n>\n"
	var lines []string
	for _, item := range items {
		lines = append(lines, "> - "+strings.Join(strings.Split(item, "\n"), "<br>")+"\n")
	}
	return head + rows(lines, limit-len(head), "> - and %d more\n")
}

// failures is what went wrong.
func (p Page) failures(limit int) []string {
	var out []string
	if p.Failure != nil {
		out = append(out, alert("CAUTION", "An error stopped this run", []string{inertLines(p.Failure.Message)}, limit))
	}
	var failed []string
	for _, e := range p.Result.Plan.Entries {
		o := p.Result.Outcomes[e.ID]
		if o.Result != rotate.Failed {
			continue
		}
		failed = append(failed, withAdvice(shortCode(string(e.ID))+": "+inertLines(o.Error), e))
	}
	return append(out,
		alert("CAUTION", plural(len(failed), "secret")+" failed; the next apply tries again", failed, limit),
		alert("CAUTION", "The declarations have errors", p.diagnostics(secret.Error), limit),
	)
}

// warnings is what needs somebody, now or later.
func (p Page) warnings(limit int) []string {
	var blocked, waiting []string
	for _, e := range p.Result.Plan.Entries {
		switch item := withAdvice(shortCode(string(e.ID))+": "+shortText(e.Reason), e); {
		case e.Action == plan.Blocked && e.Status.Waiting():
			waiting = append(waiting, item)
		case e.Action == plan.Blocked:
			blocked = append(blocked, item)
		}
	}
	return []string{
		alert("WARNING", plural(len(blocked), "secret")+" blocked", blocked, limit),
		alert("IMPORTANT", plural(len(waiting), "secret")+" waiting for somebody", waiting, limit),
		alert("WARNING", "About the declarations", p.diagnostics(secret.Warning), limit),
		alert("WARNING", "The journal is edited", p.journalEdit(), limit),
		alert("WARNING", "Room in the store", p.room(), limit),
	}
}

// diagnostics are those of a severity, but for what the changes against the base
// branch tell.
func (p Page) diagnostics(severity secret.Severity) []string {
	var out []string
	for _, d := range p.Result.Plan.Diagnostics {
		told := d.Code == "looks_like_rename" && p.Proposal != nil && p.Proposal.Base != nil
		if d.Severity == severity && !told {
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
	c := Room(p.Result.Plan, p.Document, p.Limits)
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
	return item + "\nTo do: " + advice(e.Advice)
}

// advice shows commands as code. A command begins with the tool's name and ends
// with an environment, so that a backtick in a name does not end it.
func advice(s string) string {
	const begin, flag = "`layer ", " --env "
	before, rest, found := strings.Cut(s, begin)
	if !found {
		return shortText(s)
	}
	at := strings.Index(rest, flag)
	if at < 0 {
		return shortText(s)
	}
	length := strings.Index(rest[at:], "`")
	if length < 0 {
		return shortText(s)
	}
	out := CodeSpan(clip("layer "+rest[:at+length], 2*maxText))
	if before != "" {
		out = shortText(before) + out
	}
	if rest = rest[at+length+1:]; rest != "" {
		out += advice(rest)
	}
	return out
}

// inertLines is text that may have a hint on a line of its own.
func inertLines(s string) string {
	var out []string
	for line := range strings.Lines(clip(s, 4*maxText)) {
		out = append(out, Text(strings.TrimRight(line, "\r\n")))
	}
	return strings.Join(out, "\n")
}
