package report

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
)

// maxUnchanged is how many unchanged secrets the table shows without folding
// them away.
const maxUnchanged = 25

// table lists the secrets, those that need attention first. If many are
// unchanged, they get a second table, folded away.
func (p Page) table(limit int) string {
	entries := slices.Clone(p.Result.Plan.Entries)
	slices.SortStableFunc(entries, func(a, b plan.Entry) int { return cmp.Compare(p.rank(a), p.rank(b)) })
	var busy, idle []string
	for _, e := range entries {
		if e.Action == plan.None {
			idle = append(idle, p.row(e))
		} else {
			busy = append(busy, p.row(e))
		}
	}
	if len(idle) <= maxUnchanged {
		return p.secretTable(append(busy, idle...), limit)
	}
	return stack(limit,
		func(limit int) string { return p.secretTable(busy, limit) },
		func(limit int) string {
			return details(fmt.Sprintf("%d unchanged", len(idle)), p.secretTable(idle, limit-100), false)
		},
	)
}

// secretTable returns a table of as many rows as the limit allows.
func (p Page) secretTable(list []string, limit int) string {
	if len(list) == 0 {
		return ""
	}
	due := "Due (UTC)"
	if p.Result.Outcomes != nil {
		due = "Next due (UTC)"
	}
	head := tableHead("Action", "Secret", "Version", instants(due), "Overlap", "Why")
	return head + rows(list, limit-len(head), "more secret", "\n%s not shown here: the `plan` output of the action and `layer secret rotate` list all of them.\n")
}

// rank sorts the secrets that need attention to the top.
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

// row returns the row of a secret.
func (p Page) row(e plan.Entry) string {
	action, stays := p.action(e), overlapOf(e)
	if e.Action != plan.None && e.Action != plan.Orphaned {
		action = "**" + action + "**"
	}
	if p.Result.Outcomes[e.ID].Result == rotate.Applied {
		stays = kept(e)
	}
	return tableRow(action, shortCode(string(e.ID)), versions(e), p.due(e), stays, shortText(e.Reason))
}

// action returns what happens to a secret, or what happened.
func (p Page) action(e plan.Entry) string {
	switch p.Result.Outcomes[e.ID].Result {
	case rotate.Failed:
		return "failed"
	case rotate.Applied:
		return did[e.Action]
	}
	return string(e.Action)
}

// due returns the slot that makes a secret due, or the next one once that is
// done. A new secret may count from the moment of the apply, so only the date
// is shown.
func (p Page) due(e plan.Entry) string {
	at := e.NextDueAt
	if p.Result.Outcomes[e.ID].Result != rotate.Applied && !e.DueAt.IsZero() {
		at = e.DueAt
	}
	if e.Action == plan.Create && p.Result.Outcomes == nil && !at.IsZero() {
		return day(at)
	}
	return instant(at)
}

// overlapOf returns how long old versions stay readable.
func overlapOf(e plan.Entry) string {
	if e.Retain.Mode == secret.RetainNone || e.Action == plan.Orphaned {
		return "-"
	}
	return e.Retain.Length()
}

// kept returns until when the version that a rotation replaces stays readable.
func kept(e plan.Entry) string {
	if e.Next == 0 || e.Current == 0 {
		return overlapOf(e)
	}
	for _, v := range e.After {
		switch {
		case v.ID != e.Current:
		case v.ExpiresAt.IsZero():
			return v.ID.String() + " forever"
		default:
			return v.ID.String() + " until " + instant(v.ExpiresAt)
		}
	}
	return "-"
}
