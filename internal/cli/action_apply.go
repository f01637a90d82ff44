package cli

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"path"
	"time"

	"github.com/layeron/rotate/internal/actions"
	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/pr"
	"github.com/layeron/rotate/internal/rotate"
)

// trackedHome remembers the journal's last commit, for the outputs.
type trackedHome struct {
	*pr.Home
	last string
}

func (h *trackedHome) Write(ctx context.Context, revision string, j journal.Journal, message string) (string, error) {
	next, err := h.Home.Write(ctx, revision, j, message)
	if err == nil {
		h.last = next
	}
	return next, err
}

func (h *trackedHome) lastCommit() string {
	if h == nil {
		return ""
	}
	return h.last
}

// connect opens the repository and the journal in it. It sends nothing.
func (run *actionRun) connect() error {
	at := run.runtime.Run
	if run.app.Getenv(envClock) != "" && (!loopback(at.APIURL) || !loopback(at.GraphQLURL)) {
		return usage("%s is for tests: it is refused unless GitHub's API is on this machine", envClock)
	}
	if run.in.token == "" {
		return fail("credentials", "input github-token is empty: the journal cannot be read\nleave it out, and the workflow's own token is used")
	}
	client, err := pr.NewClient(at.APIURL, run.in.token, http.DefaultTransport)
	if err != nil {
		return usage("GITHUB_API_URL: %w", err)
	}
	run.repository, err = pr.Open(pr.Options{
		Client: client, GraphQLURL: at.GraphQLURL, Owner: at.Owner, Repo: at.Repo, Clock: run.clock, Jitter: rand.Float64,
		Waiting: run.app.waiting, Warn: run.runtime.Warning,
	})
	if err != nil {
		return err
	}
	home, err := run.repository.Home(pr.HomeOptions{
		Base: run.in.base, Branch: run.in.branch, Path: run.in.journalPath(), Title: run.title(),
		Labels: run.in.labels, Reviewers: run.in.reviewers, AutoMerge: run.in.autoMerge,
	})
	run.home = &trackedHome{Home: home}
	return err
}

func (run *actionRun) title() string {
	title := "Rotation journal: " + run.in.environment
	if run.in.dir != "." {
		title += " (" + run.in.dir + ")"
	}
	return title
}

// owner is this repository's project (DESIGN §7): a repository that is renamed
// keeps its id, and a fork or a copy has another.
func (run *actionRun) owner() journal.Owner {
	host := run.runtime.Run.ServerURL
	if u, err := url.Parse(host); err == nil {
		host = u.Host
	}
	return journal.Owner{Host: host, RepositoryID: run.runtime.Run.RepoID, ProjectPath: run.in.dir}
}

// applyPlan writes what is due.
func (run *actionRun) applyPlan(ctx context.Context, r *rotate.Runner) error {
	if err := run.refuse(r); err != nil {
		return err
	}
	r.Hooks.Ready = run.ready
	r.Hooks.Announced = func(ctx context.Context) error {
		found, err := run.home.EnsurePR(ctx, run.body(rotate.Result{}))
		run.pull = found
		return err
	}
	var err error
	run.result, err = r.Apply(ctx)
	if err != nil {
		return explainOnly(err, run.doc)
	}
	return run.propose(ctx)
}

// refuse is what can be told without asking anybody.
func (run *actionRun) refuse(r *rotate.Runner) error {
	at := run.runtime.Run
	switch {
	case at.Ref != "refs/heads/"+run.in.base:
		return fail("not_the_base_branch", "this run is on %q, and only %s applies: nothing was changed\nrun the workflow on %s, or set the input base", at.Ref, run.in.base, run.in.base)
	case at.RepoID == 0:
		return fail("no_repository", "GITHUB_REPOSITORY_ID is not set: nobody can tell whose journal this is")
	case r.Store == nil:
		return fail("credentials", "an apply needs the inputs cloudflare-api-token and cloudflare-account-id, and they are empty\na run from a fork, or outside the environment that holds them, gets no secrets")
	case r.Ring.Empty():
		return fail("root_key_required", "an apply needs the input root-key, and it is empty\nmake one with `layer root generate`, and keep it in the environment's secrets")
	}
	head, err := actions.CheckoutHead(at.Workspace)
	if err != nil {
		return fail("stale_checkout", "tell which commit is checked out: %w\ncheck out with actions/checkout before this step", err)
	}
	if head != at.SHA {
		return fail("stale_checkout", "the workspace holds commit %.12s, and the run is for %.12s: nothing was changed\ncheck out the run's own commit", head, at.SHA)
	}
	return nil
}

// ready is asked before the first change: is the clock right, is the commit
// fresh.
func (run *actionRun) ready(ctx context.Context) error {
	if server, local, ok := run.repository.ServerTime(); ok {
		if skew := server.Sub(local.Truncate(time.Second)).Abs(); skew > rotate.MaxSkew {
			return fail("clock", "%w: it is %s from GitHub's: nothing was changed", rotate.ErrClock, skew.Round(time.Second))
		}
	}
	at := run.runtime.Run
	why, err := run.home.Stale(ctx, pr.Commit{SHA: at.SHA, RunID: at.ID, Attempt: at.Attempt, Only: path.Join(run.in.dir, ".layeron") + "/"})
	if err != nil {
		return err
	}
	if why != "" {
		return fail("stale_commit", "%s: nothing was changed", why)
	}
	return nil
}

// propose brings the pull request up to date with what was done, or makes the
// one that is missing.
func (run *actionRun) propose(ctx context.Context) error {
	if run.home.last == "" && !run.home.Pending() {
		return nil
	}
	var err error
	if run.pull.Number == 0 {
		if run.pull, err = run.home.EnsurePR(ctx, run.body(run.result)); err != nil {
			return fmt.Errorf("the journal is written, and has no pull request: %w", err)
		}
	}
	if run.home.last == "" {
		return nil
	}
	run.pull, err = run.home.UpdatePR(ctx, run.body(run.result))
	if err != nil {
		run.runtime.Warning("the pull request does not tell what was done: " + err.Error())
	}
	return nil
}

func (run *actionRun) body(result rotate.Result) string {
	page := run.page(nil)
	page.Result = result
	return page.PullRequestBody()
}
