package actions_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/actions"
)

// runner returns the environment of a run and its folder. The strings in more
// are pairs of name and value to add or replace.
func runner(t *testing.T, more ...string) (func(string) string, string) {
	t.Helper()
	folder := t.TempDir()
	env := map[string]string{
		"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/billing", "GITHUB_REPOSITORY_ID": "4711", "GITHUB_RUN_ID": "42", "GITHUB_RUN_ATTEMPT": "1",
		"GITHUB_EVENT_NAME": "schedule", "GITHUB_WORKSPACE": folder,
		"GITHUB_OUTPUT": filepath.Join(folder, "output"), "GITHUB_STEP_SUMMARY": filepath.Join(folder, "summary"),
	}
	for i := 0; i < len(more); i += 2 {
		env[more[i]] = more[i+1]
	}
	return func(name string) string { return env[name] }, folder
}

func open(t *testing.T, more ...string) (*actions.Runtime, string) {
	t.Helper()
	getenv, folder := runner(t, more...)
	r, err := actions.Open(getenv, &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	return r, folder
}

func TestOpen(t *testing.T) {
	r, _ := open(t)
	if r.Run.Owner != "acme" || r.Run.Repo != "billing" || r.Run.RepoID != 4711 || r.Run.URL() != "https://github.com/acme/billing/actions/runs/42" {
		t.Errorf("run %+v", r.Run)
	}
	for name, more := range map[string][]string{
		"not on a runner": {"GITHUB_ACTIONS", ""},
		"no repository":   {"GITHUB_REPOSITORY", ""},
		"no owner":        {"GITHUB_REPOSITORY", "acme"},
		"run id in words": {"GITHUB_RUN_ID", "forty-two"},
	} {
		getenv, _ := runner(t, more...)
		if _, err := actions.Open(getenv, &bytes.Buffer{}); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
}

// A value that contains the runner's delimiter could set another output. Output
// refuses it and writes nothing.
func TestOutputCannotSetAnother(t *testing.T) {
	r, folder := open(t)
	if err := r.Output("plan", "a\nb"); err != nil {
		t.Fatal(err)
	}
	evil := "x\n_GitHubActionsFileCommandDelimeter_\nrotated<<EOF\neverything\nEOF"
	if err := r.Output("plan", evil); err == nil {
		t.Error("Output accepts a value that contains the delimiter")
	}
	data, err := os.ReadFile(filepath.Join(folder, "output"))
	if err != nil || strings.Contains(string(data), "everything") {
		t.Errorf("%v\n%s", err, data)
	}
	r, _ = open(t, "GITHUB_OUTPUT", "", "GITHUB_STEP_SUMMARY", "")
	if r.Output("plan", "x") == nil || r.Summary("x") == nil {
		t.Error("no error without a file to write to")
	}
	r, _ = open(t, "GITHUB_OUTPUT", "/nowhere/output")
	if r.Output("plan", "x") == nil {
		t.Error("no error for a file that cannot be written")
	}
}

// One error lists all invalid inputs, and an empty input counts as not set.
func TestInputs(t *testing.T) {
	r, _ := open(t, "INPUT_ENVIRONMENT", "", "INPUT_APPLY", "yes", "INPUT_COMMENT", "", "INPUT_FAIL-ON", "never", "INPUT_ONLY", "a/b, c/d\n\n e/f ,", "INPUT_FORCE", "TRUE")
	in := r.Inputs()
	in.Required("environment")
	apply, comment, force := in.Bool("apply", false), in.Bool("comment", true), in.Bool("force", false)
	in.OneOf("fail-on", "error", "due")
	if apply || !comment || !force {
		t.Errorf("apply %v, comment %v, force %v", apply, comment, force)
	}
	if diff := cmp.Diff([]string{"a/b", "c/d", "e/f"}, in.List("only")); diff != "" {
		t.Error(diff)
	}
	err := in.Err()
	for _, want := range []string{"environment is required", `apply is "yes": use true or false`, `fail-on is "never": use error, due`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in %v", want, err)
		}
	}
}

func TestForks(t *testing.T) {
	for data, want := range map[string]bool{
		`{"pull_request": {"head": {"repo": {"id": 1}}, "base": {"repo": {"id": 1}}}}`: false,
		`{"pull_request": {"head": {"repo": {"id": 2}}, "base": {"repo": {"id": 1}}}}`: true,
		`{"pull_request": {"head": {"repo": null}, "base": {"repo": {"id": 1}}}}`:      true, // deleted since
	} {
		event, err := actions.ParseEvent([]byte(data))
		if err != nil || event.PullRequest.FromFork() != want {
			t.Errorf("%s: %v, %v", data, event.PullRequest, err)
		}
	}
}

func FuzzParseEvent(f *testing.F) {
	f.Add([]byte(`{"pull_request": {"number": 1, "head": {"repo": null}}, "repository": {"id": 1, "default_branch": "main"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		event, err := actions.ParseEvent(data)
		if err == nil && event.PullRequest != nil {
			event.PullRequest.FromFork()
		}
	})
}

func TestCheckoutHead(t *testing.T) {
	id, other := strings.Repeat("a1", 20), strings.Repeat("b2", 20)
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"detached", map[string]string{"HEAD": id + "\n"}, id},
		{"a branch", map[string]string{"HEAD": "ref: refs/heads/main\n", "refs/heads/main": id + "\n"}, id},
		{"a packed branch", map[string]string{"HEAD": "ref: refs/heads/main\n", "packed-refs": "# pack-refs with: peeled\n" + other + " refs/heads/other\n" + id + " refs/heads/main\n"}, id},
		{"a branch, loose and packed", map[string]string{"HEAD": "ref: refs/heads/main\n", "refs/heads/main": id + "\n", "packed-refs": other + " refs/heads/main\n"}, id},
		{"a branch that does not exist", map[string]string{"HEAD": "ref: refs/heads/main\n", "packed-refs": id + " refs/heads/mainly\n"}, ""},
		{"a ref outside .git", map[string]string{"HEAD": "ref: ../../secret\n"}, ""},
		{"no commit", map[string]string{"HEAD": "main\n"}, ""},
		{"no checkout", nil, ""},
	} {
		workspace := t.TempDir()
		for name, text := range c.files {
			path := filepath.Join(workspace, ".git", filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := actions.CheckoutHead(workspace)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
}
