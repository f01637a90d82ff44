// Package schedule says when a secret is due (DESIGN §5). It is pure: the same
// history and the same instant give the same answer, however late, early or
// often it is asked.
//
// The instants A + k·I are slots: A is the anchor, I the interval. A version
// takes the latest slot reached at its switch, whatever made it current, and
// the secret is due again when a later slot has been reached. So lateness
// never accumulates, and an outage of any length costs one rotation.
package schedule

import (
	"time"

	"github.com/layeron/rotate/internal/secret"
)

// spacing is the most that is kept free after a late rotation; a shorter
// interval keeps half of itself free.
const spacing = 7 * secret.Day

// Policy is the schedule in force: a declared rotation with its anchor.
type Policy struct {
	Anchor   secret.Instant
	Interval time.Duration
}

// For is the policy of a rotation. The anchor is startAt where it is declared,
// else the instant at which the first version became current.
func For(rotation secret.Rotation, firstSwitch secret.Instant) Policy {
	anchor := rotation.StartAt
	if anchor.IsZero() {
		anchor = firstSwitch
	}
	return Policy{Anchor: anchor, Interval: rotation.Interval()}
}

// History is what happened to a secret, as far as it bears on its schedule.
// Any of the instants may be none.
type History struct {
	Taken         secret.Instant // the slot that the current version took
	Switch        secret.Instant // when the current version became current
	LastScheduled secret.Instant // when the last scheduled rotation switched
}

// Reached is the latest slot at or before now; none before the anchor.
func (p Policy) Reached(now secret.Instant) secret.Instant {
	if now.Before(p.Anchor) {
		return secret.Instant{}
	}
	return p.slot((now.UnixMilli() - p.Anchor.UnixMilli()) / p.Interval.Milliseconds())
}

// Due is the slot that makes the secret due at now, or none. It is the latest
// slot reached, for a rotation takes the latest.
func (p Policy) Due(h History, now secret.Instant) secret.Instant {
	slot := p.Reached(now)
	if slot.IsZero() || slot.Before(p.earliest(h)) {
		return secret.Instant{}
	}
	return slot
}

// Next is the first slot after now that will make the secret due if nothing
// happens before.
func (p Policy) Next(h History, now secret.Instant) secret.Instant {
	from := secret.Later(now.Add(time.Millisecond), p.earliest(h))
	if !from.After(p.Anchor) {
		return p.Anchor
	}
	interval := p.Interval.Milliseconds()
	return p.slot((from.UnixMilli() - p.Anchor.UnixMilli() + interval - 1) / interval)
}

// earliest is the first instant at which a slot can make the secret due: later
// than the slot taken, not before the current version's switch, and not so
// soon after the last scheduled rotation that it came late rather than early.
func (p Policy) earliest(h History) secret.Instant {
	earliest := h.Switch
	if !h.Taken.IsZero() {
		earliest = secret.Later(earliest, h.Taken.Add(time.Millisecond))
	}
	if !h.LastScheduled.IsZero() {
		earliest = secret.Later(earliest, h.LastScheduled.Add(min(spacing, p.Interval/2)))
	}
	return earliest
}

func (p Policy) slot(k int64) secret.Instant {
	return secret.FromUnixMilli(p.Anchor.UnixMilli() + k*p.Interval.Milliseconds())
}
