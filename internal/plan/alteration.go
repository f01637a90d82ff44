package plan

import (
	"slices"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/secret"
)

// Alteration is a change of one secret that an operator asks for by name: a
// value from outside, a revocation, or the answer to what blocks the secret.
type Alteration struct {
	Kind    AlterationKind
	Value   secret.Value   // for Set and Adopt
	Version secret.Version // for Revoke
}

// AlterationKind is what an operator asks for.
type AlterationKind string

// The alterations, as docs/design/protocol.md describes them.
const (
	// Set makes a value from outside the next version.
	Set AlterationKind = "set"
	// Adopt takes over a secret whose current value is given.
	Adopt AlterationKind = "adopt"
	// Discard takes over a secret and replaces its value, which is not known.
	Discard AlterationKind = "discard"
	// Revoke removes a version from the stored value at once.
	Revoke AlterationKind = "revoke"
	// Rewrite writes the journal's value over whatever the store holds.
	Rewrite AlterationKind = "rewrite"
	// Restamp writes the receipt again and trusts the stored value.
	Restamp AlterationKind = "restamp"
	// Claim takes a secret from another journal.
	Claim AlterationKind = "claim"
)

// answers lists what each alteration unblocks. Any other status blocks the
// alteration, too.
var answers = map[AlterationKind][]Status{
	Set:     {AdoptionRequired, Drift},
	Adopt:   {AdoptionRequired, Drift},
	Discard: {AdoptionRequired, Drift, JournalLost},
	Rewrite: {AdoptionRequired, Drift, JournalConflict},
	Restamp: {AdoptionRequired},
	Claim:   {ForeignOwner},
}

// externalAnswers lists what giving a value also unblocks if only an operator can
// supply it: such a secret can be neither discarded nor claimed.
var externalAnswers = []Status{JournalLost, ForeignOwner, JournalConflict}

func (a Alteration) answers(status Status, external bool) bool {
	if external && (a.Kind == Set || a.Kind == Adopt) && slices.Contains(externalAnswers, status) {
		return true
	}
	return slices.Contains(answers[a.Kind], status)
}

// request is one alteration being planned.
type request struct {
	record
	d      secret.Declaration
	a      Alteration
	status Status // that the alteration answers; "" if nothing blocks the secret
}

// ask plans the write of a state that an operator asked for.
func (p *planner) ask(out Entry, r request, next journal.State, supplied map[secret.Version]secret.Value) Entry {
	out.Action, out.Status = Rotate, Forced
	switch out.Current {
	case 0:
		out.Action, out.Next = Create, next.Current
	case next.Current:
		out.Action = Recover
	default:
		out.Next = next.Current
	}
	w := draft{record: r.record, next: next, intent: string(r.a.Kind), supplied: supplied, commentOnly: r.a.Kind == Restamp}
	if receipt := r.receipt(); w.entry != nil && receipt.Serial > w.entry.Serial {
		// A later journal that is lost now may come back: its serials stay taken.
		base := *w.entry
		base.Serial = receipt.Serial
		w.entry = &base
	}
	return p.write(r.d, out, w)
}

// permitted returns the declaration with the retention that an alteration may
// apply.
func (p *planner) permitted(d secret.Declaration, state journal.State) secret.Declaration {
	return permitted(d, state, p.in.Request.AllowDestructive)
}
