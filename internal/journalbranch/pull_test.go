package journalbranch_test

import (
	"strings"
	"testing"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/github"
	"github.com/layeron/rotate/internal/journalbranch"
)

// Fault 9: a pull request that was closed unmerged, before the outcome or after
// it, is replaced by one that says so. The journal continues.
func TestFault09_ClosedUnmerged(t *testing.T) {
	t.Run("after the run", func(t *testing.T) {
		w := newWorld(t, nil)
		w.mustApply(t, "run-1")
		w.Close(1)
		wantVersion(t, w.effective(t), 1)
		w.mustApply(t, "run-2")
		wantReplaced(t, w, 1)
		wantVersion(t, w.effective(t), 2)
		w.mustApply(t, "run-3") // the note stays
		wantReplaced(t, w, 1)
	})
	t.Run("between intent and outcome", func(t *testing.T) {
		w := newWorld(t, func(_ *fake.Options, j *journalbranch.Options) { j.Labels = []string{"rotation"} })
		if err := w.apply(w.journal, "run-1", func() { w.Close(1) }); err != nil {
			t.Fatal(err)
		}
		if labels := w.Pulls()[0].Labels; len(labels) > 0 {
			t.Errorf("a closed pull request got labels %q", labels)
		}
		wantVersion(t, w.effective(t), 1)
		w.mustApply(t, "run-2")
		wantReplaced(t, w, 1)
	})
	t.Run("with nothing due", func(t *testing.T) {
		w := newWorld(t, nil)
		w.mustApply(t, "run-1")
		w.Close(1)
		b := w.run(t)
		if _, err := b.Read(t.Context()); err != nil || !b.Pending() {
			t.Fatal(err, "no pull request is needed")
		}
		p, err := b.EnsurePR(t.Context(), "body")
		if err != nil || p.Number != 2 || p.Operation != github.Created || !strings.HasSuffix(p.URL, "/pull/2") {
			t.Errorf("got %+v, %v", p, err)
		}
		wantReplaced(t, w, 1)
	})
}

func wantReplaced(t *testing.T, w *world, number int) {
	t.Helper()
	if p := w.open(t); !strings.Contains(p.Body, "replaces #1, which was closed without being merged") || p.Number == number {
		t.Errorf("pull request #%d does not say what it replaces:\n%s", p.Number, p.Body)
	}
}

// The pull request after a merged one does not mention it.
func TestMergedIsNotReplaced(t *testing.T) {
	w := newWorld(t, nil)
	w.mustApply(t, "run-1")
	w.Squash(1)
	w.mustApply(t, "run-2")
	if p := w.open(t); p.Body != "done by run-2" || p.Number != 2 {
		t.Errorf("pull request is %+v", p)
	}
}

// A reopened pull request is used again.
func TestReopened(t *testing.T) {
	w := newWorld(t, nil)
	w.mustApply(t, "run-1")
	w.Close(1)
	w.Reopen(1)
	w.mustApply(t, "run-2")
	if p := w.open(t); p.Number != 1 || p.Body != "done by run-2" {
		t.Errorf("pull request is %+v", p)
	}
}

// P6: the same body is not written again, and labels that people removed stay
// removed.
func TestUpdateWithoutChange(t *testing.T) {
	labelled := func(_ *fake.Options, j *journalbranch.Options) { j.Labels = []string{"rotation"} }
	w := newWorld(t, labelled)
	w.mustApply(t, "run-1")
	b := w.run(t)
	if _, err := b.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.ResetCounts()
	for _, step := range []struct {
		body string
		want github.Operation
	}{{"done by run-1", github.Untouched}, {"something else", github.Updated}, {"something else", github.Updated}} {
		p, err := b.UpdatePR(t.Context(), step.body)
		if err != nil || p.Operation != step.want || p.Number != 1 {
			t.Errorf("%q: %+v, %v", step.body, p, err)
		}
	}
	if _, writes := w.Totals(); writes != 1 || w.Counts()[fake.KindListPulls] != 1 {
		t.Errorf("requests: %v", w.Counts())
	}
}

// Pull requests from a branch of the same name in the owner's fork, and those
// to another base, are left alone.
func TestOthersPullRequests(t *testing.T) {
	w := newWorld(t, nil)
	w.ForkPull(branch)
	w.mustApply(t, "run-1")
	if pulls := w.Pulls(); len(pulls) != 2 || pulls[0].Body != "" {
		t.Errorf("pull requests: %+v", pulls)
	}
	w.Close(2)
	w.Commit("develop", map[string]string{"a": "b"}, "work")
	w.place.Base = "develop"
	w.mustApply(t, "run-2")
	if pulls := w.Pulls(); len(pulls) != 3 || pulls[2].Base != "develop" || strings.Contains(pulls[2].Body, "replaces") {
		t.Errorf("pull requests: %+v", pulls)
	}
}

// Auto-merge is switched on once, and only after the outcome.
func TestAutoMergeAfterOutcome(t *testing.T) {
	w := newWorld(t, func(o *fake.Options, j *journalbranch.Options) { o.Unready, j.AutoMerge = true, true })
	err := w.apply(w.journal, "run-1", func() {
		if p := w.open(t); p.AutoMerge != "" {
			t.Error("switched on before the outcome")
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	w.mustApply(t, "run-2")
	if p := w.open(t); p.AutoMerge != "SQUASH" || w.Counts()[fake.KindAutoMerge] != 1 {
		t.Errorf("auto-merge is %q after %v", p.AutoMerge, w.Counts())
	}
}
