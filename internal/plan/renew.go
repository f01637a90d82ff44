package plan

import (
	"fmt"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/secret"
)

// startAnew replaces a value that cannot be known. Its numbers go on above all
// that the store's receipt or the journal ever named, so that no id gets a
// second value.
func (p *planner) startAnew(d secret.Declaration, out Entry, st standing, status Status, a Alteration) (Entry, error) {
	if status == "" {
		return Entry{}, fmt.Errorf("%q needs no adoption\nto replace its value now, use `layer secret rotate --force`", d.ID)
	}
	if d.External() {
		return Entry{}, fmt.Errorf("%q is supplied by an operator: give its value instead", d.ID)
	}
	from := p.derived(d, st.nextNumber())
	if st.entry != nil && st.entry.State != nil {
		return p.ask(d, out, st, a, rotated(p.permitted(d, *st.entry.State), *st.entry.State, from, false, p.in.Now), nil)
	}
	return p.ask(d, out, st, a, first(d, "", from, p.in.Now), nil)
}

// permitted is a declaration with the retention under which versions were
// promised, where the one declared may not be applied: what is urgent neither
// waits for leave nor does what needs it.
func (p *planner) permitted(d secret.Declaration, state journal.State) secret.Declaration {
	status, _ := change(Retain(state), d.Retain())
	switch {
	case status == "" || p.in.Request.AllowDestructive:
	case d.Rotation == nil:
		d.Rotation = state.Policy
	default:
		rotation := *d.Rotation
		rotation.Retain = Retain(state)
		d.Rotation = &rotation
	}
	return d
}

// revoke takes a version out of the value. The current one is replaced in the
// same write, for there has to be one.
func (p *planner) revoke(d secret.Declaration, out Entry, st standing, a Alteration) (Entry, error) {
	if st.entry == nil || st.entry.State == nil {
		return Entry{}, fmt.Errorf("%q has no versions yet", d.ID)
	}
	state := *st.entry.State
	held, ok := state.Versions.Find(a.Version)
	switch {
	case !ok || held.Gone:
		return Entry{}, fmt.Errorf("%q does not hold %s\nsee `layer secret versions %s`", d.ID, a.Version, Quote(string(d.ID)))
	case a.Version == state.Current && d.External():
		return Entry{}, fmt.Errorf("%s is the current version of %q, which an operator supplies\nset a new value first, then revoke this one", a.Version, d.ID)
	case a.Version == state.Current:
		state = rotated(p.permitted(d, state), state, p.derived(d, nextVersion(st.entry)), false, p.in.Now)
	}
	next := state
	next.Versions = nil
	for _, v := range state.Versions {
		if v.Number == a.Version {
			v = journal.Version{Number: v.Number, ActiveFrom: v.ActiveFrom, Gone: true}
		}
		next.Versions = append(next.Versions, v)
	}
	return p.ask(d, out, st, a, next, nil)
}

// repair brings the store back to what the journal says.
func (p *planner) repair(d secret.Declaration, out Entry, st standing, status Status, a Alteration) (Entry, error) {
	if st.entry == nil || st.entry.State == nil {
		return Entry{}, fmt.Errorf("the journal holds no version of %q to repair it with\ntake the stored value over with `layer secret adopt`", d.ID)
	}
	if status == "" && a.Kind == Restamp {
		return Entry{}, fmt.Errorf("%q carries its receipt: nothing is to be repaired", d.ID)
	}
	if a.Kind == Rewrite && st.receipt().Version > st.entry.State.Current {
		return p.goOn(d, out, st, a)
	}
	return p.ask(d, out, st, a, *st.entry.State, nil)
}

// goOn rewrites a secret whose store is at a version that the journal does not
// call written: readers have it, so there is no way back to an older one. The
// version is made again if it was announced; else a newer one is.
func (p *planner) goOn(d secret.Declaration, out Entry, st standing, a Alteration) (Entry, error) {
	state := *st.entry.State
	from, announced := resume(st.unfinished)
	if !announced || from.number != st.receipt().Version {
		if d.External() {
			return Entry{}, fmt.Errorf("%q is supplied by an operator, and the journal does not hold %s\ngive its value anew with %s", d.ID, st.receipt().Version, p.command("secret set "+Quote(string(d.ID))+" --value-env VAR"))
		}
		from = p.derived(d, st.nextNumber())
	}
	out.DueAt = p.schedule(d, out, st.entry).DueAt
	return p.ask(d, out, st, a, rotated(p.permitted(d, state), state, from, !out.DueAt.IsZero(), p.in.Now), nil)
}
