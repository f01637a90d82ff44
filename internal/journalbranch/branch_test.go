package journalbranch_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/github"
	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/journalbranch"
)

// The first run creates branch, intent, pull request and outcome, and nothing
// else.
func TestFirstApply(t *testing.T) {
	w := newWorld(t, nil)
	if err := w.apply(w.journal, "run-1", nil); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range w.Commits(branch, "main") {
		got = append(got, c.Message+" by "+c.Author+": "+strings.Join(c.Files, " "))
	}
	want := []string{
		"rotation(production): announce 1, settle 0 by github-actions[bot]: " + path,
		"rotation(production): record 1 by github-actions[bot]: " + path,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("commits (-want +got):\n%s", diff)
	}
	p := w.open(t)
	if p.Title != "Rotation journal: production" || p.Body != "done by run-1" || p.Base != "main" {
		t.Errorf("pull request is %+v", p)
	}
	wantVersion(t, w.effective(t), 1)
	if w.File("main", path) != "" {
		t.Error("the base branch was written")
	}
}

// P6: whatever happened before, a run with nothing to do sends at most four
// requests and writes nothing.
func TestNothingToDo(t *testing.T) {
	for name, test := range map[string]struct {
		before   func(t *testing.T, w *world)
		requests int
	}{
		"new repository":    {func(*testing.T, *world) {}, 4},
		"pull request open": {func(t *testing.T, w *world) { w.mustApply(t, "run-1") }, 4},
		"merged":            {func(t *testing.T, w *world) { w.mustApply(t, "run-1"); w.Merge(1) }, 3},
		"squashed":          {func(t *testing.T, w *world) { w.mustApply(t, "run-1"); w.Squash(1) }, 2},
		"squashed, deleted": {func(t *testing.T, w *world) { w.mustApply(t, "run-1"); w.Squash(1); w.DeleteBranch(branch) }, 4},
		"base moved on": {func(t *testing.T, w *world) {
			w.mustApply(t, "run-1")
			w.Commit("main", map[string]string{"a": "b"}, "other work")
		}, 4},
		"base reformatted": {func(t *testing.T, w *world) {
			w.mustApply(t, "run-1")
			w.Squash(1)
			w.DeleteBranch(branch)
			w.Commit("main", map[string]string{path: w.File("main", path) + "\n"}, "a newline")
		}, 4},
		"merged, then reverted": {func(t *testing.T, w *world) { w.mustApply(t, "run-1"); w.Revert("main", w.Merge(1)) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			test.before(t, w)
			pulls := w.Pulls()
			w.ResetCounts()
			b := w.run(t)
			if _, err := b.Read(t.Context()); err != nil {
				t.Fatal(err)
			}
			if b.Pending() {
				p, err := b.EnsurePR(t.Context(), "body")
				if err != nil || p.Operation != github.Untouched {
					t.Errorf("EnsurePR: %+v, %v", p, err)
				}
			}
			// If the bot branch's commits were merged and reverted, a pull
			// request would be empty. Only GitHub's refusal shows that.
			if all, writes := w.Totals(); test.requests > 0 && (all != test.requests || writes != 0) {
				t.Errorf("%d requests, %d of them writes, want %d: %v", all, writes, test.requests, w.Counts())
			}
			if diff := cmp.Diff(pulls, w.Pulls()); diff != "" {
				t.Errorf("pull requests changed:\n%s", diff)
			}
		})
	}
}

// An apply with all options stays within sixteen requests.
func TestApplyBudget(t *testing.T) {
	full := func(o *fake.Options, j *journalbranch.Options) {
		o.Unready = true
		j.Labels, j.Reviewers, j.AutoMerge = []string{"rotation"}, []string{"alice", "acme/security"}, true
	}
	for name, test := range map[string]struct {
		before   func(t *testing.T, w *world)
		requests int
	}{
		"first":    {func(*testing.T, *world) {}, 14},
		"second":   {func(t *testing.T, w *world) { w.mustApply(t, "run-1") }, 8},
		"merged":   {func(t *testing.T, w *world) { w.mustApply(t, "run-1"); w.Merge(1) }, 13},
		"squashed": {func(t *testing.T, w *world) { w.mustApply(t, "run-1"); w.Squash(1) }, 15},
		"deleted":  {func(t *testing.T, w *world) { w.mustApply(t, "run-1"); w.Squash(1); w.DeleteBranch(branch) }, 14},
		"closed":   {func(t *testing.T, w *world) { w.mustApply(t, "run-1"); w.Close(1) }, 12},
		"base moved": {func(t *testing.T, w *world) {
			w.mustApply(t, "run-1")
			w.Commit("main", map[string]string{"a": "b"}, "other work")
		}, 9},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, full)
			test.before(t, w)
			w.ResetCounts()
			w.mustApply(t, "run-2")
			if all, _ := w.Totals(); all != test.requests {
				t.Errorf("%d requests, want %d: %v", all, test.requests, w.Counts())
			}
			p := w.open(t)
			if diff := cmp.Diff([]any{[]string{"rotation"}, []string{"alice"}, []string{"security"}, "SQUASH"}, []any{p.Labels, p.Reviewers, p.Teams, p.AutoMerge}); diff != "" {
				t.Errorf("pull request (-want +got):\n%s", diff)
			}
			if len(w.warnings) > 0 {
				t.Errorf("warnings: %q", w.warnings)
			}
		})
	}
}

// A run that was delayed reads again, with one request if nothing moved.
func TestReadAgain(t *testing.T) {
	w := newWorld(t, nil)
	w.mustApply(t, "run-1")
	b := w.run(t)
	first, err := b.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.ResetCounts()
	second, err := b.Read(t.Context())
	if err != nil || second.Journal != first.Journal || second.Revision != first.Revision {
		t.Errorf("second read: %v, %s, %v", second.Journal, second.Revision, err)
	}
	if all, _ := w.Totals(); all != 1 {
		t.Errorf("%d requests: %v", all, w.Counts())
	}
	w.Commit("main", map[string]string{path: strings.Replace(w.File(branch, path), `"run": "run-1"`, `"run": "edited"`, 1)}, "an edit")
	if now, err := b.Read(t.Context()); err != nil || len(now.Conflicts) != 1 {
		t.Errorf("the change on the base is missed: %v", err)
	}
}

// A branch that stays unmerged for long has more commits than GitHub shows at
// once.
func TestManyCommits(t *testing.T) {
	w := newWorld(t, nil)
	w.mustApply(t, "run-1")
	for n := range 260 {
		w.Commit(branch, map[string]string{"NOTES.md": fmt.Sprint(n)}, "a note")
	}
	w.mustApply(t, "run-2")
	wantVersion(t, w.effective(t), 2)
	w.open(t)
}

// A revision that another run has replaced is refused.
func TestOldRevision(t *testing.T) {
	w := newWorld(t, nil)
	ctx := t.Context()
	old, err := w.journal.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	w.mustApply(t, "run-1")
	if _, err := w.journal.Read(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := w.journal.Write(ctx, old.Revision, announced(old.Journal, id, "late"), "announce"); !errors.Is(err, journal.ErrMoved) {
		t.Errorf("got %v", err)
	}
	wantVersion(t, w.effective(t), 1)
}

// Fault 14: of several runs that read the same revision, one writes.
func TestFault14_OneOfTwoRunsWrites(t *testing.T) {
	for name, before := range map[string]func(*world){
		"no branch yet": func(*world) {},
		"branch":        func(w *world) { w.mustApply(t, "run-0") },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			before(w)
			ctx := t.Context()
			one, two := w.run(t), w.run(t)
			first, err := one.Read(ctx)
			second, err2 := two.Read(ctx)
			if err != nil || err2 != nil || first.Revision != second.Revision {
				t.Fatal(first.Revision, second.Revision, err, err2)
			}
			if _, err := one.Write(ctx, first.Revision, announced(first.Journal, id, "one"), "announce"); err != nil {
				t.Fatal(err)
			}
			if _, err := two.Write(ctx, second.Revision, announced(second.Journal, id, "two"), "announce"); !errors.Is(err, journal.ErrMoved) {
				t.Errorf("the slower run: %v", err)
			}
			if run := w.at(t, branch).Entries[id].Intent.Run; run != "one" {
				t.Errorf("the intent is of run %q", run)
			}
		})
	}
}

// A journal that is too large for the contents API is read completely.
func TestLargeJournal(t *testing.T) {
	w := newWorld(t, func(o *fake.Options, _ *journalbranch.Options) { o.InlineLimit = 100 })
	w.mustApply(t, "run-1")
	w.Squash(1)
	w.mustApply(t, "run-2")
	wantVersion(t, w.effective(t), 2)
	w.open(t)
}

// A journal is readable by the id of its commit after its branch is gone. A
// commit without a journal is no error.
func TestPast(t *testing.T) {
	w := newWorld(t, nil)
	w.mustApply(t, "run-1")
	intent := w.Commits(branch, "main")[0].ID
	broken := w.Commit("torn", map[string]string{path: "{\n"}, "torn")
	w.DeleteBranch(branch)
	for commit, want := range map[string]bool{intent: true, w.Head("main"): false, broken: false, strings.Repeat("0", 40): false} {
		j, err := w.run(t).Past(t.Context(), commit)
		if err != nil || (j != nil) != want {
			t.Errorf("at %s: %v, %v", commit, j, err)
		}
	}
}

// Fault 8: a journal that cannot be parsed stops the run. The error names
// branch and line.
func TestFault08_BrokenJournal(t *testing.T) {
	for _, on := range []string{"main", branch} {
		w := newWorld(t, nil)
		w.mustApply(t, "run-1")
		w.Commit(on, map[string]string{path: "{\n<<<<<<< ours\n"}, "half a merge")
		_, err := w.run(t).Read(t.Context())
		if err == nil || !strings.Contains(err.Error(), `branch "`+on+`"`) || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("on %s: %v", on, err)
		}
	}
}

// Fault 39: names that git does not allow for branches, and paths that leave
// the repository.
func TestFault39_HostileNames(t *testing.T) {
	w := newWorld(t, nil)
	r, err := github.Open(w.options)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "a b", "a\nb", "../x", "a..b", "a~1", "a^", "a:b", "a?", "a*", "a[", `a\b`, "/a", "a/", "a//b", "a.lock", "a.lock/b", ".a", "a/.b", "a.", "@{u}", "-a", "\x1b[31m"} {
		o := w.place
		o.Branch = name
		if _, err := journalbranch.Open(r, o); err == nil {
			t.Errorf("branch %q was accepted", name)
		} else if strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("the error %q does not quote branch %q", err, name)
		}
	}
	for _, name := range []string{"", ".", "/etc/passwd", "../x", "a/../b", "a//b", "./a"} {
		o := w.place
		o.Path = name
		if _, err := journalbranch.Open(r, o); err == nil {
			t.Errorf("path %q was accepted", name)
		}
	}
}

// Faults 39 and 40: names that git allows and URLs do not.
func TestFault39_OddNames(t *testing.T) {
	odd := "layer/rotation-production+apps%2fü#$&-abc123"
	w := newWorld(t, func(o *fake.Options, j *journalbranch.Options) {
		o.DefaultBranch, j.Base = "rel'ease/`$(x)`", "rel'ease/`$(x)`"
		j.Branch, j.Path = odd, "apps/a b%20#?ü/.layeron/rotation/production.json"
		j.Title = "Rotation\n::error::x\t" + strings.Repeat("é", 300)
	})
	if err := w.apply(w.journal, "run-1", nil); err != nil {
		t.Fatal(err)
	}
	p, open := w.Open(odd)
	if !open || strings.ContainsAny(p.Title, "\n\t") || len([]rune(p.Title)) > 256 {
		t.Errorf("pull request is %v, %+v", open, p)
	}
	if w.File(odd, w.place.Path) == "" {
		t.Error("no journal at its path")
	}
	w.Squash(p.Number)
	if err := w.apply(w.run(t), "run-2", nil); err != nil {
		t.Fatal(err)
	}
	if p, _ := w.Open(odd); !w.Mergeable(p.Number) {
		t.Error("the next pull request conflicts")
	}
}
