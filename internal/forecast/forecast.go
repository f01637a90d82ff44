// Package forecast works out what follows from a plan if every rotation happens
// at its slot: when each version is current, how long old versions stay readable
// beside it, and what fills the store. It is pure.
//
// Slots come from package schedule and sizes from package keyring, so a forecast
// agrees with the plans that are made later.
package forecast

import (
	"iter"

	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/schedule"
	"github.com/layeron/rotate/internal/secret"
)

// slots yields the slots at which a secret rotates after the planned action,
// from the entry's NextDueAt to the end of the calendar.
func slots(e plan.Entry, rotation secret.Rotation) iter.Seq[secret.Instant] {
	const lastYear = 9999
	policy := schedule.For(rotation, e.NextDueAt)
	return func(yield func(secret.Instant) bool) {
		for slot := e.NextDueAt; slot.Time().Year() < lastYear && yield(slot); {
			slot = policy.Next(schedule.History{Taken: slot, Switch: slot, LastScheduled: slot}, slot)
		}
	}
}

// rotating returns the declarations that have a rotation, by id.
func rotating(doc secret.Document) map[secret.ID]secret.Declaration {
	out := map[secret.ID]secret.Declaration{}
	for _, d := range doc.Secrets {
		if d.Rotation != nil {
			out[d.ID] = d
		}
	}
	return out
}
