// Package schedule decides when a secret is due. It is pure: the answer depends
// only on the policy, the history and the instant given.
//
// The instants A + k·I are slots: A is the anchor, I the interval. When a
// version becomes current, for whatever reason, it takes the latest slot
// reached. The secret is due again when a later slot is reached. So delays do
// not add up, and one rotation makes up for an outage of any length.
package schedule

import (
	"time"

	"github.com/layeron/rotate/internal/secret"
)

// spacing is the minimum time between a scheduled rotation and the next slot
// that counts, or half the interval if that is shorter. Without it, a rotation
// that ran late would soon be followed by the next one.
const spacing = 7 * secret.Day

// Policy is a declared rotation with its anchor.
type Policy struct {
	Anchor   secret.Instant
	Interval time.Duration
}

// For returns the policy of a rotation. The anchor is startAt if declared, else
// the instant at which the first version became current.
func For(rotation secret.Rotation, firstSwitch secret.Instant) Policy {
	anchor := rotation.StartAt
	if anchor.IsZero() {
		anchor = firstSwitch
	}
	return Policy{Anchor: anchor, Interval: rotation.Interval()}
}

// History holds the past events of a secret that its schedule depends on. Any
// of the instants may be none.
type History struct {
	Taken         secret.Instant // the slot that the current version took
	Switch        secret.Instant // when the current version became current
	LastScheduled secret.Instant // when the last scheduled rotation switched
}

// Reached returns the latest slot at or before now, or none before the anchor.
func (p Policy) Reached(now secret.Instant) secret.Instant {
	if now.Before(p.Anchor) {
		return secret.Instant{}
	}
	return p.slot((now.UnixMilli() - p.Anchor.UnixMilli()) / p.Interval.Milliseconds())
}

// Due returns the slot that makes the secret due at now, or none. It is the
// latest slot reached, because that is the one a rotation takes.
func (p Policy) Due(h History, now secret.Instant) secret.Instant {
	slot := p.Reached(now)
	if slot.IsZero() || slot.Before(p.earliest(h)) {
		return secret.Instant{}
	}
	return slot
}

// Next returns the first slot after now that makes the secret due, if nothing
// happens before it.
func (p Policy) Next(h History, now secret.Instant) secret.Instant {
	from := secret.Later(now.Add(time.Millisecond), p.earliest(h))
	if !from.After(p.Anchor) {
		return p.Anchor
	}
	interval := p.Interval.Milliseconds()
	return p.slot((from.UnixMilli() - p.Anchor.UnixMilli() + interval - 1) / interval)
}

// earliest returns the first instant at which a slot can make the secret due:
// it is after the slot taken, not before the current version's switch, and at
// least the minimum spacing after the last scheduled rotation.
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
