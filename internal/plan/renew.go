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
		return p.ask(d, out, st, a, p.replaced(d, *st.entry.State, from), nil)
	}
	return p.ask(d, out, st, a, first(d, "", from, p.in.Now), nil)
}

// replaced is the state with another current version. Where the declared
// retention may not be applied it is the one under which versions were promised:
// what is urgent neither waits for leave nor destroys what needs it.
func (p *planner) replaced(d secret.Declaration, state journal.State, from source) journal.State {
	if status, _ := change(Retain(state), d.Retain()); status != "" && !p.in.Request.AllowDestructive {
		d.Rotation = state.Policy
	}
	return rotated(d, state, from, false, p.in.Now)
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
		state = p.replaced(d, state, p.derived(d, nextVersion(st.entry)))
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
	return p.ask(d, out, st, a, *st.entry.State, nil)
}
