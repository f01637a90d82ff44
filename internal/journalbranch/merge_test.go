package journalbranch_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/layeron/rotate/internal/fake"
)

// Fault 13: however a pull request was merged, between two runs or during one,
// the next one does not conflict and nothing recorded is lost.
func TestFault13_MergedAnyWayStaysMergeable(t *testing.T) {
	land := map[string]func(w *world, number int){
		"merge":               func(w *world, n int) { w.Merge(n) },
		"squash":              func(w *world, n int) { w.Squash(n) },
		"rebase":              func(w *world, n int) { w.Rebase(n) },
		"squash, delete":      func(w *world, n int) { w.Squash(n); w.DeleteBranch(branch) },
		"squash, other work":  func(w *world, n int) { w.Squash(n); w.Commit("main", map[string]string{"src/a.ts": "a"}, "work") },
		"squash, then revert": func(w *world, n int) { w.Revert("main", w.Squash(n)) },
		"merge, then revert":  func(w *world, n int) { w.Revert("main", w.Merge(n)) },
	}
	for name, land := range land {
		t.Run(name+" between runs", func(t *testing.T) {
			w := newWorld(t, nil)
			for n, run := range []string{"run-1", "run-2", "run-3"} {
				w.mustApply(t, run)
				if p := w.open(t); n < 2 {
					land(w, p.Number)
				}
			}
			wantVersion(t, w.effective(t), 3)
			w.checkHistory(t)
		})
		t.Run(name+" between intent and outcome", func(t *testing.T) {
			w := newWorld(t, nil)
			if err := w.apply(w.journal, "run-1", func() { land(w, w.open(t).Number) }); err != nil {
				t.Fatal(err)
			}
			wantVersion(t, w.effective(t), 1)
			w.mustApply(t, "run-2")
			w.open(t)
			wantVersion(t, w.effective(t), 2)
			w.checkHistory(t)
		})
	}
}

// checkHistory checks that the bot's commits are intents, outcomes, or merges
// right after one of these, and that the serials in its journals only grow.
func (w *world) checkHistory(t *testing.T) {
	t.Helper()
	serial, contents := 0, map[string]bool{}
	commits := w.Commits(branch, "")
	for i, c := range commits {
		if c.Author != "github-actions[bot]" {
			continue
		}
		if len(c.Parents) == 2 {
			before := slices.IndexFunc(commits, func(b fake.Commit) bool { return b.ID == c.Parents[0] })
			if before < 0 || !strings.HasPrefix(commits[before].Message, "rotation(") || w.File(c.ID, path) != w.File(c.Parents[0], path) {
				t.Errorf("merge %d does not follow an intent or outcome, or changes it", i)
			}
			continue
		}
		if !strings.HasPrefix(c.Message, "rotation(") {
			continue
		}
		text := w.File(c.ID, path)
		if contents[text] {
			t.Errorf("commit %d (%s) was made twice", i, c.Message)
		}
		contents[text] = true
		if now := w.at(t, c.ID).Entries[id].Serial; now < serial {
			t.Errorf("commit %d (%s) goes back from serial %d to %d", i, c.Message, serial, now)
		} else {
			serial = now
		}
	}
}

// Fault 10: after the branch was deleted the journal is the base's, and the
// commit that the receipt names still has what was recorded.
func TestFault10_BranchDeleted(t *testing.T) {
	w := newWorld(t, nil)
	w.mustApply(t, "run-1")
	w.Squash(1)
	w.mustApply(t, "run-2")
	intent := ""
	for _, c := range w.Commits(branch, "") {
		if strings.Contains(c.Message, "announce") {
			intent = c.ID
		}
	}
	w.DeleteBranch(branch)
	wantVersion(t, w.effective(t), 1)
	past, err := w.run(t).Past(t.Context(), intent)
	if err != nil || past == nil || past.Entries[id].Intent.Version != 2 {
		t.Errorf("the commit of the intent: %+v, %v", past, err)
	}
	w.mustApply(t, "run-3")
	if p := w.open(t); !strings.Contains(p.Body, "replaces #2") {
		t.Errorf("the new pull request does not say what it replaces:\n%s", p.Body)
	}
}

// Fault 11: after a revert or a force-push of the base, the bot branch and the
// commit that the receipt names still have what was recorded.
func TestFault11_RevertOnBaseIsBehindReceipt(t *testing.T) {
	for name, undo := range map[string]func(w *world, before, merged string){
		"revert":     func(w *world, _, merged string) { w.Revert("main", merged) },
		"force-push": func(w *world, before, _ string) { w.ForcePush("main", before) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			before := w.Head("main")
			w.mustApply(t, "run-1")
			recorded := w.Head(branch)
			undo(w, before, w.Squash(1))
			if w.File("main", path) != "" {
				t.Fatal("nothing was undone")
			}
			wantVersion(t, w.effective(t), 1)
			b := w.run(t)
			if _, err := b.Read(t.Context()); err != nil || !b.Pending() {
				t.Errorf("no pull request is needed: %v", err)
			}
			w.mustApply(t, "run-2")
			w.open(t)
			wantVersion(t, w.effective(t), 2)
			w.DeleteBranch(branch)
			if e := w.effective(t); e != nil {
				t.Fatalf("effective is %+v", e)
			}
			past, err := w.run(t).Past(t.Context(), recorded)
			if err != nil || past == nil {
				t.Fatalf("the receipt's commit cannot be read: %v", err)
			}
			wantVersion(t, past.Entries[id], 1)
		})
	}
}

// A base whose history was rewritten has no commit in common with the branch
// until the next intent merges them.
func TestFault11_BaseWithoutCommonHistory(t *testing.T) {
	w := newWorld(t, nil)
	w.mustApply(t, "run-1")
	w.ForcePush("main", w.Orphan(map[string]string{"README.md": "rewritten"}, "history rewritten"))
	wantVersion(t, w.effective(t), 1)
	w.mustApply(t, "run-2")
	w.open(t)
	wantVersion(t, w.effective(t), 2)
	if w.File(branch, "README.md") != "rewritten" {
		t.Error("the branch does not build on the base")
	}
}

// Fault 12: a person's commit on the bot branch stays, even if the base's
// journal changes too.
func TestFault12_HumanCommitOnBotBranch(t *testing.T) {
	w := newWorld(t, nil)
	w.mustApply(t, "run-1")
	w.Commit(branch, map[string]string{"NOTES.md": "mine"}, "a note")
	w.mustApply(t, "run-2")
	w.open(t)
	w.Commit("main", map[string]string{path: strings.Replace(w.File(branch, path), "run-2", "edited", 1)}, "an edit")
	w.mustApply(t, "run-3")
	if w.File(branch, "NOTES.md") != "mine" {
		t.Error("the note is gone")
	}
	if len(w.warnings) != 1 || !strings.Contains(w.warnings[0], "a person's changes") {
		t.Errorf("warnings: %q", w.warnings)
	}
	wantVersion(t, w.effective(t), 3)
}

// Fault 12: after a person's commit between intent and outcome, the outcome is
// recorded on top of it.
func TestFault12_HumanCommitBetween(t *testing.T) {
	w := newWorld(t, nil)
	err := w.apply(w.journal, "run-1", func() { w.Commit(branch, map[string]string{"NOTES.md": "mine"}, "a note") })
	if err != nil {
		t.Fatal(err)
	}
	wantVersion(t, w.effective(t), 1)
	if w.File(branch, "NOTES.md") != "mine" {
		t.Error("the note is gone")
	}
}

// Faults 12 and 13: an edit of one entry at the same serial is a conflict with
// both sides in it. A write leaves the base as it is.
func TestFault12_HumanEditOnBase(t *testing.T) {
	w := newWorld(t, nil)
	w.mustApply(t, "run-1")
	w.Squash(1)
	edited := strings.Replace(w.File("main", path), `"run": "run-1"`, `"run": "edited"`, 1)
	w.Commit("main", map[string]string{path: edited}, "an edit")
	b := w.run(t)
	now, err := b.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, found := now.Conflicts[id]
	if !found || c.Base.Intent.Run != "edited" || c.Bot.Intent.Run != "run-1" {
		t.Errorf("conflicts: %+v", now.Conflicts)
	}
	w.mustApply(t, "run-2")
	w.open(t)
	if w.File("main", path) != edited {
		t.Error("the base branch was written")
	}
}

// Fault 13: an edit of the entry that is being written was not planned with,
// even if the run reads it before the outcome. The outcome is recorded, and the
// edit is left to the next run.
func TestFault13_EditBetween(t *testing.T) {
	for name, readsAgain := range map[string]bool{"quick": false, "delayed": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			var edited string
			err := w.apply(w.journal, "run-1", func() {
				w.Squash(1)
				edited = strings.Replace(w.File("main", path), `"run": "run-1"`, `"run": "edited"`, 1)
				w.Commit("main", map[string]string{path: edited}, "an edit")
				if !readsAgain {
					return
				}
				if now, err := w.journal.Read(t.Context()); err != nil || len(now.Conflicts) != 1 {
					t.Errorf("conflicts %v, %v", now.Conflicts, err)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			if commits := w.Commits(branch, ""); len(commits[len(commits)-1].Parents) != 1 {
				t.Error("the merge dropped the edit")
			}
			w.mustApply(t, "run-2")
			w.open(t)
			if w.File("main", path) != edited {
				t.Error("the base branch was written")
			}
		})
	}
}
