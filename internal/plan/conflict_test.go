package plan_test

import (
	"testing"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/secret"
)

// resolve resolves conflicts by the store's receipts, as a run does.
func (w *world) resolve(merged *journal.Journal, conflicts journal.Conflicts) {
	resolved := journal.Snapshot{Journal: merged, Conflicts: conflicts}.Resolve(w.in.Store.Secrets, w.in.Ring)
	w.in.Journal, w.in.Conflicts = resolved.Journal, resolved.Conflicts
}

// A receipt resolves a conflict between two branches, and anyone who may edit a
// comment can write a receipt. So a side that no root key signed is never taken.
func TestAForgedSideOfAConflictIsNotTaken(t *testing.T) {
	w := newWorld(t, random(sessionKey, forever))
	w.apply()
	w.at("1 Jun").apply()
	w.at("2 Jul").apply()
	forged, state := *w.in.Journal.Entries[sessionKey], *w.in.Journal.Entries[sessionKey].State
	state.Versions = journal.Versions{state.Versions[0]} // v2 and v3 are left out
	state.Versions[0].SupersededAt = secret.Instant{}
	state.Current, state.LastVersion = 1, 1
	forged.State, forged.Intent, forged.Events, forged.HMAC = &state, nil, nil, "never-made-with-any-key"
	base := w.in.Journal.With(sessionKey, &forged)
	w.in.Journal, w.in.Conflicts = journal.Merge(&base, w.in.Journal)
	if len(w.in.Conflicts) != 1 {
		t.Fatalf("%d conflicts: this tests nothing", len(w.in.Conflicts))
	}
	s := w.storedAs(sessionKey)
	s.Comment = journal.Comment(s.Comment, w.in.Journal.Receipt(state, journal.NoCommit))
	w.resolve(w.in.Journal, w.in.Conflicts)
	w.in.Request = plan.Request{Run: "run-9", Force: true, Reason: "x"}
	if e := w.entry(sessionKey); e.Status != plan.JournalConflict || e.Change != nil {
		t.Errorf("%s/%s, %s to %s", e.Action, e.Status, e.Current, e.Next)
	}
}

// The journal takes the side that the receipt names, whichever branch it is on, so
// that the next commit holds it.
func TestTheReceiptDecidesAConflict(t *testing.T) {
	for name, onBase := range map[string]bool{"on the base branch": true, "on the bot branch": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, random(sessionKey, keep(14)))
			w.at("10 May").apply()
			before := *w.storedAs(sessionKey)
			w.at("1 Jun").announce()
			w.write(sessionKey)
			w.record(sessionKey)
			written := w.in.Journal
			stored := *w.storedAs(sessionKey)
			*w.storedAs(sessionKey) = before
			w.revert(2).at("2 Jun").announce()
			w.unsend(sessionKey)
			*w.storedAs(sessionKey) = stored
			base, bot := w.in.Journal, written
			if onBase {
				base, bot = bot, base
			}
			merged, conflicts := journal.Merge(base, bot)
			if len(conflicts) != 1 {
				t.Fatalf("%d conflicts: this tests nothing", len(conflicts))
			}
			w.resolve(merged, conflicts)
			if got := w.state(sessionKey).Current; got != 2 || len(w.in.Conflicts) != 0 {
				t.Errorf("%s is current, %d conflicts", got, len(w.in.Conflicts))
			}
			if e := w.entry(sessionKey); e.Action != plan.None {
				t.Errorf("%s/%s (%s)", e.Action, e.Status, e.Reason)
			}
		})
	}
}
