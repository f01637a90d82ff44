package plan

import (
	"fmt"

	"github.com/layeron/rotate/internal/journal"
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
	case p.tampered[key] || p.tampered[d.ID]:
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
	if external && (kind == Set || kind == Adopt) && (status == JournalLost || status == ForeignOwner || status == JournalConflict) {
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

// farAhead is how far a receipt may be ahead of the journal to be believed: no
// journal was ever lost for so many changes, and anyone who may edit the comment
// can write any number.
const farAhead = 10_000

// receipt is what the store's comment tells; the zero receipt is none.
func (st standing) receipt() journal.Receipt {
	if st.stored == nil {
		return journal.Receipt{}
	}
	receipt, _ := journal.ParseReceipt(st.stored.Comment)
	serial, version := 0, secret.Version(0)
	if st.entry != nil {
		serial, version = st.entry.Serial, st.entry.LastVersion()
	}
	if receipt.Serial-serial > farAhead || receipt.Version-version > farAhead {
		return journal.Receipt{}
	}
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
