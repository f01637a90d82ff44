package journalbranch_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/github"
	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/journalbranch"
)

// pasts are what a run may find in the repository.
var pasts = map[string]func(t *testing.T, w *world){
	"new repository": func(*testing.T, *world) {},
	"branch":         func(t *testing.T, w *world) { w.mustApply(t, "run-0") },
	"squashed":       func(t *testing.T, w *world) { w.mustApply(t, "run-0"); w.Squash(1) },
	"closed":         func(t *testing.T, w *world) { w.mustApply(t, "run-0"); w.Close(1) },
}

// faults are the ways in which one request can fail.
var faults = fake.RequestFaults(start.Add(4 * time.Minute))

// requests returns how many requests a run without faults sends.
func requests(t *testing.T, before func(*testing.T, *world)) int {
	t.Helper()
	w := newWorld(t, nil)
	before(t, w)
	w.ResetCounts()
	w.mustApply(t, "run-1")
	all, _ := w.Totals()
	return all
}

// Faults 17 and 18: each request in turn fails once in each way. The run
// continues, and makes no commit and no pull request twice.
func TestFault17_EachCallFailsOnce(t *testing.T) {
	for past, before := range pasts {
		n := requests(t, before)
		for name, fault := range faults {
			for k := 1; k <= n; k++ {
				t.Run(fmt.Sprintf("%s/%s/%d", past, name, k), func(t *testing.T) {
					t.Parallel()
					w := newWorld(t, nil)
					before(t, w)
					commits, pulls := len(w.rotations()), len(w.Pulls())
					w.ResetCounts()
					w.SetFault(func(r fake.Request) fake.Fault {
						if r.Number == k {
							return fault
						}
						return fake.Fault{}
					})
					w.mustApply(t, "run-1")
					w.checkHistory(t)
					w.open(t)
					if got := len(w.rotations()) - commits; got != 2 {
						t.Errorf("%d commits, want intent and outcome", got)
					}
					if got := len(w.Pulls()) - pulls; got > 1 || past == "branch" && got != 0 {
						t.Errorf("%d new pull requests", got)
					}
					if e := w.effective(t); e.Open() != nil || e.Intent.Run != "run-1" {
						t.Errorf("entry is %+v", e.Intent)
					}
				})
			}
		}
	}
}

// rotations returns the intents and outcomes on both branches.
func (w *world) rotations() []fake.Commit {
	var out []fake.Commit
	for _, c := range w.Commits(branch, "") {
		if strings.HasPrefix(c.Message, "rotation(") {
			out = append(out, c)
		}
	}
	return out
}

// Fault 17: GitHub fails from each request on and is back for the next run,
// which continues from what there is.
func TestFault17_DownFromEachCallOn(t *testing.T) {
	for past, before := range pasts {
		n := requests(t, before)
		for _, name := range []string{"502 before", "502 after", "lost before", "lost after"} {
			for k := 1; k <= n; k++ {
				t.Run(fmt.Sprintf("%s/%s/%d", past, name, k), func(t *testing.T) {
					t.Parallel()
					w := newWorld(t, nil)
					before(t, w)
					w.ResetCounts()
					w.SetFault(func(r fake.Request) fake.Fault {
						if r.Number < k {
							return fake.Fault{}
						}
						f := faults[name]
						f.Skip = f.Skip || r.Number > k
						return f
					})
					err := w.apply(w.run(t), "run-1", nil) // may succeed: a failed merge is a warning
					if err != nil && (strings.Contains(err.Error(), "127.0.0.1") || strings.Contains(err.Error(), token)) {
						t.Errorf("the error holds an address or a token: %v", err)
					}
					w.SetFault(nil)
					w.mustApply(t, "run-2")
					w.checkHistory(t)
					w.open(t)
					if e := w.effective(t); e.Open() != nil || e.Intent.Run != "run-2" {
						t.Errorf("entry is %+v", e.Intent)
					}
				})
			}
		}
	}
}

// Fault 18: a rate limit is waited out for as long as GitHub says, within the
// budget.
func TestFault18_Limits(t *testing.T) {
	for name, test := range map[string]struct {
		fault  fake.Fault
		waited time.Duration
		fails  bool
	}{
		"secondary, timed":   {fake.SecondaryLimit(403, 90*time.Second), 90 * time.Second, false},
		"secondary":          {fake.SecondaryLimit(403, 0), time.Minute, false},
		"429":                {fake.SecondaryLimit(429, 5*time.Minute), 5 * time.Minute, false},
		"primary":            {fake.PrimaryLimit(start.Add(2 * time.Minute)), 2*time.Minute + time.Second, false},
		"GraphQL's":          {fake.RateLimited(), time.Minute, false},
		"beyond the budget":  {fake.SecondaryLimit(429, 7*time.Minute), 0, true},
		"primary, in 1 hour": {fake.PrimaryLimit(start.Add(time.Hour)), 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			failed := false
			w.SetFault(func(r fake.Request) fake.Fault {
				if r.Kind != fake.KindCommitOnBranch || failed && !test.fails {
					return fake.Fault{}
				}
				failed = true
				return test.fault
			})
			err := w.apply(w.journal, "run-1", nil)
			if (err != nil) != test.fails || w.clock.Slept() != test.waited {
				t.Errorf("waited %s, want %s; %v", w.clock.Slept(), test.waited, err)
			}
			if test.fails && (len(w.rotations()) > 0 || !strings.Contains(err.Error(), "rate limited by GitHub")) {
				t.Errorf("%d commits; %v", len(w.rotations()), err)
			}
		})
	}
}

// A good answer that says no requests are left does not stop the next request.
func TestExhaustedLimitDoesNotStop(t *testing.T) {
	w := newWorld(t, nil)
	w.SetFault(func(fake.Request) fake.Fault {
		return fake.Fault{Header: http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {"4102444800"}}}
	})
	if err := w.apply(w.journal, "run-1", nil); err != nil {
		t.Fatal(err)
	}
}

// Fault 18: a run that is too late five times stops, and leaves nothing behind.
func TestFault18_MovedHead(t *testing.T) {
	w := newWorld(t, nil)
	w.mustApply(t, "run-0")
	n := 0
	w.SetFault(func(r fake.Request) fake.Fault {
		if r.Kind != fake.KindCommitOnBranch {
			return fake.Fault{}
		}
		for range 3 {
			n++
			w.Commit(branch, map[string]string{"a": fmt.Sprint(n)}, "faster")
		}
		return fake.Fault{}
	})
	w.ResetCounts()
	if err := w.apply(w.run(t), "run-1", nil); !errors.Is(err, journal.ErrMoved) {
		t.Errorf("got %v", err)
	}
	if n := w.Counts()[fake.KindContents]; n > 10 { // twice for each of five starts
		t.Errorf("%d reads of contents", n)
	}
	if e := w.effective(t); e.Intent.Run != "run-0" {
		t.Errorf("entry is %+v", e.Intent)
	}
}

// GitHub's services may disagree for a moment. If one says that the head is
// another, the commit was not made.
func TestFault18_StaleAnswer(t *testing.T) {
	w := newWorld(t, nil)
	w.mustApply(t, "run-0")
	b := w.run(t)
	now, err := b.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.SetFault(func(r fake.Request) fake.Fault {
		if r.Kind != fake.KindCommitOnBranch {
			return fake.Fault{}
		}
		return fake.Fault{Skip: true, Status: http.StatusOK, Body: `{"data":null,"errors":[{"type":"STALE_DATA","message":"Expected branch to point to another"}]}`}
	})
	for range 2 { // a revision stays refused until the next Read
		if _, err := b.Write(t.Context(), now.Revision, announced(now.Journal, id, "run-1"), "announce"); !errors.Is(err, journal.ErrMoved) {
			t.Errorf("got %v", err)
		}
		w.SetFault(nil)
	}
}

// An intent whose answer was lost is found below a person's commit, and the
// outcome is recorded on top of both.
func TestFault17_LostAnswerUnderAnotherCommit(t *testing.T) {
	w := newWorld(t, nil)
	done := false
	w.SetFault(func(r fake.Request) fake.Fault {
		if done || r.Kind != fake.KindCommitOnBranch {
			return fake.Fault{}
		}
		done = true
		return fake.Fault{Drop: true, After: func(context.Context) { w.Commit(branch, map[string]string{"NOTES.md": "mine"}, "a note") }}
	})
	w.mustApply(t, "run-1")
	w.checkHistory(t)
	if got := len(w.rotations()); got != 2 || w.File(branch, "NOTES.md") != "mine" {
		t.Errorf("%d commits, note %q", got, w.File(branch, "NOTES.md"))
	}
	wantVersion(t, w.effective(t), 1)
}

// denial is something that the repository does not allow the token.
type denial struct {
	change     func(*fake.Options)
	past       string
	permission string
	says       string
	commits    int
}

// check checks that an apply stops there, and says how to allow it.
func (d denial) check(t *testing.T) {
	t.Helper()
	w := newWorld(t, nil)
	pasts[d.past](t, w)
	before := len(w.rotations())
	w.Set(d.change)
	err := w.apply(w.run(t), "run-1", nil)
	var denied *github.DeniedError
	if !errors.As(err, &denied) || denied.Permission != d.permission || !strings.Contains(err.Error(), d.says) {
		t.Fatalf("got %v, want %q", err, d.says)
	}
	if strings.Contains(err.Error(), "pull_request_target") || strings.Contains(err.Error(), token) {
		t.Errorf("%v", err)
	}
	w.Set(func(o *fake.Options) { o.Permissions, o.Protected, o.Private = nil, nil, false })
	if got := len(w.rotations()) - before; got != d.commits {
		t.Errorf("%d commits, want %d", got, d.commits)
	}
}

// Fault 19: an apply that the token does not allow stops before it writes to
// the store, and names the permission to add.
func TestFault19_Denied(t *testing.T) {
	may := func(area fake.Area, level fake.Level) func(*fake.Options) {
		return func(o *fake.Options) {
			o.Private = true
			o.Permissions = map[fake.Area]fake.Level{fake.Contents: fake.Write, fake.PullRequests: fake.Write}
			o.Permissions[area] = level
		}
	}
	for name, d := range map[string]denial{
		"read only":         {may(fake.Contents, fake.Read), "new repository", "contents: write", "`permissions: contents: write`", 0},
		"read only, branch": {may(fake.Contents, fake.Read), "branch", "contents: write", "`permissions: contents: write`", 0},
		"nothing at all":    {may(fake.Contents, fake.None), "branch", "contents: read", "`permissions: contents: read`", 0},
		"no pulls":          {may(fake.PullRequests, fake.None), "new repository", "pull-requests: read", "`permissions: pull-requests: read`", 1},
		"pulls read only":   {may(fake.PullRequests, fake.Read), "new repository", "pull-requests: write", "Allow GitHub Actions to create and approve pull requests", 1},
		"setting":           {func(o *fake.Options) { o.ForbidPullRequests = true }, "new repository", "pull-requests: write", "Allow GitHub Actions to create and approve pull requests", 1},
	} {
		t.Run(name, d.check)
	}
}

// Fault 20: the same if a ruleset protects the bot branch.
func TestFault20_RefusedByARuleset(t *testing.T) {
	rule := func(o *fake.Options) { o.Protected = func(b string) bool { return b == branch } }
	for past, d := range map[string]denial{
		"new repository": {rule, "new repository", "", "ruleset", 0},
		"branch":         {rule, "branch", "", "ruleset", 0},
	} {
		t.Run(past, d.check)
	}
}

// Labels, reviewers and auto-merge that cannot be added are warnings.
func TestOptionsThatFailAreWarnings(t *testing.T) {
	for name, change := range map[string]func(*fake.Options){
		"auto-merge is not allowed for this repository": func(o *fake.Options) { o.ForbidAutoMerge = true },
		"clean status": func(o *fake.Options) { o.Unready = false },
	} {
		w := newWorld(t, func(o *fake.Options, j *journalbranch.Options) {
			o.Unready, j.AutoMerge = true, true
			change(o)
		})
		w.mustApply(t, "run-1")
		if len(w.warnings) != 1 || !strings.Contains(strings.ToLower(w.warnings[0]), strings.ReplaceAll(name, "auto-merge", "auto merge")) {
			t.Errorf("%s: warnings %q", name, w.warnings)
		}
	}
	w := newWorld(t, func(o *fake.Options, j *journalbranch.Options) {
		o.Unready, o.ForbidSquash = true, true
		j.Labels, j.Reviewers, j.AutoMerge = []string{"a"}, []string{"b"}, true
	})
	w.SetFault(func(r fake.Request) fake.Fault {
		if r.Kind == fake.KindLabels || r.Kind == fake.KindReviewers {
			return fake.Refuse(http.StatusForbidden, "Resource not accessible by integration")
		}
		return fake.Fault{}
	})
	w.mustApply(t, "run-1")
	if len(w.warnings) != 2 || !strings.Contains(w.warnings[0], "`permissions: pull-requests: write`") {
		t.Errorf("warnings %q", w.warnings)
	}
	if p := w.open(t); p.AutoMerge != "MERGE" {
		t.Errorf("auto-merge by %q although squashing is forbidden", p.AutoMerge)
	}
}
