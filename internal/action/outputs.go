package action

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"

	"github.com/layeron/rotate/internal/atomicfile"
	"github.com/layeron/rotate/internal/forecast"
	"github.com/layeron/rotate/internal/github"
	"github.com/layeron/rotate/internal/report"
	"github.com/layeron/rotate/internal/run"
)

// report publishes the result: annotations, summary, comment and outputs. What
// cannot be published is a warning, because the run itself is over.
func (s *step) report(ctx context.Context, err error) error {
	page := s.page(err)
	for _, annotation := range report.Annotations(s.result, s.in.dir, s.editedJournal()) {
		s.runtime.Command(annotation.Command())
	}
	if failed := s.runtime.Summary(page.Summary()); failed != nil {
		s.runtime.Warning("the summary is missing: " + failed.Error())
	}
	s.comment(ctx, page)
	return s.outputs(err)
}

// page is what summary, comment and pull request say.
func (s *step) page(err error) report.Page {
	page := report.Page{
		Result: s.result, Document: s.doc, Limits: forecast.Limits{ValueBytes: run.ValueLimit, Quota: run.SecretQuota},
		Run: report.Run{
			Name: fmt.Sprintf("run %d", s.runtime.Run.ID), URL: s.runtime.Run.URL(), Commit: s.runtime.Run.SHA, Version: run.Version(),
		},
	}
	if err != nil {
		page.Failure = failureOf(err)
	}
	if s.runtime.Event.PullRequest != nil {
		page.Proposal = &report.Proposal{Base: s.base, EditedJournal: s.editedJournal()}
	}
	return page
}

func (s *step) editedJournal() string {
	if !s.edited {
		return ""
	}
	return s.in.journalPath()
}

// comment puts the plan under the pull request. On a fork's token, which may not
// comment, the summary has it.
func (s *step) comment(ctx context.Context, page report.Page) {
	request := s.runtime.Event.PullRequest
	if request == nil || !s.in.comment || s.repository == nil {
		return
	}
	text := page.Comment()
	_, err := s.repository.PutComment(ctx, request.Number, github.Comment{
		Environment: s.in.environment, Project: s.in.dir, Body: text.Body, Footer: text.Footer, UpdateOnly: !page.NeedsComment(),
	})
	if err == nil {
		return
	}
	if denied := new(github.DeniedError); errors.As(err, &denied) && request.FromFork() {
		s.process.Say("a fork's token may not comment: the plan is in the job's summary")
		return
	}
	s.runtime.Warning("the plan is in the job's summary only: " + err.Error())
}

// maxPlanOutput is how large the plan may be for an output. GitHub takes a
// megabyte of all outputs of a job.
const maxPlanOutput = 512 << 10

// outputs sets the outputs of the step.
func (s *step) outputs(failure error) error {
	var document bytes.Buffer
	var f *report.Failure
	if failure != nil {
		f = failureOf(failure)
	}
	if err := report.JSON(&document, s.result, f); err != nil {
		return err
	}
	file, err := s.planFile(document.Bytes())
	if err != nil {
		s.runtime.Warning("the plan's file is missing: " + err.Error())
	}
	text := document.String()
	if len(text) > maxPlanOutput {
		s.runtime.Warning(fmt.Sprintf("the plan is %d bytes, too many for an output: read the file that plan-file names", len(text)))
		text = ""
	}
	operation := s.pull.Operation
	if operation == "" {
		operation = github.Untouched
	}
	for _, output := range []struct{ name, value string }{
		{"plan", text}, {"plan-file", file},
		{"due", idsOf(s.result, isDue)}, {"rotated", idsOf(s.result, isRotated)}, {"blocked", idsOf(s.result, isBlocked)},
		{"pull-request-number", numberOrNone(s.pull.Number)}, {"pull-request-url", s.pull.URL}, {"pull-request-operation", string(operation)},
		{"journal-commit", s.journal.lastCommit()},
	} {
		if err := s.runtime.Output(output.name, output.value); err != nil {
			return fmt.Errorf("set output %s: %w", output.name, err)
		}
	}
	return nil
}

// planFile leaves the plan in the workspace, where the steps after this one find
// it under the same relative path, and git does not.
func (s *step) planFile(data []byte) (string, error) {
	root, err := s.in.project(s.runtime.Run.Workspace).Open()
	if err != nil {
		return "", err
	}
	if err := run.PrepareLocal(root); err != nil {
		return "", err
	}
	name := run.LocalFolder + "/plan-" + s.in.environment + ".json"
	if err := atomicfile.Write(root, name, data, 0o644); err != nil {
		return "", err
	}
	return path.Join(s.in.dir, name), nil
}

// failureOf is an error as JSON shows it.
func failureOf(err error) *report.Failure {
	return &report.Failure{Code: run.Code(err), Message: err.Error()}
}

// fails reports whether the step fails, as the input fail-on says.
func (s *step) fails() bool {
	v := run.Judge(s.result)
	failOn := s.in.failOn
	if failOn == "" && s.apply {
		failOn = "blocked"
	}
	blocked := v.Blocked || v.Waiting && !s.apply
	return v.Failed || blocked && (failOn == "blocked" || failOn == "due") || v.Due && failOn == "due"
}
