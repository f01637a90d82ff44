package plan

import (
	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/secret"
)

// standing is what is known of one secret after journal and store were held
// against each other (DESIGN §7.2).
type standing struct {
	// entry is the journal's, with an intent that was found written recorded,
	// or the recovered one. Nil: never written.
	entry  *journal.Entry
	stored *secret.Stored
	// repair is the status of what has to be put right even if nothing is due:
	// ReceiptAhead, ReceiptBehind, Missing, UnfinishedIntent, or none.
	repair Status
	// unfinished is an intent that nobody wrote: its version has to be written.
	unfinished *journal.Intent
	// unmanaged: it is in the store, and we have nothing to do with it.
	unmanaged bool
	block     *block

	// supplied are values from outside that a write is the first to hold, and
	// commentOnly a write that leaves the value alone; both are asked for.
	supplied    map[secret.Version]secret.Value
	commentOnly bool
}

// block is a reason to leave a secret alone.
type block struct {
	status Status
	reason string
}

func blocked(status Status, reason string) standing {
	return standing{block: &block{status, reason}}
}

// reconcile compares a secret's entry with what the store tells of it.
func (p *planner) reconcile(id secret.ID, e *journal.Entry, s *secret.Stored) standing {
	switch {
	case e == nil && s == nil:
		return standing{}
	case s == nil:
		return p.absent(e)
	case s.Status == "deleted":
		return blocked(InFlight, "the store is still deleting a secret of this name")
	}
	receipt, ok := journal.ParseReceipt(s.Comment)
	switch {
	case !ok && e == nil:
		return standing{stored: s, unmanaged: true}
	case !ok:
		return blocked(AdoptionRequired, "the store's comment carries no receipt, though the journal knows this secret")
	case !p.owns(receipt):
		return blocked(ForeignOwner, "the value in the store was written for another journal")
	case e == nil:
		return p.unjournalled(id, receipt, s)
	case receipt.Lineage != e.Lineage():
		return blocked(ForeignOwner, "the value in the store belongs to another life of this secret")
	}
	return p.compare(id, e, receipt, s)
}

// absent is a secret that the journal knows and the store, if it was asked,
// does not have.
func (p *planner) absent(e *journal.Entry) standing {
	if p.inFlight(e) {
		return blocked(InFlight, "another run may still be writing it, until "+e.Intent.WriteBefore.Add(Lapse).Text())
	}
	st := standing{entry: e, unfinished: unfinished(e)}
	if e.State != nil && p.in.Store != nil {
		st.repair = Missing
	}
	return st
}

// unjournalled is a receipt of ours that no entry belongs to.
func (p *planner) unjournalled(id secret.ID, r journal.Receipt, s *secret.Stored) standing {
	entry, ok := p.in.Recovered[id]
	if !ok || entry.Lineage() != r.Lineage {
		return blocked(JournalLost, "the store holds "+r.Version.String()+" written by layer, and the journal knows nothing of it")
	}
	return p.recovered(id, entry, r, s)
}

// compare decides by serial and state tag who is ahead.
func (p *planner) compare(id secret.ID, e *journal.Entry, r journal.Receipt, s *secret.Stored) standing {
	stateSerial := 0
	if e.State != nil {
		stateSerial = e.State.Serial
	}
	switch {
	case e.Intent != nil && r.Names(e.Intent.Next):
		return landed(e, s, UnfinishedIntent)
	case r.Names(e.State):
		return p.inStep(e, s)
	case r.Serial > e.Serial:
		entry, ok := p.in.Recovered[id]
		if !ok || entry.Lineage() != r.Lineage || entry.Serial < r.Serial {
			return blocked(JournalLost, "the store holds "+r.Version.String()+" of a later journal than the one at hand")
		}
		return p.recovered(id, entry, r, s)
	case r.Serial < stateSerial, r.Serial < e.Serial && late(e, r):
		return p.behind(e, s)
	}
	return blocked(JournalConflict, "journal and store tell different stories of the same write")
}

// recovered goes on with an entry that came from the receipt's commit.
func (p *planner) recovered(id secret.ID, e *journal.Entry, r journal.Receipt, s *secret.Stored) standing {
	switch {
	case e.Intent != nil && r.Names(e.Intent.Next):
		return landed(e, s, ReceiptAhead)
	case r.Names(e.State):
		st := p.inStep(e, s)
		if st.block == nil {
			st.repair = ReceiptAhead
		}
		return st
	}
	return blocked(JournalLost, "the commit named in the receipt does not hold what was written")
}

// landed is a write that only the store's receipt tells of. A change after the
// last instant at which it can have landed may be somebody's who left the
// comment. So it is not recorded as ours, and what was announced is written
// again, by this run or a later one.
func landed(e *journal.Entry, s *secret.Stored, repair Status) standing {
	ours := observed(s)
	if last := e.Intent.WriteBefore.Add(Lapse); s.Modified.After(last) {
		ours.Modified, repair = last, ReceiptBehind
	}
	return standing{entry: e.Recorded(ours), stored: s, repair: repair}
}

// inStep is a store that holds what the journal says, unless somebody changed
// the value and left the comment.
func (p *planner) inStep(e *journal.Entry, s *secret.Stored) standing {
	switch {
	case e.Observed != nil && e.Observed.SecretID != s.ID:
		return blocked(Drift, "the secret was deleted and made anew in the store")
	case drifted(e, s) && recovers(unfinished(e)):
		return p.behind(e, s)
	case drifted(e, s):
		return blocked(Drift, "the value was changed in the store at "+s.Modified.Text())
	case p.inFlight(e):
		return blocked(InFlight, "another run may still be writing it, until "+e.Intent.WriteBefore.Add(Lapse).Text())
	}
	return standing{entry: seen(e, s), stored: s, unfinished: unfinished(e)}
}

// seen is an entry with the change that a late request of ours made, so that a
// later intent does not make it look like somebody else's.
func seen(e *journal.Entry, s *secret.Stored) *journal.Entry {
	if e.Observed == nil || !s.Modified.After(e.Observed.Modified) {
		return e
	}
	now, entry := observed(s), *e
	entry.Observed = &now
	return &entry
}

// recovers tells that a run set out to write again what was recorded, whatever
// the store held.
func recovers(intent *journal.Intent) bool {
	return intent != nil && intent.Action == string(Recover)
}

// late tells that a receipt is of an earlier dating of the intent that is not
// finished: a stalled run's write landed after another run dated it anew.
func late(e *journal.Entry, r journal.Receipt) bool {
	intent := unfinished(e)
	return intent != nil && intent.Version == r.Version
}

// behind is a store that holds an older value than was recorded: a late request
// or a person put it there.
func (p *planner) behind(e *journal.Entry, s *secret.Stored) standing {
	if p.inFlight(e) {
		return blocked(InFlight, "another run may still be writing it, until "+e.Intent.WriteBefore.Add(Lapse).Text())
	}
	return standing{entry: e, stored: s, unfinished: unfinished(e), repair: ReceiptBehind}
}

// drifted: changed later than recorded, and not while a request of ours can have
// landed.
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

// inFlight: an open intent of another run whose writes may still arrive.
func (p *planner) inFlight(e *journal.Entry) bool {
	open := e.Open()
	return open != nil && !p.in.Exclusive && p.in.Now.Before(open.WriteBefore.Add(Lapse))
}

// unfinished is an intent that has to be dated anew and written: an open one
// whose maker is gone, or one of which nothing was sent.
func unfinished(e *journal.Entry) *journal.Intent {
	if e.Intent != nil && (e.Intent.Outcome == "" || e.Intent.Outcome == journal.Unsent) {
		return e.Intent
	}
	return nil
}

func observed(s *secret.Stored) journal.Observed {
	return journal.Observed{SecretID: s.ID, Modified: s.Modified}
}

// owns tells whether a receipt is ours: of this journal's owner, now or before.
// With no journal at all a repository is still known by its id; of a file, the
// root key tells whether it was ours, and without one nobody can say it was not.
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
