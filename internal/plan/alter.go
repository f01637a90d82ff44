package plan

import (
	"fmt"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/keyring"
	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/secret"
)

// Alteration is a change of one secret that somebody asked for by name, with a
// reason: the ways out of what blocks a secret, and values from outside.
type Alteration struct {
	Kind    AlterationKind
	Value   secret.Value   // for Set and Adopt
	Version secret.Version // for Revoke
}

// AlterationKind says what is asked for.
type AlterationKind string

// The alterations (DESIGN §8).
const (
	// Set makes a value from outside the next version.
	Set AlterationKind = "set"
	// Adopt takes over a secret whose current value is given.
	Adopt AlterationKind = "adopt"
	// Discard takes over a secret and replaces its value, which nobody knows.
	Discard AlterationKind = "discard"
	// Revoke takes a version out of the stored value at once.
	Revoke AlterationKind = "revoke"
	// Rewrite writes what the journal says over whatever the store holds.
	Rewrite AlterationKind = "rewrite"
	// Restamp puts the receipt back and trusts the value.
	Restamp AlterationKind = "restamp"
	// Claim takes a secret from another journal.
	Claim AlterationKind = "claim"
)

// overrides is what each alteration is the answer to. Whatever else blocks a
// secret blocks its alteration too.
var overrides = map[AlterationKind][]Status{
	Set:     {AdoptionRequired, Drift},
	Adopt:   {AdoptionRequired, Drift},
	Discard: {AdoptionRequired, Drift, JournalLost},
	Rewrite: {AdoptionRequired, Drift, JournalConflict},
	Restamp: {AdoptionRequired},
	Claim:   {ForeignOwner},
}

// Alter plans an alteration of one declared secret. It fails where the
// alteration is no answer to how the secret stands.
func Alter(in Input, d secret.Declaration, a Alteration) (Entry, error) {
	p := newPlanner(in)
	e, key := p.find(d.ID, d.StoreName)
	out := Entry{ID: d.ID, Kind: d.Kind, StoreName: d.StoreName, Retain: d.Retain(), Source: d.Source, Reason: in.Request.Reason}
	stored := p.stored[d.StoreName]
	st := p.reconcile(d.ID, e, stored)
	switch {
	case p.clockBehind:
		st = blocked(ClockBehindJournal, "the journal tells of instants after "+in.Now.Text())
	case p.tampered[key]:
		st = blocked(JournalTampered, "its entry in the journal was not made with this root key")
	case d.ProductOwned():
		return Entry{}, fmt.Errorf("%q belongs to %s, which alone can make its value: write what it made with `layer secret set %s`", d.ID, d.Ownership.OwnerProduct, d.StoreName)
	}
	status := st.status()
	if status != "" && !overridden(a.Kind, status, d.External()) {
		return Entry{}, p.refusal(out, st)
	}
	st = standing{entry: firstEntry(st.entry, e), stored: stored, repair: st.repair}
	if st.entry != nil {
		st.unfinished = unfinished(st.entry)
	}
	if st.entry != nil && st.entry.State != nil {
		out.Current, out.Versions = st.entry.State.Current, Versions(st.entry.State, in.Now)
	}
	return p.alter(d, out, st, status, a)
}

// status is how a secret stands, where that blocks it.
func (st standing) status() Status {
	switch {
	case st.block != nil:
		return st.block.status
	case st.unmanaged:
		return AdoptionRequired
	}
	return ""
}

// overridden tells whether an alteration is the answer to how a secret stands. A
// value that an operator supplies cannot be made anew, so giving it is the answer
// to what discarding and claiming are for the others.
func overridden(kind AlterationKind, status Status, external bool) bool {
	if external && (kind == Set || kind == Adopt) && (status == JournalLost || status == ForeignOwner) {
		return true
	}
	for _, s := range overrides[kind] {
		if s == status {
			return true
		}
	}
	return false
}

func firstEntry(a, b *journal.Entry) *journal.Entry {
	if a != nil {
		return a
	}
	return b
}

// refusal says why an alteration is no way out, and what is.
func (p *planner) refusal(out Entry, st standing) error {
	reason := "the store holds a value that layer did not write"
	if st.block != nil {
		reason = st.block.reason
	}
	blocked := p.block(out, st.status(), reason)
	return fmt.Errorf("%q is blocked as %s: %s\n%s", out.ID, blocked.Status, reason, blocked.Advice)
}

func (p *planner) alter(d secret.Declaration, out Entry, st standing, status Status, a Alteration) (Entry, error) {
	switch a.Kind {
	case Set:
		return p.supply(d, out, st, a)
	case Adopt:
		if status == "" {
			return Entry{}, fmt.Errorf("%q needs no adoption\nto give it a new value, use `layer secret set`", d.ID)
		}
		return p.supply(d, out, st, a)
	case Discard, Claim:
		return p.startAnew(d, out, st, status, a)
	case Revoke:
		return p.revoke(d, out, st, a)
	case Rewrite, Restamp:
		return p.repair(d, out, st, status, a)
	}
	return Entry{}, fmt.Errorf("there is no alteration %q", a.Kind)
}

// supply makes a value from outside the next version. What is retained stays.
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
	if status, reason := change(Retain(*st.entry.State), d.Retain()); status != "" && !p.in.Request.AllowDestructive {
		return Entry{}, fmt.Errorf("%q: %s\nallow that first: %s", d.ID, reason, p.command("secret rotate --apply --allow-destructive --only "+quote(string(d.ID))))
	}
	due := p.schedule(d, out, st.entry).DueAt
	out.DueAt = due
	return p.ask(d, out, st, a, rotated(d, *st.entry.State, from, !due.IsZero(), p.in.Now), supplied)
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
		return p.ask(d, out, st, a, rotated(d, *st.entry.State, from, false, p.in.Now), nil)
	}
	return p.ask(d, out, st, a, first(d, "", from, p.in.Now), nil)
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
		return Entry{}, fmt.Errorf("%q does not hold %s\nsee `layer secret versions %s`", d.ID, a.Version, quote(string(d.ID)))
	case a.Version == state.Current && d.External():
		return Entry{}, fmt.Errorf("%s is the current version of %q, which an operator supplies\nset a new value first, then revoke this one", a.Version, d.ID)
	case a.Version == state.Current:
		state = rotated(d, state, p.derived(d, nextVersion(st.entry)), false, p.in.Now)
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

// ask plans the write of a state that was asked for.
func (p *planner) ask(d secret.Declaration, out Entry, st standing, a Alteration, next journal.State, supplied map[secret.Version]secret.Value) (Entry, error) {
	out.Action, out.Status = Rotate, Forced
	if out.Current == 0 {
		out.Action = Create
	}
	if next.Current == out.Current {
		out.Action = Recover
	}
	if next.Current != out.Current {
		out.Next = next.Current
	}
	st.supplied, st.commentOnly = supplied, a.Kind == Restamp
	if receipt := st.receipt(); st.entry != nil && receipt.Serial > st.entry.Serial {
		// A later journal that is lost now may come back: its serials stay taken.
		base := *st.entry
		base.Serial = receipt.Serial
		st.entry = &base
	}
	out = p.write(d, out, st, next)
	if out.Action == Blocked {
		return Entry{}, fmt.Errorf("%q: %s\n%s", d.ID, out.Reason, out.Advice)
	}
	out.Change.Intent.Action = string(a.Kind)
	return out, nil
}

// receipt is what the store's comment tells; the zero receipt is none.
func (st standing) receipt() journal.Receipt {
	if st.stored == nil {
		return journal.Receipt{}
	}
	receipt, _ := journal.ParseReceipt(st.stored.Comment)
	return receipt
}

// nextNumber is above all that the journal or the store's receipt ever named.
func (st standing) nextNumber() secret.Version {
	return max(nextVersion(st.entry), st.receipt().Version+1)
}

// lineage is the one that a secret has, or none yet.
func lineage(st standing) rootkey.Lineage {
	if st.entry == nil {
		return ""
	}
	return st.entry.Lineage()
}
