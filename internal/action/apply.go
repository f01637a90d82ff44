package action

import (
	"context"
	"fmt"
	"path"
	"time"

	"github.com/layeron/rotate/internal/actions"
	"github.com/layeron/rotate/internal/journalbranch"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/run"
)

// applyPlan writes what is due.
func (s *step) applyPlan(ctx context.Context, r *rotate.Runner) error {
	if err := s.refuse(r); err != nil {
		return err
	}
	r.Hooks.Ready = s.ready
	r.Hooks.Announced = func(ctx context.Context) error {
		found, err := s.journal.EnsurePR(ctx, s.body(rotate.Result{}))
		s.pull = found
		return err
	}
	var err error
	s.result, err = r.Apply(ctx)
	if err != nil {
		return run.ExplainOnly(err, s.doc)
	}
	return s.propose(ctx)
}

// refuse refuses an apply for reasons that need no request to find.
func (s *step) refuse(r *rotate.Runner) error {
	at := s.runtime.Run
	switch {
	case at.Ref != "refs/heads/"+s.in.base:
		return run.Fail("not_the_base_branch", "this run is on %q, and only %s applies: nothing was changed\nrun the workflow on %s, or set the input base", at.Ref, s.in.base, s.in.base)
	case at.RepoID == 0:
		return run.Fail("no_repository", "GITHUB_REPOSITORY_ID is not set: it names the owner of the journal")
	case r.Store == nil:
		return run.Fail("credentials", "an apply needs the inputs cloudflare-api-token and cloudflare-account-id, and they are empty\na run from a fork, or outside the environment that holds them, gets no secrets")
	case r.Ring.Empty():
		return run.Fail("root_key_required", "an apply needs the input root-key, and it is empty\nmake one with `layer root generate`, and keep it in the environment's secrets")
	}
	head, err := actions.CheckoutHead(at.Workspace)
	if err != nil {
		return run.Fail("stale_checkout", "read the checked-out commit: %w\ncheck out with actions/checkout before this step", err)
	}
	if head != at.SHA {
		return run.Fail("stale_checkout", "the workspace holds commit %.12s, and the run is for %.12s: nothing was changed\ncheck out the run's own commit", head, at.SHA)
	}
	return nil
}

// ready checks, before the first change, that the clock is right and the commit
// is fresh.
func (s *step) ready(ctx context.Context) error {
	if server, local, ok := s.repository.ServerTime(); ok {
		if skew := server.Sub(local.Truncate(time.Second)).Abs(); skew > rotate.MaxSkew {
			return run.Fail("clock", "%w: it is %s from GitHub's: nothing was changed", rotate.ErrClock, skew.Round(time.Second))
		}
	}
	at := s.runtime.Run
	why, err := s.journal.Stale(ctx, journalbranch.Commit{SHA: at.SHA, RunID: at.ID, Attempt: at.Attempt, Only: path.Join(s.in.dir, run.StateFolder) + "/"})
	if err != nil {
		return err
	}
	if why != "" {
		return run.Fail("stale_commit", "%s: nothing was changed", why)
	}
	return nil
}

// propose updates the pull request with what was done, and opens it if it is
// missing.
func (s *step) propose(ctx context.Context) error {
	if s.journal.last == "" && !s.journal.Pending() {
		return nil
	}
	var err error
	if s.pull.Number == 0 {
		if s.pull, err = s.journal.EnsurePR(ctx, s.body(s.result)); err != nil {
			return fmt.Errorf("the journal is written, but its pull request is missing: %w", err)
		}
	}
	if s.journal.last == "" {
		return nil
	}
	s.pull, err = s.journal.UpdatePR(ctx, s.body(s.result))
	if err != nil {
		s.runtime.Warning("the pull request does not show what was done: " + err.Error())
	}
	return nil
}

func (s *step) body(result rotate.Result) string {
	page := s.page(nil)
	page.Result = result
	return page.PullRequestBody()
}
