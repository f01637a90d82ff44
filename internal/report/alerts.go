package report

import (
	"fmt"

	"github.com/layeron/rotate/internal/forecast"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
)

// failures returns what went wrong.
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

// warnings returns what a person has to do, now or later.
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
		alert("WARNING", "Warnings in the declarations", p.diagnostics(secret.Warning)),
		alert("WARNING", "The rotation journal is edited", p.journalEdit()),
		alert("WARNING", "Limits of the store are near", p.room()),
	)
}

// diagnostics lists those of a severity. On a pull request, a rename is listed
// as a change instead.
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

// room lists what the store will soon have no room for.
func (p Page) room() []string {
	c := forecast.CapacityOf(p.Result.Plan, p.Document, p.Limits)
	var out []string
	if c.QuotaNear() {
		out = append(out, fmt.Sprintf("the account will hold %d of at most %d secrets. Delete unused secrets, or ask Cloudflare for a larger quota", c.Used, c.Quota))
	}
	for _, f := range c.Near(p.Result.Plan.GeneratedAt) {
		out = append(out, fmt.Sprintf("%s: with the version due %s, the stored value exceeds %d bytes. Retain fewer versions, or declare fewer bytes", shortCode(string(f.ID)), day(f.At), f.Limit))
	}
	return out
}

// withAdvice adds the step that unblocks an entry, with commands ready to copy.
func withAdvice(item string, e plan.Entry) string {
	if e.Advice == "" {
		return item
	}
	return item + "\nTo do: " + prose(clip(e.Advice, 4*maxText))
}
