// Package actions is the Actions runtime: what a run was started with, and the
// ways in which it answers. It is used by `layer action` only; on the command
// line none of its files exist.
//
// It masks nothing. The runner masks what comes from its secrets by itself, and
// a mask command would print the secret to ask for it.
package actions

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/sethvargo/go-githubactions"
)

// Runtime is one run of an action.
type Runtime struct {
	action *githubactions.Action
	getenv func(string) string
	out    io.Writer

	Run   Run
	Event Event
}

// Run is where and as what the action runs.
type Run struct {
	Workspace string // folder of the checkout
	Event     string // push, schedule, pull_request …
	SHA       string
	Ref       string // refs/heads/main …
	Owner     string
	Repo      string
	RepoID    int64
	ID        int64
	Attempt   int64
	Actor     string

	ServerURL  string
	APIURL     string
	GraphQLURL string
}

// URL is the page of the run.
func (r Run) URL() string {
	return fmt.Sprintf("%s/%s/%s/actions/runs/%d", r.ServerURL, r.Owner, r.Repo, r.ID)
}

// Name is the run's id for the journal. Re-running a job keeps it.
func (r Run) Name() string { return fmt.Sprintf("%s/%s/actions/runs/%d", r.Owner, r.Repo, r.ID) }

// Open reads the environment and the event file of a run. Commands go to out.
func Open(getenv func(string) string, out io.Writer) (*Runtime, error) {
	if getenv("GITHUB_ACTIONS") != "true" {
		return nil, errors.New("GITHUB_ACTIONS is not set: this is the entry point of the container")
	}
	action := githubactions.New(githubactions.WithGetenv(getenv), githubactions.WithWriter(out))
	context, err := action.Context()
	if err != nil {
		return nil, fmt.Errorf("read the run's environment: %w", err)
	}
	owner, repo := context.Repo()
	r := &Runtime{action: action, getenv: getenv, out: out, Run: Run{
		Workspace: context.Workspace, Event: context.EventName, SHA: context.SHA, Ref: context.Ref, Owner: owner, Repo: repo,
		ID: context.RunID, Attempt: context.RunAttempt, Actor: context.Actor,
		RepoID:    number(getenv("GITHUB_REPOSITORY_ID")),
		ServerURL: context.ServerURL, APIURL: context.APIURL, GraphQLURL: context.GraphqlURL,
	}}
	if owner == "" || repo == "" {
		return nil, errors.New("GITHUB_REPOSITORY is not set")
	}
	if r.Event, err = readEvent(context.EventPath); err != nil {
		return nil, err
	}
	if r.Run.RepoID == 0 {
		r.Run.RepoID = r.Event.Repository.ID
	}
	return r, nil
}

func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// Output sets an output of the step. A value that holds the line with which the
// runner ends a value could set others: it is refused.
func (r *Runtime) Output(name, value string) error {
	if r.getenv("GITHUB_OUTPUT") == "" {
		return errors.New("GITHUB_OUTPUT is not set")
	}
	if strings.Contains(value, "_GitHubActionsFileCommandDelimeter_") {
		return fmt.Errorf("output %s holds the runner's delimiter", name)
	}
	return caught(func() { r.action.SetOutput(name, value) })
}

// Summary adds Markdown to the job's summary.
func (r *Runtime) Summary(markdown string) error {
	if r.getenv("GITHUB_STEP_SUMMARY") == "" {
		return errors.New("GITHUB_STEP_SUMMARY is not set")
	}
	return caught(func() { r.action.AddStepSummary(markdown) })
}

// Command prints a workflow command, already escaped.
func (r *Runtime) Command(line string) { fmt.Fprintln(r.out, line) }

// Warning prints a warning that belongs to no file.
func (r *Runtime) Warning(text string) { r.action.Warningf("%s", text) }

// Error prints an error that belongs to no file.
func (r *Runtime) Error(text string) { r.action.Errorf("%s", text) }

// caught turns the library's panics into errors.
func caught(do func()) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("write for the runner: %v", p)
		}
	}()
	do()
	return nil
}
