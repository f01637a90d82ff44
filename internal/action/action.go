// Package action is one run as a GitHub Action: it reads inputs and event,
// checks or applies, and reports through the job: outputs, summary, annotations,
// the pull request's comment. docs/design/surface.md is its contract.
package action

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/layeron/rotate/internal/actions"
	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/run"
)

// Run runs the action with the runner's environment, and reports whether the
// step succeeds. It fails only where there is no runner to report to.
func Run(ctx context.Context, p run.Process, stdout io.Writer) (succeeds bool, err error) {
	runtime, err := actions.Open(p.Getenv, stdout)
	if err != nil {
		return false, run.Usage("%w", err)
	}
	in, err := readInputs(runtime)
	if err != nil {
		runtime.Error(err.Error())
		return false, nil
	}
	s := &step{process: p, runtime: runtime, in: in}
	s.process.Getenv = in.getenv(p.Getenv)
	err = s.work(ctx)
	reported := s.report(context.WithoutCancel(ctx), err)
	if err = errors.Join(err, reported); err != nil {
		runtime.Error(err.Error())
		return false, nil
	}
	return !s.fails(), nil
}

// work checks, or applies where that is asked for and allowed.
func (s *step) work(ctx context.Context) error {
	var err error
	if s.clock, err = s.process.StartedAt(); err != nil {
		return err
	}
	if err := s.mode(); err != nil {
		return err
	}
	if s.doc, err = s.process.Compile(ctx, s.in.project(s.runtime.Run.Workspace)); err != nil {
		s.result.Plan = plan.Plan{Environment: s.doc.Environment, Project: s.doc.Project, Diagnostics: s.doc.Diagnostics}
		return err
	}
	if err := s.connect(); err != nil {
		return err
	}
	runner, err := s.runner()
	if err != nil {
		return err
	}
	if s.apply {
		return s.applyPlan(ctx, runner)
	}
	if request := s.runtime.Event.PullRequest; request != nil {
		if s.edited, err = s.repository.Edits(ctx, request.Number, s.in.journalPath()); err != nil {
			s.runtime.Warning("cannot find out whether this pull request edits the journal: " + err.Error())
		}
	}
	s.result, err = runner.Check(ctx)
	if err == nil && s.runtime.Event.PullRequest != nil {
		s.base = s.baseDeclarations(ctx)
	}
	return run.ExplainOnly(err, s.doc)
}

// mode chooses between check and apply by the event.
func (s *step) mode() error {
	switch s.runtime.Run.Event {
	case "schedule", "workflow_dispatch", "push", "repository_dispatch":
		s.apply = s.in.apply
	default:
		if s.in.apply {
			s.runtime.Warning(fmt.Sprintf("apply is true, and a run on %s only checks: apply from schedule, workflow_dispatch, push or repository_dispatch", s.runtime.Run.Event))
		}
	}
	if s.in.force && !s.apply {
		return run.Usage("input force is true and this run only checks: nothing was rotated\nset apply to true as well")
	}
	return nil
}

// runner builds the run. On a pull request it does not read the root key.
func (s *step) runner() (*rotate.Runner, error) {
	r := &rotate.Runner{
		Document: s.doc, Clock: s.clock, Random: s.process.Random,
		Journal: rotate.Journal{JournalStore: s.journal, Place: journal.PlaceGitHub, Owner: s.owner()},
		Hooks:   rotate.Hooks{Progress: s.process.Progress()},
		Request: plan.Request{Only: s.in.only, Run: s.runtime.Run.Name(), AllowDestructive: s.in.allowDestructive},
	}
	if s.apply {
		r.Request.Force, r.Request.Reason = s.in.force, s.in.reason
	}
	if s.runtime.Event.PullRequest == nil {
		ring, err := s.process.Ring()
		if err != nil {
			return nil, err
		}
		r.Ring = ring
	}
	var err error
	r.Store, err = s.process.OpenCloudflare(s.clock)
	return r, err
}
