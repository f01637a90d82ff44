package report

import (
	"strings"

	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/secret"
)

// differences are against the base branch where it is known.
func (p Page) differences() []Difference {
	if p.Proposal.Base != nil {
		return Differences(*p.Proposal.Base, p.Document, p.Result.Plan)
	}
	return AppliedDifferences(p.Result.Plan, p.Document)
}

// changes is what a pull request changes in rotation.
func (p Page) changes(limit int) string {
	if p.Proposal == nil || p.Failure != nil || secret.HasErrors(p.Result.Plan.Diagnostics) {
		return ""
	}
	head := "### What this pull request changes\n\n"
	if p.Proposal.Base == nil {
		head = "### How the declarations differ from what was applied\n\nThe base branch's declarations could not be loaded, so this shows more than what the pull request changes.\n\n"
	}
	var items []string
	entries := map[secret.ID]plan.Entry{}
	for _, e := range p.Result.Plan.Entries {
		entries[e.ID] = e
	}
	declared := byID(p.Document)
	for _, d := range p.differences() {
		items = append(items, "- "+difference(d, declared[d.ID], entries[d.ID])+"\n")
	}
	if len(items) == 0 {
		return head + "Nothing in rotation."
	}
	return head + rows(items, limit-len(head), "- and %d more changes: see the diff\n")
}

// difference is one change in a line.
func difference(d Difference, declared secret.Declaration, e plan.Entry) string {
	line := "**" + string(d.Kind) + "**: " + shortCode(string(d.ID))
	switch d.Kind {
	case Added:
		return line + ", " + string(declared.Kind) + size(declared) + "; rotation " + Text(policy(declared))
	case Renamed:
		return line + " was " + shortCode(string(d.From)) + ". It is created with its own value; the old secret stays in the store untouched. Keep the old name if its versions are still needed"
	case Removed:
		return line + ". It stays in the store as it is and is not rotated any more"
	}
	var parts []string
	for _, f := range d.Fields {
		parts = append(parts, f.Name+" "+fieldChange(f)+consequence(f, e))
	}
	return line + ": " + strings.Join(parts, "; ")
}

func fieldChange(f FieldChange) string {
	if f.Before == "" {
		return "→ **" + shortText(f.After) + "**"
	}
	return shortText(f.Before) + " → **" + shortText(f.After) + "**"
}

// consequence says what a change does and does not do.
func consequence(f FieldChange, e plan.Entry) string {
	blocked := e.Status == plan.DestructiveChange || e.Status == plan.FormChange
	switch {
	case f.Name == "bytes":
		return " (from the next version on)"
	case f.Name == "store name":
		return " (a new secret with its own value; the old one stays untouched)"
	case f.Name == "retention" && blocked && e.Action == plan.Blocked:
		return " (blocked until allowed)"
	case f.Name == "retention":
		return " (no date promised already is brought forward)"
	case f.Name == "rotation" && !e.DueAt.IsZero() && e.Action == plan.Rotate:
		return " (due now, then " + e.NextDueAt.Text() + ")"
	case f.Name == "rotation" && !e.NextDueAt.IsZero() && e.Current != 0:
		return " (next " + e.NextDueAt.Text() + ")"
	}
	return ""
}

func size(d secret.Declaration) string {
	if d.Bytes == 0 {
		return ""
	}
	return ", " + secret.Count(d.Bytes, "byte")
}
