package plan

import (
	"fmt"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/keyring"
	"github.com/layeron/rotate/internal/secret"
)

// supply makes a value from outside the next version. What is retained stays, and
// so does the stored form: a change of it that waits for leave finds the value
// sealed.
func (p *planner) supply(d secret.Declaration, out Entry, st standing, a Alteration) (Entry, error) {
	ring := keyring.Decode(a.Value, "")
	if ring.Versioned {
		return p.imported(d, out, st, a, ring)
	}
	from := p.outside(d, st.nextNumber())
	supplied := map[secret.Version]secret.Value{from.number: a.Value}
	if st.entry == nil || st.entry.State == nil {
		return p.ask(d, out, st, a, first(d, lineage(st), from, p.in.Now), supplied)
	}
	permitted := p.permitted(d, *st.entry.State)
	if permitted.Retain().Versioned() {
		from.origin = journal.Sealed
	}
	out.DueAt = p.schedule(d, out, st.entry).DueAt
	return p.ask(d, out, st, a, rotated(permitted, *st.entry.State, from, !out.DueAt.IsZero(), p.in.Now), supplied)
}

// outside is the source of a value from outside: sealed where retention needs
// it again, else in the store only.
func (p *planner) outside(d secret.Declaration, number secret.Version) source {
	from := source{number: number, origin: journal.External, rootKey: p.in.Ring.First().Fingerprint()}
	if d.Retain().Versioned() {
		from.origin = journal.Sealed
	}
	return from
}

// imported takes over a value that is versioned already, version by version,
// under the numbers it has.
func (p *planner) imported(d secret.Declaration, out Entry, st standing, a Alteration, ring keyring.Keyring) (Entry, error) {
	switch {
	case !d.Retain().Versioned():
		return Entry{}, fmt.Errorf("%q keeps no old versions, and the value given is versioned JSON\ngive the plain value, or declare a retention", d.ID)
	case !p.importable(d, st, ring):
		return Entry{}, fmt.Errorf("%q has versions already, and those of the value given would stand for other values\ngive the plain value: it becomes %s", d.ID, st.nextNumber())
	}
	state := journal.State{StoreName: d.StoreName, Lineage: lineage(st), Anchor: p.in.Now, SlotTaken: reached(d, p.in.Now, p.in.Now), Policy: d.Rotation}
	supplied := map[secret.Version]secret.Value{}
	for _, v := range ring.Versions {
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
		if v.ID == ring.Current {
			state.Current = number
		}
	}
	date(&state, p.in.Now)
	return p.ask(d, out, st, a, retained(d, state, p.in.Now), supplied)
}

// importable tells whether the versions of a value given stand for no other
// value: there are none yet, or the same import was announced and not finished.
func (p *planner) importable(d secret.Declaration, st standing, ring keyring.Keyring) bool {
	if st.entry == nil || st.entry.LastVersion() == 0 {
		return st.receipt().Version == 0
	}
	if st.entry.State != nil || st.unfinished == nil {
		return false
	}
	announced := *st.unfinished.Next
	for _, v := range announced.Versions {
		given, held := ring.Find(v.Number.String())
		if v.Gone {
			continue
		}
		key, err := p.in.Ring.Key(v.RootKey)
		if err != nil || !held || v.Origin != journal.Sealed {
			return false
		}
		value, err := key.Open(Context(p.in.Document.Environment, d.ID, announced, v.Number), v.Sealed)
		if err != nil || !value.Equal(given.Value) {
			return false
		}
	}
	return true
}

// date fills in when imported versions began and were superseded. The current
// one never expires.
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
