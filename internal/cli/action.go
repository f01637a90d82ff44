package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/layeron/rotate/internal/actions"
	"github.com/layeron/rotate/internal/atomicfile"
	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/pr"
	"github.com/layeron/rotate/internal/report"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
)

func (a App) actionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "action",
		Short: "Run as a GitHub Action (the container's entry point)",
		Long: `Run as a GitHub Action, with its inputs from the runner's environment. On the
command line, use the commands of ` + "`layer secret`" + `.`,
		Example: `  layer action`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			runtime, err := actions.Open(a.Getenv, a.Stdout)
			if err != nil {
				return usage("%w", err)
			}
			return a.action(cmd.Context(), runtime)
		},
	}
}

// actionRun is one run of the action, and what it has found out so far.
type actionRun struct {
	app     App // its environment answers with the inputs first
	runtime *actions.Runtime
	in      actionInputs
	clock   clock
	apply   bool

	repository *pr.Repository
	home       *trackedHome
	doc        secret.Document
	result     rotate.Result
	pull       pr.PullRequest
	edited     bool             // the pull request edits the journal
	base       *secret.Document // the base branch's declarations, where they can be had
}

// action runs, and reports whatever came of it: outputs, summary, annotations,
// comment.
func (a App) action(ctx context.Context, runtime *actions.Runtime) error {
	in, err := readInputs(runtime)
	if err != nil {
		runtime.Error(err.Error())
		return status(exitError)
	}
	run := &actionRun{app: a, runtime: runtime, in: in}
	run.app.Getenv = in.getenv(a.Getenv)
	err = run.work(ctx)
	reported := run.report(context.WithoutCancel(ctx), err)
	if err = errors.Join(err, reported); err != nil {
		runtime.Error(err.Error())
		return status(exitError)
	}
	return run.verdict()
}

// work plans, and applies where that is asked for and allowed.
func (run *actionRun) work(ctx context.Context) error {
	var err error
	if run.clock, err = run.app.startedAt(); err != nil {
		return err
	}
	if err := run.mode(); err != nil {
		return err
	}
	if run.doc, err = run.app.compile(ctx, run.in.project(run.runtime.Run.Workspace)); err != nil {
		run.result.Plan = plan.Plan{Environment: run.doc.Environment, Project: run.doc.Project, Diagnostics: run.doc.Diagnostics}
		return err
	}
	if err := run.connect(); err != nil {
		return err
	}
	runner, err := run.runner()
	if err != nil {
		return err
	}
	if run.apply {
		return run.applyPlan(ctx, runner)
	}
	if request := run.runtime.Event.PullRequest; request != nil {
		if run.edited, err = run.repository.Edits(ctx, request.Number, run.in.journalPath()); err != nil {
			run.runtime.Warning("whether this pull request edits the journal is not known: " + err.Error())
		}
	}
	run.result, err = runner.Check(ctx)
	if err == nil && run.runtime.Event.PullRequest != nil {
		run.base = run.baseDeclarations(ctx)
	}
	return explainOnly(err, run.doc)
}

// baseDeclarations compiles the base branch's declarations from the API's copy,
// for what a pull request changes is a difference of declarations. Where they
// cannot be had the comment says so, and compares with what was applied.
func (run *actionRun) baseDeclarations(ctx context.Context) *secret.Document {
	folder, err := os.MkdirTemp("", "layer-base")
	if err != nil {
		return nil
	}
	defer func() { _ = os.RemoveAll(folder) }()
	if err := os.Mkdir(filepath.Join(folder, ".git"), 0o755); err != nil { // marks the repository's root
		return nil
	}
	if err := run.repository.Unpack(ctx, run.home.BaseHead(), folder); err != nil {
		run.app.say("the base branch's declarations cannot be had: " + err.Error())
		return nil
	}
	doc, err := run.app.compile(ctx, run.in.project(folder))
	if err != nil {
		run.app.say("the base branch's declarations do not compile: " + err.Error())
		return nil
	}
	return &doc
}

// mode decides between check and apply by the event.
func (run *actionRun) mode() error {
	switch run.runtime.Run.Event {
	case "schedule", "workflow_dispatch", "push", "repository_dispatch":
		run.apply = run.in.apply
	default:
		if run.in.apply {
			run.runtime.Warning(fmt.Sprintf("apply is true, and a run on %s only checks: apply from schedule, workflow_dispatch, push or repository_dispatch", run.runtime.Run.Event))
		}
	}
	if run.in.force && !run.apply {
		return usage("input force is true and this run only checks: nothing was rotated\nset apply to true as well")
	}
	return nil
}

// runner wires the run together. A pull request's run neither needs nor reads
// the root key.
func (run *actionRun) runner() (*rotate.Runner, error) {
	r := &rotate.Runner{
		Document: run.doc, Clock: run.clock, Random: run.app.Random,
		Journal: rotate.Journal{JournalStore: run.home, Place: journal.PlaceGitHub, Owner: run.owner()},
		Hooks:   rotate.Hooks{Progress: run.app.progress()},
		Request: plan.Request{Only: run.in.only, Run: run.runtime.Run.Name(), AllowDestructive: run.in.allowDestructive},
	}
	if run.apply {
		r.Request.Force, r.Request.Reason = run.in.force, run.in.reason
	}
	if run.runtime.Event.PullRequest == nil {
		ring, err := run.app.ringFromEnvironment()
		if err != nil {
			return nil, err
		}
		r.Ring = ring
	}
	var err error
	r.Store, err = run.app.openCloudflare(run.clock)
	return r, err
}

// report tells what came of the run wherever it can; what it cannot is a
// warning, for the run itself went as it did.
func (run *actionRun) report(ctx context.Context, err error) error {
	page := run.page(err)
	for _, annotation := range report.Annotations(run.result, run.in.dir, run.editedJournal()) {
		run.runtime.Command(annotation.Command())
	}
	if failed := run.runtime.Summary(page.Summary()); failed != nil {
		run.runtime.Warning("the summary is missing: " + failed.Error())
	}
	run.comment(ctx, page)
	return run.outputs(err)
}

// page is what summary, comment and pull request say.
func (run *actionRun) page(err error) report.Page {
	page := report.Page{
		Result: run.result, Document: run.doc, Limits: report.Limits{ValueBytes: valueLimit, Quota: secretQuota},
		Run: report.Run{
			Name: fmt.Sprintf("run %d", run.runtime.Run.ID), URL: run.runtime.Run.URL(), Commit: run.runtime.Run.SHA, Version: version(),
		},
	}
	if err != nil {
		page.Failure = failed(err)
	}
	if run.runtime.Event.PullRequest != nil {
		page.Proposal = &report.Proposal{Base: run.base, EditedJournal: run.editedJournal()}
	}
	return page
}

func (run *actionRun) editedJournal() string {
	if !run.edited {
		return ""
	}
	return run.in.journalPath()
}

// comment puts the plan under the pull request. On a fork's token, which may not
// comment, the summary has it.
func (run *actionRun) comment(ctx context.Context, page report.Page) {
	request := run.runtime.Event.PullRequest
	if request == nil || !run.in.comment || run.repository == nil {
		return
	}
	text := page.Comment()
	_, err := run.repository.Stick(ctx, request.Number, pr.Comment{
		Environment: run.in.environment, Project: run.in.dir, Body: text.Body, Footer: text.Footer, UpdateOnly: !page.WorthTelling(),
	})
	if err == nil {
		return
	}
	if denied := new(pr.DeniedError); errors.As(err, &denied) && request.FromFork() {
		run.app.say("a fork's token may not comment: the plan is in the job's summary")
		return
	}
	run.runtime.Warning("the plan is in the job's summary only: " + err.Error())
}

// maxPlanOutput is how large the plan may be for an output. GitHub takes a
// megabyte of all outputs of a job.
const maxPlanOutput = 512 << 10

// outputs sets the outputs of the step.
func (run *actionRun) outputs(failure error) error {
	var document bytes.Buffer
	var f *report.Failure
	if failure != nil {
		f = failed(failure)
	}
	if err := report.JSON(&document, run.result, f); err != nil {
		return err
	}
	file, err := run.planFile(document.Bytes())
	if err != nil {
		run.runtime.Warning("the plan's file is missing: " + err.Error())
	}
	text := document.String()
	if len(text) > maxPlanOutput {
		run.runtime.Warning(fmt.Sprintf("the plan is %d bytes, too many for an output: read the file that plan-file names", len(text)))
		text = ""
	}
	operation := run.pull.Operation
	if operation == "" {
		operation = pr.Untouched
	}
	for _, output := range []struct{ name, value string }{
		{"plan", text}, {"plan-file", file},
		{"due", idsOf(run.result, isDue)}, {"rotated", idsOf(run.result, isRotated)}, {"blocked", idsOf(run.result, isBlocked)},
		{"pull-request-number", numberOrNone(run.pull.Number)}, {"pull-request-url", run.pull.URL}, {"pull-request-operation", string(operation)},
		{"journal-commit", run.home.lastCommit()},
	} {
		if err := run.runtime.Output(output.name, output.value); err != nil {
			return fmt.Errorf("set output %s: %w", output.name, err)
		}
	}
	return nil
}

// planFile leaves the plan in the workspace, where the steps after this one find
// it under the same relative path, and git does not.
func (run *actionRun) planFile(data []byte) (string, error) {
	root, err := run.in.project(run.runtime.Run.Workspace).open()
	if err != nil {
		return "", err
	}
	if err := prepareLocal(root); err != nil {
		return "", err
	}
	name := localFolder + "/plan-" + run.in.environment + ".json"
	if err := atomicfile.Write(root, name, data, 0o644); err != nil {
		return "", err
	}
	return path.Join(run.in.dir, name), nil
}

// verdict is the exit code, as fail-on says.
func (run *actionRun) verdict() error {
	var bad, blocked, due bool
	for _, e := range run.result.Plan.Entries {
		bad = bad || run.result.Outcomes[e.ID].Result == rotate.Failed
		blocked = blocked || e.Action == plan.Blocked && !(run.apply && e.Status.Waiting())
		due = due || run.result.Outcomes[e.ID].Result == "" && isDue(e, rotate.Outcome{})
	}
	failOn := run.in.failOn
	if failOn == "" && run.apply {
		failOn = "blocked"
	}
	if bad || blocked && (failOn == "blocked" || failOn == "due") || due && failOn == "due" {
		return status(exitError)
	}
	return nil
}

// version is the release that was built, as its module says.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
