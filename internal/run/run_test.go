package run_test

import (
	"strings"
	"testing"
	"time"

	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/run"
	"github.com/layeron/rotate/internal/secret"
)

// The exit code and fail-on depend on these combinations.
func TestJudge(t *testing.T) {
	const id = secret.ID("auth/key")
	for name, test := range map[string]struct {
		entry   plan.Entry
		outcome rotate.Outcome
		want    run.Verdict
	}{
		"planned only":          {plan.Entry{Action: plan.Rotate}, rotate.Outcome{}, run.Verdict{Due: true}},
		"created":               {plan.Entry{Action: plan.Create}, rotate.Outcome{Result: rotate.Applied}, run.Verdict{}},
		"failed":                {plan.Entry{Action: plan.Rotate}, rotate.Outcome{Result: rotate.Failed}, run.Verdict{Failed: true}},
		"waits for an operator": {plan.Entry{Action: plan.Blocked, Status: plan.ExternalValueRequired}, rotate.Outcome{}, run.Verdict{Waiting: true}},
		"waits for a product":   {plan.Entry{Action: plan.Blocked, Status: plan.ProviderFlowRequired}, rotate.Outcome{}, run.Verdict{Waiting: true}},
		"waits for a run":       {plan.Entry{Action: plan.Blocked, Status: plan.InFlight}, rotate.Outcome{}, run.Verdict{Waiting: true}},
		"blocked":               {plan.Entry{Action: plan.Blocked}, rotate.Outcome{}, run.Verdict{Blocked: true}},
	} {
		t.Run(name, func(t *testing.T) {
			test.entry.ID = id
			got := run.Judge(rotate.Result{
				Plan:     plan.Plan{Entries: []plan.Entry{test.entry}},
				Outcomes: map[secret.ID]rotate.Outcome{id: test.outcome},
			})
			got.Pending = false // Plan.Pending has its own tests
			if got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

// A suggested command must work when it is pasted into a shell.
func TestScopeQuotes(t *testing.T) {
	for _, test := range []struct {
		target run.Target
		want   string
	}{
		{run.Target{Project: run.Project{Environment: "production", Dir: "."}}, " --env production"},
		{run.Target{Project: run.Project{Environment: "dev", Dir: "my app"}, Local: true}, " --env dev --project 'my app' --local"},
		{run.Target{Project: run.Project{Environment: "dev", Dir: ".", Name: "it's; rm"}}, ` --env dev --project-name 'it'\''s; rm'`},
		{run.Target{Project: run.Project{Environment: "dev", Dir: ".", Entry: "-x.ts"}, At: "2026-01-01T00:00:00Z"}, " --env dev --entry '-x.ts' --at 2026-01-01T00:00:00Z"},
	} {
		if got := test.target.Scope(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestSuggest(t *testing.T) {
	known := []secret.ID{"auth/session-key", "billing/token"}
	if got, want := run.Suggest("auth/sesion-key", known), "\ndid you mean auth/session-key?"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := run.Suggest("entirely/different-thing", known); got != "" {
		t.Errorf("got %q for an id that is near to none", got)
	}
}

func TestClock(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct{ env, at, want, err string }{
		{"", "", "2026-01-01T00:01:00Z", ""},
		{"2027-05-01T00:00:00Z", "", "2027-05-01T00:01:00Z", ""},
		{"2027-05-01T00:00:00Z", "2028-01-01T00:00:00Z", "2028-01-01T00:00:00Z", ""},
		{"tomorrow", "", "", "LAYER_CLOCK: "},
		{"", "tomorrow", "", "--at: "},
	} {
		at := now
		process := run.Process{Getenv: func(string) string { return test.env }, Now: func() time.Time { return at }}
		clock, err := process.Clock(test.at)
		if test.err != "" {
			if err == nil || !strings.HasPrefix(err.Error(), test.err) || run.Code(err) != "usage" {
				t.Errorf("clock %q, at %q: got error %v, want a usage error with %q", test.env, test.at, err, test.err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		at = now.Add(time.Minute)
		if got := clock.Now().UTC().Format(time.RFC3339); got != test.want {
			t.Errorf("clock %q, at %q: got %s, want %s", test.env, test.at, got, test.want)
		}
	}
}
