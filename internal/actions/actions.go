// Package actions reads what the GitHub Actions runner passes to a step (event,
// inputs, checkout), and writes outputs, the job summary and workflow commands.
// Only `layer action` uses it.
//
// It never masks a value. The runner masks secrets by itself, and the command
// that asks for a mask contains the value.
package actions

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/sethvargo/go-githubactions"
)

// Runtime is the connection between the runner and one run of the action.
type Runtime struct {
	action *githubactions.Action
	getenv func(string) string
	out    io.Writer

	Run   Run
	Event Event
}

// Run describes the workflow run that the action is part of.
type Run struct {
	Workspace string // the folder of the checkout
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

// URL returns the address of the run's page.
func (r Run) URL() string {
	return fmt.Sprintf("%s/%s/%s/actions/runs/%d", r.ServerURL, r.Owner, r.Repo, r.ID)
}

// Name returns the name of the run for the journal. A re-run has the same name.
func (r Run) Name() string { return fmt.Sprintf("%s/%s/actions/runs/%d", r.Owner, r.Repo, r.ID) }

// Open reads the environment and the event file of a run. It writes workflow
// commands to out.
func Open(getenv func(string) string, out io.Writer) (*Runtime, error) {
	if getenv("GITHUB_ACTIONS") != "true" {
		return nil, errors.New("GITHUB_ACTIONS is not set\nuse this command in GitHub Actions only; elsewhere, use `layer secret`")
	}
	action := githubactions.New(githubactions.WithGetenv(getenv), githubactions.WithWriter(out))
	context, err := action.Context()
	if err != nil {
		return nil, fmt.Errorf("read the environment of the run: %w", err)
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

// Output sets an output of the step. It refuses a value that contains the
// runner's delimiter, because the text after it could set other outputs.
func (r *Runtime) Output(name, value string) error {
	if r.getenv("GITHUB_OUTPUT") == "" {
		return errors.New("GITHUB_OUTPUT is not set")
	}
	if strings.Contains(value, "_GitHubActionsFileCommandDelimeter_") {
		return fmt.Errorf("output %s contains the runner's delimiter", name)
	}
	return caught(func() { r.action.SetOutput(name, value) })
}

// Summary adds Markdown to the job summary.
func (r *Runtime) Summary(markdown string) error {
	if r.getenv("GITHUB_STEP_SUMMARY") == "" {
		return errors.New("GITHUB_STEP_SUMMARY is not set")
	}
	return caught(func() { r.action.AddStepSummary(markdown) })
}

// Command prints a workflow command that is already escaped.
func (r *Runtime) Command(line string) { fmt.Fprintln(r.out, line) }

// Warning prints a warning without a position in a file.
func (r *Runtime) Warning(text string) { r.action.Warningf("%s", text) }

// Error prints an error without a position in a file.
func (r *Runtime) Error(text string) { r.action.Errorf("%s", text) }

// caught turns a panic of the library into an error.
func caught(do func()) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("write a file for the runner: %v", p)
		}
	}()
	do()
	return nil
}
