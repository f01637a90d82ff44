package plan_test

import (
	"strings"
	"testing"
	"time"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/secret"
)

// alter plans an alteration of the first declared secret and carries it out.
func (w *world) alter(a plan.Alteration) {
	w.t.Helper()
	w.run()
	p, err := plan.Alter(w.in, w.in.Document.Secrets[0], a)
	if err != nil {
		w.t.Fatal(err)
	}
	e := p.Entries[0]
	w.commit(w.in.Journal.With(e.ID, e.Change.Entry), e.ID)
	w.write(e.ID)
	w.record(e.ID)
}

// An urgent revocation of a leaked version must not carry out a change of
// retention that destroys versions and was not allowed.
func TestRevokeDestroysNothingElse(t *testing.T) {
	for _, c := range []struct {
		name   string
		to     secret.Retention
		revoke secret.Version
		allow  bool
		want   string
	}{
		{"current, to none", none, 2, false, "v3 v1"},
		{"current, to retain_for", keep(14), 2, false, "v3 v1"},
		{"current, to none, allowed", none, 2, true, "plain"},
		{"old, to none", none, 1, false, "v2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, random(sessionKey, forever))
			w.at("10 May").apply()
			w.at("1 Jun").apply()
			w.declare(random(sessionKey, c.to)).at("3 Jun")
			w.in.Request.AllowDestructive = c.allow
			w.alter(plan.Alteration{Kind: plan.Revoke, Version: c.revoke})
			if got := w.held(sessionKey); got != c.want {
				t.Errorf("held %q, want %q", got, c.want)
			}
		})
	}
}

// A run is killed after its write and before the outcome is recorded. Then a
// person changes the value and leaves the comment. The value in the store is not
// known, and must not be recorded as the one that was announced.
func TestFault30_EditedBeforeItWasRecorded(t *testing.T) {
	w := newWorld(t, random(sessionKey, keep(14)))
	w.announce()
	w.write(sessionKey)
	announced := w.values[w.storedAs(sessionKey).Name]
	if e := w.later(30 * time.Minute).entry(sessionKey); e.Status != plan.UnfinishedIntent || e.Writes() {
		t.Fatalf("before the edit: %s/%s, to be written: %t", e.Action, e.Status, e.Writes())
	}
	s := w.storedAs(sessionKey)
	s.Modified, w.values[s.Name] = w.in.Now, secret.NewValue("by hand")
	if e := w.entry(sessionKey); e.Action != plan.Recover || e.Status != plan.ReceiptBehind {
		t.Fatalf("%s/%s (%s), want recover/receipt_behind", e.Action, e.Status, e.Reason)
	}
	w.later(time.Hour).announce()
	w.unsend(sessionKey)
	if e := w.entry(sessionKey); e.Action != plan.Recover || e.Status != plan.ReceiptBehind {
		t.Fatalf("after an intent that was not sent: %s/%s (%s), want recover/receipt_behind", e.Action, e.Status, e.Reason)
	}
	w.apply()
	if !w.values[s.Name].Equal(announced) {
		t.Error("the store still holds the value set by hand")
	}
	if e := w.later(time.Hour).entry(sessionKey); e.Action != plan.None {
		t.Errorf("after the rewrite: %s/%s, want none", e.Action, e.Status)
	}
}

// The same, and the journal was reverted too.
func TestFault30_EditedAndTheJournalReverted(t *testing.T) {
	w := newWorld(t, random(sessionKey, keep(14)))
	w.at("10 May").apply()
	w.at("1 Jun").announce()
	w.write(sessionKey)
	w.record(sessionKey)
	s := w.later(24 * time.Hour).storedAs(sessionKey)
	s.Modified, w.values[s.Name] = w.in.Now, secret.NewValue("by hand")
	w.revert(2).recover().apply()
	if got := w.held(sessionKey); got != "v2 v1<15 Jun" {
		t.Errorf("%q is held", got)
	}
}

// A request without an answer was repeated, and the first one arrives minutes
// later. The change is recognized as ours while its intent is the last one. It
// must still be recognized after a later run announced something else and was
// killed.
func TestFault15_ArrivedAgainBeforeTheNextIntent(t *testing.T) {
	w := newWorld(t, random(sessionKey, keep(14)))
	w.at("10 May").apply()
	w.storedAs(sessionKey).Modified = w.later(8 * time.Minute).in.Now
	if e := w.later(time.Hour).entry(sessionKey); e.Action != plan.None {
		t.Fatalf("after the late request: %s/%s", e.Action, e.Status)
	}
	w.at("1 Jun").announce()
	if e := w.later(time.Hour).entry(sessionKey); e.Action != plan.Rotate || e.Status != plan.UnfinishedIntent {
		t.Errorf("after another run was killed: %s/%s (%s), want rotate/unfinished_intent", e.Action, e.Status, e.Reason)
	}
}

// Two runs announced the same version, because a person deleted the branch between
// them, and the request of the first one arrived after the second one's intent.
// Journal and store then conflict. Resolving that must not take readers back to
// the version before.
func TestRewriteNeverGoesBack(t *testing.T) {
	for _, c := range []struct {
		name  string
		close func(w *world)
		want  string
	}{
		{"the same version, announced", func(w *world) { w.unsend(sessionKey) }, "v2 v1<17 Jun"},
		{"a version that is void", func(w *world) { w.refuse(sessionKey, "too large") }, "v3 v1<17 Jun"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, random(sessionKey, keep(14)))
			w.at("10 May").apply()
			before := *w.storedAs(sessionKey)
			w.at("1 Jun").announce()
			w.write(sessionKey)
			late := *w.storedAs(sessionKey)
			*w.storedAs(sessionKey) = before
			w.revert(2).at("2 Jun").announce()
			c.close(w)
			*w.storedAs(sessionKey) = late
			if e := w.at("3 Jun").entry(sessionKey); e.Status != plan.JournalConflict {
				t.Fatalf("%s/%s (%s), want a conflict", e.Action, e.Status, e.Reason)
			}
			file := *w.in.Journal
			file.Place = journal.PlaceFile
			w.in.Journal = &file
			if e := w.entry(sessionKey); !strings.Contains(e.Advice, "secret repair auth/session-key --rewrite") {
				t.Errorf("a journal in a file has no sides to choose from, yet the advice is: %s", e.Advice)
			}
			w.alter(plan.Alteration{Kind: plan.Rewrite})
			if got := w.held(sessionKey); got != c.want {
				t.Errorf("%q is held, want %q", got, c.want)
			}
		})
	}
}
