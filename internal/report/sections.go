package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
)

// maxUnchanged is how many secrets that nothing happens to stand in the table
// beside the others; more are folded away.
const maxUnchanged = 25

// journalEdited is said wherever a pull request edits the journal.
const journalEdited = "this pull request edits the rotation journal, which layer keeps: a plan never uses the edit, and an entry that fails its signature after the merge is blocked"

// differences are against the base branch where it is known.
func (p Page) differences() []Difference {
	if p.Proposal.Base != nil {
		return Differences(*p.Proposal.Base, p.Document)
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
		head = "### How the declarations differ from what was applied\n\nThe base branch's declarations could not be had, so this is not only what the pull request changes.\n\n"
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
		return line + ", " + string(declared.Kind) + size(declared) + "; rotated " + Text(policy(declared))
	case Renamed:
		return line + " was " + shortCode(string(d.From)) + ". It is created anew with a value of its own; the old secret stays in the store untouched. Keep the old name if its versions are still needed"
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
		return " (a new secret with a value of its own; the old one stays untouched)"
	case f.Name == "old versions" && blocked && e.Action == plan.Blocked:
		return " (blocked until allowed)"
	case f.Name == "old versions":
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
	return ", " + plural(d.Bytes, "byte")
}

// table lists the secrets, those that need eyes first. Many unchanged ones are
// folded away.
func (p Page) table(limit int) []string {
	entries := slices.Clone(p.Result.Plan.Entries)
	if len(entries) == 0 {
		return nil
	}
	slices.SortStableFunc(entries, func(a, b plan.Entry) int { return cmp.Compare(p.rank(a), p.rank(b)) })
	var busy, idle []string
	for _, e := range entries {
		row := p.row(e)
		if e.Action == plan.None {
			idle = append(idle, row)
		} else {
			busy = append(busy, row)
		}
	}
	if len(idle) <= maxUnchanged {
		return []string{p.grid(append(busy, idle...), limit)}
	}
	folded := details(fmt.Sprintf("%d unchanged", len(idle)), p.grid(idle, limit/2), false)
	if len(busy) == 0 {
		return []string{folded}
	}
	return []string{p.grid(busy, limit/2), folded}
}

// grid is a table of as many rows as the limit allows.
func (p Page) grid(list []string, limit int) string {
	head := "| Action | Secret | Version | " + p.dueColumn() + " | Overlap | Why |\n|---|---|---|---|---|---|\n"
	return head + rows(list, limit-len(head), "\n%d more secrets are left out here: the `plan` output of the action and `layer secret rotate` list them all.\n")
}

// dueColumn is as wide as an instant, which would be broken at its hyphens.
func (p Page) dueColumn() string {
	title := "Due (UTC)"
	if p.Result.Outcomes != nil {
		title = "Next due (UTC)"
	}
	return strings.ReplaceAll(title, " ", nbsp) + strings.Repeat(nbsp, 24-len(title))
}

const nbsp = "&nbsp;"

// rank puts what needs eyes first.
func (p Page) rank(e plan.Entry) int {
	switch {
	case p.Result.Outcomes[e.ID].Result == rotate.Failed:
		return 0
	case e.Action == plan.Blocked:
		return 1
	case e.Action == plan.None:
		return 4
	case e.Action == plan.Orphaned:
		return 3
	}
	return 2
}

// row is one secret in the table.
func (p Page) row(e plan.Entry) string {
	action, stays := p.action(e), overlapOf(e)
	if e.Action != plan.None && e.Action != plan.Orphaned {
		action = "**" + action + "**"
	}
	if p.Result.Outcomes[e.ID].Result == rotate.Applied {
		stays = kept(e, p.Result.Plan.GeneratedAt)
	}
	return tableRow(action, shortCode(string(e.ID)), versions(e), p.due(e), stays, shortText(e.Reason))
}

// tableRow is a row of cells that are Markdown already.
func tableRow(cells ...string) string { return "| " + strings.Join(cells, " | ") + " |\n" }

// action is what happens to a secret, or what happened.
func (p Page) action(e plan.Entry) string {
	switch p.Result.Outcomes[e.ID].Result {
	case rotate.Failed:
		return "failed"
	case rotate.Applied:
		return did[e.Action]
	}
	return string(e.Action)
}

// due is the slot that makes a secret due, after an apply the next one. What
// would count from the moment of an apply is told by the day.
func (p Page) due(e plan.Entry) string {
	at := e.NextDueAt
	if p.Result.Outcomes == nil && !e.DueAt.IsZero() {
		at = e.DueAt
	}
	switch {
	case at.IsZero():
		return "–"
	case e.Action == plan.Create && p.Result.Outcomes == nil:
		return day(at)
	}
	return strings.TrimSuffix(at.Text(), " UTC")
}

func overlapOf(e plan.Entry) string {
	if e.Retain.Mode == secret.RetainNone || e.Action == plan.Orphaned {
		return "–"
	}
	return Retention(e.Retain)
}

// kept says until when the version that a switch superseded can be read.
func kept(e plan.Entry, at secret.Instant) string {
	if e.Next == 0 || e.Current == 0 {
		return overlapOf(e)
	}
	switch e.Retain.Mode {
	case secret.RetainFor:
		return e.Current.String() + " until " + at.Add(e.Retain.Window()).Text()
	case secret.RetainForever:
		return e.Current.String() + " for ever"
	}
	return "–"
}

// rows joins whole rows up to a limit, and says how many it leaves out.
func rows(list []string, limit int, more string) string {
	var out strings.Builder
	room := limit - len(more) - 8
	for i, row := range list {
		if out.Len()+len(row) > room {
			return out.String() + fmt.Sprintf(more, len(list)-i)
		}
		out.WriteString(row)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// details folds a part away.
func details(title, content string, open bool) string {
	attribute := ""
	if open {
		attribute = " open"
	}
	return "<details" + attribute + "><summary>" + title + "</summary>\n\n" + content + "\n\n</details>"
}
