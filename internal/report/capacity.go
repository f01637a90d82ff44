package report

import (
	"encoding/base64"
	"slices"

	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/secret"
)

// Limits are what the store takes; a zero means that it is not known.
type Limits struct {
	ValueBytes int // of one stored value
	Quota      int // secrets in the account
	Usage      int // secrets in the account before the plan
}

// Capacity is what is known of the room that is left.
type Capacity struct {
	// Used of Quota secrets will be there after the plan.
	Used, Quota int
	// Full are the values that grow beyond the limit, soonest first.
	Full []Full
}

// Full tells when a stored value will be too large for one more version.
type Full struct {
	ID    secret.ID
	At    secret.Instant // the slot whose version does not fit
	Bytes int            // after the plan
	Limit int
}

// QuotaNear tells that nine tenths of the account's secrets are used.
func (c Capacity) QuotaNear() bool { return c.Quota > 0 && c.Used*10 >= c.Quota*9 }

// Near are the values that are full within two years: early enough to change a
// policy, late enough not to be noise.
func (c Capacity) Near(now secret.Instant) []Full {
	soon := now.Add(2 * 365 * secret.Day)
	return slices.DeleteFunc(slices.Clone(c.Full), func(f Full) bool { return f.At.After(soon) })
}

// Room works out a plan's capacity. Where the account was not asked, its
// secrets are at least those of the plan.
func Room(p plan.Plan, doc secret.Document, limits Limits) Capacity {
	c := Capacity{Used: max(limits.Usage+p.Count(plan.Create), len(p.Entries)), Quota: limits.Quota}
	declared := map[secret.ID]secret.Declaration{}
	for _, d := range doc.Secrets {
		declared[d.ID] = d
	}
	for _, e := range p.Entries {
		if d, ok := declared[e.ID]; ok && limits.ValueBytes > 0 {
			if at := fullAt(e, d, p.GeneratedAt, limits.ValueBytes); !at.IsZero() {
				c.Full = append(c.Full, Full{ID: e.ID, At: at, Bytes: e.Bytes, Limit: limits.ValueBytes})
			}
		}
	}
	slices.SortStableFunc(c.Full, func(a, b Full) int { return a.At.Time().Compare(b.At.Time()) })
	return c
}

// fullAt steps from slot to slot until the value no longer fits, or until as
// many versions expire as are added.
func fullAt(e plan.Entry, d secret.Declaration, now secret.Instant, limit int) secret.Instant {
	if e.Bytes == 0 || e.NextDueAt.IsZero() || !d.Retain().Versioned() {
		return secret.Instant{}
	}
	bytes, step := e.Bytes, versionBytes(e, d)
	expiries := promisedExpiries(e, d, now)
	steady := e.NextDueAt.Add(d.Retain().Window() + d.Rotation.Interval())
	for slot := e.NextDueAt; slot.Time().Year() < 9999; slot = slot.Add(d.Rotation.Interval()) {
		if d.Retain().Mode == secret.RetainFor {
			if slot.After(steady) {
				break
			}
			held := len(expiries)
			expiries = slices.DeleteFunc(expiries, func(at secret.Instant) bool { return !at.After(slot) })
			bytes -= step * (held - len(expiries))
			expiries = append(expiries, slot.Add(d.Retain().Window()))
		}
		if bytes += step; bytes > limit {
			return slot
		}
	}
	return secret.Instant{}
}

// promisedExpiries are those of the versions held after the planned action.
func promisedExpiries(e plan.Entry, d secret.Declaration, now secret.Instant) []secret.Instant {
	var out []secret.Instant
	for _, v := range e.Versions {
		if v.State == "retained" && !v.ExpiresAt.IsZero() {
			out = append(out, v.ExpiresAt)
		}
	}
	if e.Next != 0 && e.Current != 0 {
		out = append(out, now.Add(d.Retain().Window()))
	}
	return out
}

// versionBytes is about what one more version adds to the stored JSON. A value
// from outside is taken to be as long as those held.
func versionBytes(e plan.Entry, d secret.Declaration) int {
	if d.External() {
		return e.Bytes / (len(e.Versions) + 1)
	}
	form := `"v100":{"value":"","encoding":"base64url","activeFrom":"2026-05-02T03:00:00.000Z"},`
	if d.Retain().Mode == secret.RetainFor {
		form += `,"expiresAt":"2026-06-15T03:00:00.000Z"`
	}
	return len(form) + base64.RawURLEncoding.EncodedLen(d.Bytes)
}
