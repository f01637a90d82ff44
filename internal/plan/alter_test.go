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

// Taking back a leaked version is urgent; it must not carry out a change of
// retention that destroys keys and was not allowed.
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

// A run is killed between its write and the record of it, and a person changes
// the value and leaves the comment: what the store holds is not known, and it
// must not be recorded as what was announced.
func TestFault30_EditedBeforeItWasRecorded(t *testing.T) {
	w := newWorld(t, random(sessionKey, keep(14)))
	w.announce()
	w.write(sessionKey)
	announced := w.values[w.storedAs(sessionKey).Name]
	if e := w.later(30 * time.Minute).entry(sessionKey); e.Status != plan.UnfinishedIntent || e.Writes() {
		t.Fatalf("as the run left it: %s/%s, to be written: %t", e.Action, e.Status, e.Writes())
	}
	s := w.storedAs(sessionKey)
	s.Modified, w.values[s.Name] = w.in.Now, secret.NewValue("by hand")
	if e := w.entry(sessionKey); e.Action != plan.Recover || e.Status != plan.ReceiptBehind {
		t.Fatalf("%s/%s (%s), want recover/receipt_behind", e.Action, e.Status, e.Reason)
	}
	w.later(time.Hour).announce()
	w.unsend(sessionKey)
	if e := w.entry(sessionKey); e.Action != plan.Recover || e.Status != plan.ReceiptBehind {
		t.Fatalf("not sent: %s/%s (%s), want recover/receipt_behind again", e.Action, e.Status, e.Reason)
	}
	w.apply()
	if !w.values[s.Name].Equal(announced) {
		t.Error("the value by hand is still there")
	}
	if e := w.later(time.Hour).entry(sessionKey); e.Action != plan.None {
		t.Errorf("then %s/%s, want none", e.Action, e.Status)
	}
}

// The same where the journal was set back, too.
func TestFault30_EditedAndTheJournalSetBack(t *testing.T) {
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

// A request whose answer was lost lands again minutes after it was repeated. It
// is ours as long as its intent is the last; it must stay ours when a later run
// has announced something else and was killed.
func TestFault15_LandedAgainBeforeTheNextIntent(t *testing.T) {
	w := newWorld(t, random(sessionKey, keep(14)))
	w.at("10 May").apply()
	w.storedAs(sessionKey).Modified = w.later(8 * time.Minute).in.Now
	if e := w.later(time.Hour).entry(sessionKey); e.Action != plan.None {
		t.Fatalf("after it: %s/%s", e.Action, e.Status)
	}
	w.at("1 Jun").announce()
	if e := w.later(time.Hour).entry(sessionKey); e.Action != plan.Rotate || e.Status != plan.UnfinishedIntent {
		t.Errorf("after another run was killed: %s/%s (%s), want rotate/unfinished_intent", e.Action, e.Status, e.Reason)
	}
}

// Two runs announced the same version, for a person deleted the branch between
// them; the first one's request landed although the second one announced. Journal
// and store then conflict, and the way out of that must not take readers back to
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
				t.Errorf("advice for a file, which has no sides: %s", e.Advice)
			}
			w.alter(plan.Alteration{Kind: plan.Rewrite})
			if got := w.held(sessionKey); got != c.want {
				t.Errorf("%q is held, want %q", got, c.want)
			}
		})
	}
}
