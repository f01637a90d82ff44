package forecast

import (
	"slices"

	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/secret"
)

// Limits are the limits of the store. Zero means unknown.
type Limits struct {
	ValueBytes int // size of one stored value
	Quota      int // secrets in the account
	Usage      int // secrets in the account before the plan
}

// Capacity is how much of the store is used.
type Capacity struct {
	// Used is how many secrets the account holds after the plan, of Quota.
	// Rotations add none, so it grows with declarations only.
	Used, Quota int
	// Full has the values that grow beyond the limit, by date.
	Full []Full
}

// Full is a stored value that one more version makes too large.
type Full struct {
	ID    secret.ID
	At    secret.Instant // the slot of that version
	Bytes int            // size after the plan
	Limit int            // size that the store accepts
}

// QuotaNear reports whether the account uses nine tenths of its quota.
func (c Capacity) QuotaNear() bool { return c.Quota > 0 && c.Used*10 >= c.Quota*9 }

// Near returns the values that are full within two years: soon enough to matter,
// and with time to change a policy.
func (c Capacity) Near(now secret.Instant) []Full {
	soon := now.Add(2 * 365 * secret.Day)
	return slices.DeleteFunc(slices.Clone(c.Full), func(f Full) bool { return f.At.After(soon) })
}

// CapacityOf returns the capacity after a plan. If the usage of the account is
// unknown, it holds at least the secrets of the plan.
func CapacityOf(p plan.Plan, doc secret.Document, limits Limits) Capacity {
	c := Capacity{Used: max(limits.Usage+p.Count(plan.Create), len(p.Entries)), Quota: limits.Quota}
	declared := rotating(doc)
	for _, e := range p.Entries {
		if at := fullAt(e, declared[e.ID], limits.ValueBytes); !at.IsZero() {
			c.Full = append(c.Full, Full{ID: e.ID, At: at, Bytes: e.Bytes, Limit: limits.ValueBytes})
		}
	}
	slices.SortStableFunc(c.Full, func(a, b Full) int { return a.At.Time().Compare(b.At.Time()) })
	return c
}

// fullAt returns the slot at which the stored value exceeds a limit, or none if
// it never does or its size is unknown.
func fullAt(e plan.Entry, d secret.Declaration, limit int) secret.Instant {
	if limit == 0 || e.Bytes == 0 || e.NextDueAt.IsZero() || !d.Retain().Versioned() || len(e.After) == 0 {
		return secret.Instant{}
	}
	v := valueAfter(e, d)
	rest := e.Bytes - v.size()
	steady := v.lastExpiry(e.NextDueAt).Add(d.Rotation.Interval())
	for slot := range slots(e, *d.Rotation) {
		if d.Retain().Mode == secret.RetainFor && slot.After(steady) {
			break // as many versions expire as are added; only their ids get longer
		}
		if v.rotate(slot); rest+v.size() > limit {
			return slot
		}
	}
	return secret.Instant{}
}
