package report

import (
	"cmp"
	"slices"

	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
)

// span is a stretch of time in which versions are current or stay readable.
type span struct {
	first, last secret.Version
	from, until secret.Instant
}

// timetable is what will happen to one secret if every slot is kept.
type timetable struct {
	id      secret.ID
	next    secret.Instant // its first event
	current []span         // one version after the other
	overlap []span         // old versions that stay readable; never two at once
	forever bool           // all of them do
}

// timetables foresee the secrets that rotate, those with the soonest event
// first. One that is blocked or failed has no future that is known.
func timetables(result rotate.Result, doc secret.Document, from, until secret.Instant) []timetable {
	rotations := map[secret.ID]secret.Rotation{}
	for _, d := range doc.Secrets {
		if d.Rotation != nil {
			rotations[d.ID] = *d.Rotation
		}
	}
	var out []timetable
	for _, e := range result.Plan.Entries {
		rotation, ok := rotations[e.ID]
		known := cmp.Or(e.Next, e.Current) != 0 && !e.NextDueAt.IsZero()
		stuck := e.Action == plan.Blocked || result.Outcomes[e.ID].Result == rotate.Failed
		if ok && known && !stuck {
			out = append(out, foresee(e, rotation, from, until))
		}
	}
	slices.SortStableFunc(out, func(a, b timetable) int { return cmp.Compare(a.next.UnixMilli(), b.next.UnixMilli()) })
	return out
}

func foresee(e plan.Entry, rotation secret.Rotation, from, until secret.Instant) timetable {
	t := timetable{id: e.ID, next: e.NextDueAt, forever: rotation.Retain.Mode == secret.RetainForever}
	if e.Next != 0 {
		t.next = from
	}
	t.current = tenures(e, rotation, from, until)
	if t.forever {
		return t
	}
	windows := promised(e, from)
	if e.Next != 0 && e.Current != 0 {
		windows = append(windows, span{e.Current, e.Current, from, from.Add(rotation.Retain.Window())})
	}
	for _, s := range t.current[1:] {
		windows = append(windows, span{s.first - 1, s.first - 1, s.from, s.from.Add(rotation.Retain.Window())})
	}
	t.overlap = united(windows, until)
	return t
}

// tenures are the versions that are current between two instants, at whose
// first the planned action happens.
func tenures(e plan.Entry, rotation secret.Rotation, from, until secret.Instant) []span {
	version, start := cmp.Or(e.Next, e.Current), from
	var out []span
	for slot := e.NextDueAt; slot.Before(until); slot = slot.Add(rotation.Interval()) {
		out = append(out, span{version, version, start, slot})
		version, start = version+1, slot
	}
	return append(out, span{version, version, start, until})
}

// promised are the windows of the versions held now.
func promised(e plan.Entry, from secret.Instant) []span {
	var out []span
	for _, v := range e.Versions {
		if v.State == "retained" && v.ExpiresAt.After(from) {
			out = append(out, span{v.ID, v.ID, from, v.ExpiresAt})
		}
	}
	return out
}

// united joins windows that overlap each other, and ends them at an instant.
func united(windows []span, until secret.Instant) []span {
	var out []span
	for _, w := range windows {
		if w.until.After(until) {
			w.until = until
		}
		if !w.from.Before(w.until) {
			continue
		}
		if n := len(out); n > 0 && w.from.Before(out[n-1].until) {
			out[n-1].last = max(out[n-1].last, w.last)
			out[n-1].until = secret.Later(out[n-1].until, w.until)
			continue
		}
		out = append(out, w)
	}
	return out
}
