package sim_test

import "time"

// answer to whether a secret is due. Of a plain value only its writer
// knows to the second since when it is current, so near a slot it may be.
type answer int

const (
	no answer = iota
	maybe
	yes
)

// slack is how long a run may take between planning and writing.
const slack = time.Hour

// due reports whether a slot makes the secret due at an instant
// (docs/design/schedule.md, "When a secret is due"), by the versions
// that were seen.
func (a *account) due(p policy, now time.Time) answer {
	if p.every == 0 {
		return no
	}
	if a.unsure || p.startAt.IsZero() && a.anchor().IsZero() {
		return maybe
	}
	if !a.perhaps.IsZero() {
		without, with := *a, *a
		without.perhaps, with.perhaps, with.scheduled = time.Time{}, time.Time{}, a.perhaps
		if first, second := without.due(p, now), with.due(p, now); first == second {
			return first
		}
		return maybe
	}
	due := a.dueAt(p, now, 0, 0)
	for _, shift := range []time.Duration{-slack, slack} {
		if a.dueAt(p, now.Add(shift), 0, 0) != due || a.dueAt(p, now, shift, 0) != due || a.dueAt(p, now, 0, shift) != due {
			return maybe
		}
	}
	if due {
		return yes
	}
	return no
}

// dueAt decides for a switch and a last scheduled one that are off by so much.
func (a *account) dueAt(p policy, now time.Time, since, scheduled time.Duration) bool {
	slot := p.reached(a.anchor(), now)
	if slot.IsZero() || slot.Before(a.since.Add(since)) || !slot.After(a.taken) {
		return false
	}
	if a.scheduled.IsZero() {
		return true
	}
	return !slot.Before(a.scheduled.Add(scheduled + min(days(7), p.every/2)))
}

// reached is the latest slot up to an instant; none before the anchor.
func (p policy) reached(anchor, now time.Time) time.Time {
	if !p.startAt.IsZero() {
		anchor = p.startAt
	}
	if p.every == 0 || now.Before(anchor) {
		return time.Time{}
	}
	return anchor.Add(now.Sub(anchor) / p.every * p.every)
}
