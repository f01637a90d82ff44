package action_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/layeron/rotate/internal/action"
	"github.com/layeron/rotate/internal/run"
)

// A user who has several inputs wrong learns of all of them in one run.
func TestBadInputsAreReportedTogether(t *testing.T) {
	environment := map[string]string{
		"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/billing", "GITHUB_WORKSPACE": t.TempDir(),
		"INPUT_ENVIRONMENT": "Not Valid", "INPUT_APPLY": "yes", "INPUT_PROJECT": "../other",
		"INPUT_FORCE": "true", "INPUT_FAIL-ON": "never",
	}
	var out bytes.Buffer
	process := run.Process{Getenv: func(name string) string { return environment[name] }, Stderr: &out}
	succeeds, err := action.Run(t.Context(), process, &out)
	if err != nil || succeeds {
		t.Fatalf("got %v, %v; want a failed step", succeeds, err)
	}
	for _, want := range []string{
		"input environment: ", `input apply is "yes": use true or false`, `input project is "../other": `,
		"input force needs reason", `input fail-on is "never": use error, blocked, due`, "set the input base",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in:\n%s", want, out.String())
		}
	}
}

func TestRequiredInput(t *testing.T) {
	var out bytes.Buffer
	environment := map[string]string{"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/billing", "GITHUB_WORKSPACE": t.TempDir(), "INPUT_BASE": "main"}
	process := run.Process{Getenv: func(name string) string { return environment[name] }, Stderr: &out}
	if succeeds, err := action.Run(t.Context(), process, &out); err != nil || succeeds {
		t.Fatalf("got %v, %v; want a failed step", succeeds, err)
	}
	if got, want := out.String(), "::error::input environment is required\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
