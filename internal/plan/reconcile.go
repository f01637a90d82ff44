package plan

import (
	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/secret"
)

// planner holds what is worked out once for all secrets.
type planner struct {
	in          Input
	stored      map[string]*secret.Stored // by store name
	tampered    map[secret.ID]bool
	clockBehind bool // behind the journal
}

func newPlanner(in Input) *planner {
	p := &planner{in: in, stored: map[string]*secret.Stored{}}
	if in.Store != nil {
		for i := range in.Store.Secrets {
			p.stored[in.Store.Secrets[i].Name] = &in.Store.Secrets[i]
		}
	}
	if in.Journal != nil {
		if !in.Ring.Empty() {
			p.tampered = in.Journal.Tampered(in.Ring)
		}
		p.clockBehind = in.Journal.Newest(p.tampered).After(in.Now)
	}
	return p
}

// find returns the journal's entry of a secret, or nil, and its key.
func (p *planner) find(id secret.ID, storeName string) (*journal.Entry, secret.ID) {
	if p.in.Journal == nil {
		return nil, id
	}
	return p.in.Journal.Find(id, storeName)
}

// reconcile compares a declared secret's entry with the store.
func (p *planner) reconcile(d secret.Declaration) standing {
	e, key := p.find(d.ID, d.StoreName)
	r := record{e, p.stored[d.StoreName]}
	_, conflict := p.in.Conflicts[key]
	switch {
	case p.clockBehind:
		return r.blocked(p.wrongClock())
	case p.tampered[key] || p.tampered[d.ID]: // the latter would be displaced, and signed with the rest
		return r.blocked(JournalTampered, "its entry in the journal is not signed with this root key")
	case d.ProductOwned():
		return unmanaged{r}
	case conflict:
		return r.blocked(JournalConflict, "base and bot branch disagree, and the store's receipt matches neither")
	case r.stored == nil:
		return p.absent(r)
	case r.stored.Status == "deleted":
		return r.blocked(InFlight, "the store is still deleting a secret of this name")
	}
	receipt, ok := journal.ParseReceipt(r.stored.Comment)
	switch {
	case !ok && e == nil:
		return unmanaged{r}
	case !ok:
		return r.blocked(AdoptionRequired, "the store's comment carries no receipt, though the journal knows this secret")
	case !p.owns(receipt):
		return r.blocked(ForeignOwner, "the value in the store was written for another journal")
	case e == nil:
		return p.recover(d.ID, r, receipt, "the store holds "+receipt.Version.String()+" written by layer, and the journal has no entry for it")
	case receipt.Lineage != e.Lineage():
		return r.blocked(ForeignOwner, "the value in the store has another lineage")
	}
	return p.compare(d.ID, r, receipt)
}

func (p *planner) wrongClock() (Status, string) {
	return ClockBehindJournal, "the journal has entries dated after " + p.in.Now.Text()
}

// absent returns the standing of a secret that the store does not have, or was
// not asked for.
func (p *planner) absent(r record) standing {
	switch {
	case r.entry != nil && p.inFlight(r.entry):
		return r.blocked(inFlight(r.entry))
	case p.in.Store != nil:
		return r.usable(Missing)
	}
	return r.usable("")
}

// compare decides by serial and state tag whether journal or store is ahead.
func (p *planner) compare(id secret.ID, r record, receipt journal.Receipt) standing {
	e, stateSerial := r.entry, 0
	if e.State != nil {
		stateSerial = e.State.Serial
	}
	switch {
	case e.Intent != nil && receipt.Names(e.Intent.Next):
		return r.landed(UnfinishedIntent)
	case receipt.Names(e.State):
		return p.inStep(r)
	case receipt.Serial > e.Serial:
		return p.recover(id, r, receipt, "the store holds "+receipt.Version.String()+", written by a later journal than this one")
	case receipt.Serial < stateSerial, receipt.Serial < e.Serial && r.late(receipt):
		return p.behind(r)
	}
	return r.blocked(JournalConflict, "journal and store disagree on the same write")
}

// recover continues with the entry in the receipt's commit. lost is the reason if
// that entry cannot be used.
func (p *planner) recover(id secret.ID, r record, receipt journal.Receipt, lost string) standing {
	entry, ok := p.in.Recovered[id]
	if !ok || entry.Lineage() != receipt.Lineage || r.entry != nil && entry.Serial < receipt.Serial {
		return r.blocked(JournalLost, lost)
	}
	recovered := record{entry, r.stored}
	switch {
	case entry.Intent != nil && receipt.Names(entry.Intent.Next):
		return recovered.landed(ReceiptAhead)
	case receipt.Names(entry.State):
		st := p.inStep(recovered)
		if m, ok := st.(managed); ok {
			m.repair = ReceiptAhead
			return m
		}
		return st
	}
	return r.blocked(JournalLost, "the commit named in the receipt does not hold what was written")
}

// landed returns the standing after a write that only the store's receipt
// confirms. If the secret changed after the last instant at which that write can
// have arrived, a person may have changed the value and left the comment. Then
// the change is not recorded as ours, and this run or a later one writes again
// what was announced.
func (r record) landed(repair Status) standing {
	ours := observed(r.stored)
	if last := r.entry.Intent.WriteBefore.Add(Lapse); r.stored.Modified.After(last) {
		ours.Modified, repair = last, ReceiptBehind
	}
	return managed{record{r.entry.Recorded(ours), r.stored}, repair}
}

// inStep returns the standing of a secret whose receipt matches the journal's
// state. The value may still have been changed under an unchanged comment.
func (p *planner) inStep(r record) standing {
	switch e := r.entry; {
	case e.Observed != nil && e.Observed.SecretID != r.stored.ID:
		return r.blocked(Drift, "the secret was deleted and created again in the store")
	case drifted(e, r.stored) && rewrites(r.unfinished()):
		return p.behind(r)
	case drifted(e, r.stored):
		return r.blocked(Drift, "the value was changed in the store at "+r.stored.Modified.Text())
	case p.inFlight(e):
		return r.blocked(inFlight(e))
	}
	return record{seen(r.entry, r.stored), r.stored}.usable("")
}

// seen returns the entry with a late request of ours recorded as observed, so
// that after a later intent the change does not look like a person's.
func seen(e *journal.Entry, s *secret.Stored) *journal.Entry {
	if e.Observed == nil || !s.Modified.After(e.Observed.Modified) {
		return e
	}
	now, entry := observed(s), *e
	entry.Observed = &now
	return &entry
}

// rewrites reports whether an intent writes again what was recorded, whatever
// the store held.
func rewrites(intent *journal.Intent) bool {
	return intent != nil && intent.Action == string(Recover)
}

// late reports whether a receipt was sent before the unfinished intent was dated
// again: a stalled run's write arrived after another run had taken over.
func (r record) late(receipt journal.Receipt) bool {
	intent := r.unfinished()
	return intent != nil && intent.Version == receipt.Version
}

// behind returns the standing of a secret for which the store holds an older
// value than was recorded. A late request or a person put it there.
func (p *planner) behind(r record) standing {
	if p.inFlight(r.entry) {
		return r.blocked(inFlight(r.entry))
	}
	return r.usable(ReceiptBehind)
}

// drifted reports whether a secret was changed later than recorded, at a time
// when no request of ours can have arrived.
func drifted(e *journal.Entry, s *secret.Stored) bool {
	if e.Observed != nil && !s.Modified.After(e.Observed.Modified) {
		return false
	}
	if e.Intent == nil {
		return true
	}
	last := e.Intent.WriteBefore
	return s.Modified.After(last.Add(Lapse)) || s.Modified.Before(last.Add(-Window-Lapse))
}

// inFlight reports whether an entry has an open intent of another run whose
// writes may still arrive.
func (p *planner) inFlight(e *journal.Entry) bool {
	open := e.Open()
	return open != nil && !p.in.Exclusive && p.in.Now.Before(open.WriteBefore.Add(Lapse))
}

func inFlight(e *journal.Entry) (Status, string) {
	return InFlight, "another run may still be writing it, until " + e.Intent.WriteBefore.Add(Lapse).Text()
}

func observed(s *secret.Stored) journal.Observed {
	return journal.Observed{SecretID: s.ID, Modified: s.Modified}
}

// owns reports whether a receipt names this journal's owner, present or former.
// Without a journal, a repository is identified by its id, and the receipt of a
// file by its root key. If there is no root key either, every receipt is ours.
func (p *planner) owns(r journal.Receipt) bool {
	switch {
	case p.in.Journal != nil:
		return p.in.Journal.Owns(r)
	case p.in.Owner.RepositoryID != 0:
		return p.in.Owner.Tag(p.in.Document.Environment) == r.Owner
	case p.in.Ring.Empty():
		return true
	}
	_, err := p.in.Ring.Key(r.RootKey)
	return err == nil
}
