package plan

import (
	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/secret"
)

// standing is what journal and store together say about one secret. It is one of
// blocked, unmanaged, unwritten and managed. Rotations and alterations both start
// from it.
type standing interface{ held() record }

type (
	// blocked is a secret that must be left alone, and why.
	blocked struct {
		record
		status Status
		reason string
	}
	// unmanaged is a secret in the store that layer did not write, or may not.
	unmanaged struct{ record }
	// unwritten is a secret without a recorded state.
	unwritten struct{ record }
	// managed is a secret with a recorded state.
	managed struct {
		record
		// repair is what has to be repaired even if nothing is due:
		// ReceiptAhead, ReceiptBehind, Missing, UnfinishedIntent, or "".
		repair Status
	}
)

// record is a secret's entry in the journal and the secret in the store.
// Reconciling may have replaced the entry with the recovered one, or recorded an
// intent that the receipt confirms.
type record struct {
	entry  *journal.Entry // nil: none
	stored *secret.Stored // nil: not in the store, or the store was not consulted
}

func (r record) held() record { return r }

// state returns the recorded state, or nil.
func (r record) state() *journal.State {
	if r.entry == nil {
		return nil
	}
	return r.entry.State
}

// unfinished returns the intent that must be dated again and written, or nil: an
// open one whose run has ended, or one that was not sent.
func (r record) unfinished() *journal.Intent {
	if r.entry == nil || r.entry.Intent == nil {
		return nil
	}
	if outcome := r.entry.Intent.Outcome; outcome != "" && outcome != journal.Unsent {
		return nil
	}
	return r.entry.Intent
}

// lineage returns the secret's lineage, or "" if it has none yet.
func (r record) lineage() rootkey.Lineage {
	if r.entry == nil {
		return ""
	}
	return r.entry.Lineage()
}

// farAhead is how many serials or versions a receipt may be ahead of the journal
// to be believed. No journal loses more changes than that, and anyone who may
// edit the comment can write any number.
const farAhead = 10_000

// receipt returns the receipt in the store's comment, or the zero receipt.
func (r record) receipt() journal.Receipt {
	if r.stored == nil {
		return journal.Receipt{}
	}
	receipt, _ := journal.ParseReceipt(r.stored.Comment)
	serial, version := 0, secret.Version(0)
	if r.entry != nil {
		serial, version = r.entry.Serial, r.entry.LastVersion()
	}
	if receipt.Serial-serial > farAhead || receipt.Version-version > farAhead {
		return journal.Receipt{}
	}
	return receipt
}

// nextVersion returns the first version above all that the journal has used.
func (r record) nextVersion() secret.Version {
	if r.entry == nil {
		return 1
	}
	return r.entry.LastVersion() + 1
}

// unusedVersion returns a version above all that journal and receipt name.
func (r record) unusedVersion() secret.Version {
	return max(r.nextVersion(), r.receipt().Version+1)
}

func (r record) blocked(status Status, reason string) standing { return blocked{r, status, reason} }

// usable returns the standing of a record that nothing blocks.
func (r record) usable(repair Status) standing {
	if r.state() == nil {
		return unwritten{r}
	}
	return managed{r, repair}
}
