package plan_test

import (
	"testing"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/secret"
)

// Of two branches' stories the receipt decides, and anyone who may edit a
// comment can write a receipt: a story that no root key made is never taken.
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
	w.in.Request = plan.Request{Run: "run-9", Force: true, Reason: "x"}
	if e := w.entry(sessionKey); e.Status != plan.JournalConflict || e.Change != nil {
		t.Errorf("%s/%s, %s to %s", e.Action, e.Status, e.Current, e.Next)
	}
}
