package plan

import (
	"fmt"
	"strings"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/secret"
)

// alter plans an alteration of one declared secret. It returns a blocked entry if
// the secret's standing does not allow the alteration, and an error if the
// alteration makes no sense for the secret.
func (p *planner) alter(d secret.Declaration, a Alteration) (Entry, error) {
	st := p.reconcile(d)
	out := p.entry(d, st.held())
	out.Reason = p.in.Request.Reason
	r := request{record: st.held(), d: d, a: a}
	var reason string
	switch st := st.(type) {
	case blocked:
		r.status, reason = st.status, st.reason
	case unmanaged:
		r.status, reason = AdoptionRequired, notOurs
		if d.ProductOwned() {
			return Entry{}, fmt.Errorf("%q belongs to %s, which alone can make its value\nwrite what it made with `layer secret set %s`", d.ID, d.Ownership.OwnerProduct, d.StoreName)
		}
	}
	if r.status != "" && !a.answers(r.status, d.External()) {
		return block(out, r.status, reason), nil
	}
	switch a.Kind {
	case Set, Adopt:
		return p.supply(out, r)
	case Discard, Claim:
		return p.replace(out, r)
	case Revoke:
		return p.revoke(out, r)
	case Rewrite, Restamp:
		return p.repair(out, r)
	}
	return Entry{}, fmt.Errorf("%q is not an alteration", a.Kind)
}

// replace gives a secret whose value is not known a new one. Its id is above all
// that the store's receipt or the journal name, so that no id gets a second
// value.
func (p *planner) replace(out Entry, r request) (Entry, error) {
	if r.status == "" {
		return Entry{}, fmt.Errorf("%q needs no adoption\nto replace its value now, use `layer secret rotate --force`", r.d.ID)
	}
	if r.d.External() {
		return Entry{}, fmt.Errorf("%q is supplied by an operator\ngive its value instead", r.d.ID)
	}
	from := p.derived(r.d, r.unusedVersion())
	if state := r.state(); state != nil {
		return p.ask(out, r, rotated(p.permitted(r.d, *state), *state, from, false, p.in.Now), nil), nil
	}
	return p.ask(out, r, first(r.d, "", from, p.in.Now), nil), nil
}

// revoke removes a version from the value. The current one is replaced in the
// same write, because there has to be one.
func (p *planner) revoke(out Entry, r request) (Entry, error) {
	if r.state() == nil {
		return Entry{}, fmt.Errorf("%q has no versions yet", r.d.ID)
	}
	state := *r.state()
	held, ok := state.Versions.Find(r.a.Version)
	switch {
	case !ok || held.Gone:
		return Entry{}, fmt.Errorf("%q does not hold %s\nit holds %s", r.d.ID, r.a.Version, heldVersions(state))
	case r.a.Version == state.Current && r.d.External():
		return Entry{}, fmt.Errorf("%s is the current version of %q, which an operator supplies\nset a new value first, then revoke this one", r.a.Version, r.d.ID)
	case r.a.Version == state.Current:
		state = rotated(p.permitted(r.d, state), state, p.derived(r.d, r.nextVersion()), false, p.in.Now)
	}
	return p.ask(out, r, without(state, r.a.Version), nil), nil
}

// heldVersions names the versions whose values a secret still has.
func heldVersions(state journal.State) string {
	var names []string
	for _, v := range state.Versions {
		if !v.Gone {
			names = append(names, v.Number.String())
		}
	}
	return strings.Join(names, ", ")
}

// repair brings the store back to what the journal says.
func (p *planner) repair(out Entry, r request) (Entry, error) {
	if r.state() == nil {
		return Entry{}, fmt.Errorf("the journal holds no version of %q to repair it with\ntake the stored value over with `layer secret adopt`", r.d.ID)
	}
	if r.status == "" && r.a.Kind == Restamp {
		return Entry{}, fmt.Errorf("%q carries its receipt: there is nothing to repair", r.d.ID)
	}
	if r.a.Kind == Rewrite && r.receipt().Version > r.state().Current {
		return p.rewriteNewer(out, r), nil
	}
	return p.ask(out, r, *r.state(), nil), nil
}

// rewriteNewer rewrites a secret for which the store holds a version that the
// journal does not record as written. Readers may have it, so no older one may
// replace it: that version is made again if it was announced, else a newer one.
func (p *planner) rewriteNewer(out Entry, r request) Entry {
	state := *r.state()
	from, announced := resume(r.unfinished())
	if !announced || from.number != r.receipt().Version {
		if r.d.External() {
			return block(out, ExternalValueRequired, "an operator supplies its value, and the journal does not hold "+r.receipt().Version.String())
		}
		from = p.derived(r.d, r.unusedVersion())
	}
	out.DueAt = p.schedule(r.d, out, r.record).DueAt
	return p.ask(out, r, rotated(p.permitted(r.d, state), state, from, !out.DueAt.IsZero(), p.in.Now), nil)
}
