package report

import (
	"strings"

	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/secret"
)

// differences compares with the base branch, or with the last apply if the base
// branch is unknown.
func (p Page) differences() []Difference {
	if p.Proposal.Base != nil {
		return Differences(*p.Proposal.Base, p.Document, p.Result.Plan)
	}
	return AppliedDifferences(p.Result.Plan, p.Document)
}

// changes lists what a pull request changes in rotation.
func (p Page) changes(limit int) string {
	if p.Proposal == nil || p.Failure != nil || secret.HasErrors(p.Result.Plan.Diagnostics) {
		return ""
	}
	head := "### What this pull request changes\n\n"
	if p.Proposal.Base == nil {
		head = "### How the declarations differ from the last apply\n\nThe declarations of the base branch could not be loaded, so this list may include changes that are not from this pull request.\n\n"
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
		return head + "No changes to rotation."
	}
	return head + rows(items, limit-len(head), "more change", "- and %s: see the diff\n")
}

// difference returns one change as a line.
func difference(d Difference, declared secret.Declaration, e plan.Entry) string {
	line := "**" + string(d.Kind) + "**: " + shortCode(string(d.ID))
	switch d.Kind {
	case Added:
		return line + ", " + string(declared.Kind) + size(declared) + "; rotation " + Text(policy(declared))
	case Renamed:
		return line + " was " + shortCode(string(d.From)) + ". It becomes a new secret with its own value; the old one stays in the store unchanged. Keep the old name if its versions are still needed"
	case Removed:
		return line + ". It stays in the store unchanged and is no longer rotated"
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

// consequence returns what a change leads to.
func consequence(f FieldChange, e plan.Entry) string {
	blocked := e.Status == plan.DestructiveChange || e.Status == plan.FormChange
	switch {
	case f.Name == "bytes":
		return " (from the next version on)"
	case f.Name == "store name":
		return " (a new secret with its own value; the old one stays unchanged)"
	case f.Name == "retention" && blocked && e.Action == plan.Blocked:
		return " (blocked until allowed)"
	case f.Name == "retention":
		return " (no version expires earlier than promised)"
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
