package rotate_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/secret"
)

// What people do to the branches of a journal (faults 9 to 13), seen from one run.

// branched returns a world with v1 of each secret on the base branch and v2 on the
// bot branch.
func branched(t *testing.T) (*world, *repository) {
	w := inRepository(t, "2026-05-01T00:00:00Z", three()...)
	r := w.place.(*repository)
	created(w)
	r.merge()
	w.day("06-01").must(plan.Request{})
	return w, r
}

// goesOn fails unless the next run neither loses nor repeats anything, and a run a
// month later makes v3.
func (w *world) goesOn() {
	w.t.Helper()
	values := w.values()
	result := w.must(plan.Request{})
	if diff := cmp.Diff(values, w.values()); diff != "" {
		w.t.Errorf("a value was written again: -before +after\n%s", diff)
	}
	for i := range w.declared {
		if e := w.planned(result, i); e.Current != 2 || e.Action == plan.Blocked {
			w.t.Errorf("%s is at %s, %s; want v2", e.ID, e.Current, e.Status)
		}
	}
	w.untouched(func() { w.must(plan.Request{}) })
	w.day("07-01").must(plan.Request{})
	for i := range w.declared {
		if got := w.entry(i).State.Current; got != 3 {
			w.t.Errorf("%s is at %s, want v3", w.declared[i].ID, got)
		}
	}
	w.checkPromises()
}

// Closing the pull request leaves the bot branch, which still holds the journal.
func TestFault09_ThePullRequestIsClosed(t *testing.T) {
	w, _ := branched(t)
	w.goesOn()
}

func TestFault10_TheBranchIsDeleted(t *testing.T) {
	w, r := branched(t)
	t.Run("unmerged", func(t *testing.T) { w.t, r.bot = t, ""; w.goesOn() })
	w, r = branched(t)
	t.Run("merged", func(t *testing.T) { w.t = t; r.merge(); r.bot = ""; w.goesOn() })
	w, r = branched(t)
	t.Run("with the base branch's journal", func(t *testing.T) { w.t, r.bot, r.base = t, "", ""; w.goesOn() })
}

// If git no longer has the commit that a receipt names, the entry is lost: the
// store holds a version whose dates are not known.
func TestFault10_TheCommitIsForgotten(t *testing.T) {
	w, r := branched(t)
	r.bot = ""
	r.prune()
	w.blocked(0, plan.JournalLost, "restore the journal from git history")
	w.day("07-01").blocked(0, plan.JournalLost, "--discard-current")
	w.want(0, "v2 v1")
}

// If the branch is deleted during a run, the run does not fail, and the next one
// recovers from the receipts.
func TestFault10_TheBranchIsDeletedUnderARun(t *testing.T) {
	for _, merged := range []bool{false, true} {
		for at := 1; at <= 7; at++ {
			w := inRepository(t, "2026-05-01T00:00:00Z", three()...)
			r := w.place.(*repository)
			w.day("05-10")
			if merged {
				created(w)
				r.merge()
				w.day("06-01")
			}
			e := hooked(at, true, func() error { r.bot = ""; return nil })
			result, err := w.start(t.Context(), e, plan.Request{}, apply)
			if err != nil {
				t.Errorf("merged %v, effect %d: %v, %+v", merged, at, err, result.Outcomes)
			}
			w.later(lapsed).must(plan.Request{})
			w.later(lapsed).must(plan.Request{})
			w.checkPromises()
		}
	}
}

func TestFault11_TheBaseBranchIsReverted(t *testing.T) {
	for name, undo := range map[string]func(*repository, string, []byte){
		"by a revert":     func(r *repository, _ string, before []byte) { r.base = r.commit(before) },
		"by a force-push": func(r *repository, head string, _ []byte) { r.base = head },
	} {
		t.Run(name, func(t *testing.T) {
			w, r := branched(t)
			head, before := r.base, r.commits[r.base]
			r.merge()
			r.bot = "" // deleted with the merge
			undo(r, head, before)
			w.goesOn()
		})
	}
}

// A secret whose entry a person edited is left alone, wherever the entry comes
// from. The others rotate.
func TestFault12_AnEntryIsEdited(t *testing.T) {
	longer := func(data []byte) []byte {
		return bytes.Replace(data, []byte(`"expiresAt": "2026-06-15`), []byte(`"expiresAt": "2027-06-15`), 1)
	}
	t.Run("on the bot branch", func(t *testing.T) {
		w, r := branched(t)
		r.bot = r.commit(longer(r.commits[r.bot]))
		w.blocked(0, plan.JournalTampered, "restore the entry from git history")
		w.day("07-01").must(plan.Request{})
		w.want(0, "v2 v1")
		w.want(2, "v3 v1 v2")
	})
	t.Run("in the commit that the receipt names", func(t *testing.T) {
		w, r := branched(t)
		receipt, _ := journal.ParseReceipt(w.comment(0))
		r.commits[receipt.Commit] = bytes.Replace(r.commits[receipt.Commit], []byte(`"run": "run-2"`), []byte(`"run": "mine!"`), 1)
		r.bot, r.read = "", nil
		w.must(plan.Request{}) // recovers the others
		w.blocked(0, plan.JournalLost, "restore the journal from git history")
	})
}

// Two runs that began from different heads may announce different writes with one
// serial. The receipt names the one that was written, whichever branch holds it.
func TestFault13_TheReceiptDecides(t *testing.T) {
	for name, written := range map[string]string{"base": "base", "bot": "bot"} {
		t.Run(name, func(t *testing.T) {
			w := inRepository(t, "2026-05-01T00:00:00Z", three()...)
			r := w.place.(*repository)
			created(w)
			r.merge()
			r.bot = ""
			w.day("06-01").effects.reset(3, true) // a run is killed after its intent
			_, _ = w.run(plan.Request{})
			w.effects.reset(0, false)
			abandoned := r.bot
			r.bot = ""
			w.later(secret.Day).must(plan.Request{}) // another run, which does not see that intent
			if abandoned == "" || cmp.Equal(r.commits[abandoned], r.commits[r.bot]) {
				t.Fatal("the two runs announced the same: this tests nothing")
			}
			if r.base = abandoned; written == "base" {
				r.base, r.bot = r.bot, abandoned
			}
			w.goesOn()
		})
	}
}

// Without a receipt, a conflict blocks the secret.
func TestFault13_NoReceiptDecides(t *testing.T) {
	w := inRepository(t, "2026-05-01T00:00:00Z", monthly("cookies", overlap))
	r := w.place.(*repository)
	created(w)
	w.remove(0) // and its receipt
	first := r.bot
	r.bot, r.commits = "", map[string][]byte{first: r.commits[first]}
	w.promises = newPromises()
	w.day("05-11").must(plan.Request{})
	r.base = first // another lineage, merged late
	w.remove(0)
	w.blocked(0, plan.JournalConflict, "--take receipt")
}

// A squash merge between intent and outcome leaves the base branch with an open
// intent that the bot branch has closed.
func TestFault13_MergedBetweenIntentAndOutcome(t *testing.T) {
	w := inRepository(t, "2026-05-01T00:00:00Z", three()...)
	r := w.place.(*repository)
	created(w)
	r.merge()
	e := hooked(3, true, func() error { r.merge(); return nil })
	if _, err := w.day("06-01").start(t.Context(), e, plan.Request{}, apply); err != nil {
		t.Fatal(err)
	}
	w.goesOn()
}

func TestFault13_MergedThenReverted(t *testing.T) {
	w, r := branched(t)
	before := r.commits[r.base]
	r.merge()
	r.base = r.commit(before)
	w.goesOn()
}
