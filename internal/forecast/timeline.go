package forecast

import (
	"cmp"
	"slices"

	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/secret"
)

// Span is a period in which one version, or each of several, is current or
// readable: from From until just before Until.
type Span struct {
	First, Last secret.Version
	From, Until secret.Instant
}

// Timeline is what happens to one secret.
type Timeline struct {
	ID secret.ID
	// Next is when its version changes first: when the plan was made, if an apply
	// changes it, else its next slot.
	Next secret.Instant
	// Current has a span for each version, one after the other without a gap, from
	// when the plan was made.
	Current []Span
	// Overlap is when old versions stay readable, by date. Windows that overlap
	// each other are one span. It is empty if Forever is set.
	Overlap []Span
	// Forever reports that every old version stays readable.
	Forever bool
}

// Timelines returns what happens to the secrets of a plan until an instant, the
// one whose version changes first at the top. It leaves out secrets that are
// blocked or do not rotate.
func Timelines(p plan.Plan, doc secret.Document, until secret.Instant) []Timeline {
	declared := rotating(doc)
	var out []Timeline
	for _, e := range p.Entries {
		d, rotates := declared[e.ID]
		if rotates && e.Action != plan.Blocked && cmp.Or(e.Next, e.Current) != 0 && !e.NextDueAt.IsZero() {
			out = append(out, timeline(e, *d.Rotation, p.GeneratedAt, until))
		}
	}
	slices.SortStableFunc(out, func(a, b Timeline) int { return a.Next.Time().Compare(b.Next.Time()) })
	return out
}

func timeline(e plan.Entry, rotation secret.Rotation, now, until secret.Instant) Timeline {
	t := Timeline{
		ID: e.ID, Next: e.NextDueAt, Forever: rotation.Retain.Mode == secret.RetainForever,
		Current: current(e, rotation, now, until),
	}
	if e.Next != 0 {
		t.Next = now
	}
	if !t.Forever {
		t.Overlap = join(windows(e, rotation, t.Current), until)
	}
	return t
}

// current returns when each version is current, as if the planned action
// happened now.
func current(e plan.Entry, rotation secret.Rotation, now, until secret.Instant) []Span {
	version, from := cmp.Or(e.Next, e.Current), now
	var out []Span
	for slot := range slots(e, rotation) {
		if !slot.Before(until) {
			break
		}
		out = append(out, Span{version, version, from, slot})
		version, from = version+1, slot
	}
	return append(out, Span{version, version, from, until})
}

// windows returns how long each old version stays readable: first those that the
// secret holds after the planned action, then those that rotations replace.
func windows(e plan.Entry, rotation secret.Rotation, current []Span) []Span {
	var out []Span
	for _, v := range e.After {
		if v.State == "retained" {
			out = append(out, Span{v.ID, v.ID, current[0].From, v.ExpiresAt})
		}
	}
	for _, s := range current[1:] {
		out = append(out, Span{s.First - 1, s.First - 1, s.From, s.From.Add(rotation.Retain.Window())})
	}
	return out
}

// join merges windows that overlap each other, and ends them at an instant. They
// are sorted by their beginning.
func join(windows []Span, until secret.Instant) []Span {
	var out []Span
	for _, w := range windows {
		if w.Until.After(until) {
			w.Until = until
		}
		n := len(out)
		switch {
		case !w.From.Before(w.Until):
		case n > 0 && w.From.Before(out[n-1].Until):
			out[n-1].Last = max(out[n-1].Last, w.Last)
			out[n-1].Until = secret.Later(out[n-1].Until, w.Until)
		default:
			out = append(out, w)
		}
	}
	return out
}
