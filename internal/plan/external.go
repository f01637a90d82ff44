package plan

import (
	"fmt"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/keyring"
	"github.com/layeron/rotate/internal/secret"
)

// supply makes a value from outside the next version. Retained versions and the
// stored form stay. If a change of the form still needs --allow-destructive, the
// value is sealed, so that the change can follow.
func (p *planner) supply(out Entry, r request) (Entry, error) {
	if r.a.Kind == Adopt && r.status == "" {
		return Entry{}, fmt.Errorf("%q needs no adoption\nto give it a new value, use `layer secret set`", r.d.ID)
	}
	if given := keyring.Decode(r.a.Value, ""); given.Versioned {
		return p.imported(out, r, given)
	}
	from := p.outside(r.d, r.unusedVersion())
	supplied := map[secret.Version]secret.Value{from.number: r.a.Value}
	state := r.state()
	if state == nil {
		return p.ask(out, r, first(r.d, r.lineage(), from, p.in.Now), supplied), nil
	}
	permitted := p.permitted(r.d, *state)
	if permitted.Retain().Versioned() {
		from.origin = journal.Sealed
	}
	out.DueAt = p.schedule(r.d, out, r.record).DueAt
	return p.ask(out, r, rotated(permitted, *state, from, !out.DueAt.IsZero(), p.in.Now), supplied), nil
}

// outside returns the source of a value from outside. The value is sealed if its
// retention needs it again; otherwise only the store has it.
func (p *planner) outside(d secret.Declaration, number secret.Version) source {
	from := source{number: number, origin: journal.External, rootKey: p.in.Ring.First().Fingerprint()}
	if d.Retain().Versioned() {
		from.origin = journal.Sealed
	}
	return from
}

// imported takes over a value that is already versioned. Each version keeps its
// id.
func (p *planner) imported(out Entry, r request, given keyring.Keyring) (Entry, error) {
	d := r.d
	switch {
	case !d.Retain().Versioned():
		return Entry{}, fmt.Errorf("%q keeps no old versions, and the value given is versioned JSON\ngive the plain value, or declare a retention", d.ID)
	case !p.importable(r, given):
		return Entry{}, fmt.Errorf("%q has versions already, and those of the value given have other values under the same ids\ngive the plain value: it becomes %s", d.ID, r.unusedVersion())
	}
	state := journal.State{StoreName: d.StoreName, Lineage: r.lineage(), Anchor: p.in.Now, SlotTaken: reached(d, p.in.Now, p.in.Now), Policy: d.Rotation}
	supplied := map[secret.Version]secret.Value{}
	for _, v := range given.Versions {
		number, err := secret.ParseVersion(v.ID)
		if err != nil {
			return Entry{}, fmt.Errorf("%q: version %q of the value given: %w", d.ID, v.ID, err)
		}
		held := p.outside(d, number).version(v.ActiveFrom)
		held.Encoding, held.ExpiresAt = v.Encoding, v.ExpiresAt
		if v.Gone {
			held = journal.Version{Number: number, ActiveFrom: v.ActiveFrom, Gone: true}
		} else {
			supplied[number] = v.Value
		}
		state.Versions = append(state.Versions, held)
		state.LastVersion = max(state.LastVersion, number)
		if v.ID == given.Current {
			state.Current = number
		}
	}
	date(&state, p.in.Now)
	return p.ask(out, r, retained(d, state, p.in.Now), supplied), nil
}

// importable reports whether the versions of a value can keep their ids: the
// secret has none yet, or the same import was announced and not finished.
func (p *planner) importable(r request, given keyring.Keyring) bool {
	if r.entry == nil || r.entry.LastVersion() == 0 {
		return r.receipt().Version == 0
	}
	unfinished := r.unfinished()
	if r.state() != nil || unfinished == nil {
		return false
	}
	announced := *unfinished.Next
	for _, v := range announced.Versions {
		again, held := given.Find(v.Number.String())
		if v.Gone {
			continue
		}
		key, err := p.in.Ring.Key(v.RootKey)
		if err != nil || !held || v.Origin != journal.Sealed {
			return false
		}
		value, err := key.Open(Context(p.in.Document.Environment, r.d.ID, announced, v.Number), v.Sealed)
		if err != nil || !value.Equal(again.Value) {
			return false
		}
	}
	return true
}

// date fills in when imported versions became active and were superseded. The
// current one never expires.
func date(state *journal.State, now secret.Instant) {
	superseded := now
	for i := len(state.Versions) - 1; i >= 0; i-- {
		v := &state.Versions[i]
		if v.Number == state.Current {
			v.ExpiresAt = secret.Instant{}
			if v.ActiveFrom.IsZero() {
				v.ActiveFrom = now
			}
			state.Anchor = v.ActiveFrom
		} else if v.Number < state.Current && !v.Gone {
			v.SupersededAt = superseded
		}
		if !v.ActiveFrom.IsZero() {
			superseded = v.ActiveFrom
		}
	}
}
