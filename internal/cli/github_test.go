package cli_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/layeron/rotate/internal/contract"
	"github.com/layeron/rotate/internal/fake"
)

const (
	botBranch   = "layer/rotation-production"
	githubToken = "ghs-2b4e71-marked-token"
)

// repository is the remote project in a repository on a fake GitHub. It runs
// the real program as a step of a workflow, with the environment that the
// runner sets.
type repository struct {
	*remote
	github *fake.GitHub
	url    string
	runs   int64
	// pull is the number of the pull request in events; 0 for none.
	pull int
	fork bool
	// checkedOut is the commit in the workspace; the head of main if it is "".
	checkedOut string
}

// stepResult is what a step writes.
type stepResult struct {
	code    int
	stdout  string // has the workflow commands
	stderr  string
	outputs map[string]string
	summary string
}

func newRepository(t *testing.T, change func(*fake.Options)) *repository {
	t.Helper()
	r := &repository{remote: newRemote(t)}
	files := map[string]string{}
	err := filepath.WalkDir(r.project, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(r.project, path)
		files[filepath.ToSlash(name)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	options := fake.Options{Now: r.clock.Now, Files: files}
	if change != nil {
		change(&options)
	}
	github, server := fake.Serve(t, options)
	r.github, r.url = github, server.URL
	return r
}

// step returns a command that runs one step, and the folder of its outputs.
// Credentials are among the inputs unless they are set to "".
func (r *repository) step(event string, inputs map[string]string, environment ...string) (cmd *exec.Cmd, folder string) {
	r.t.Helper()
	r.runs++
	folder = r.t.TempDir()
	head := r.github.Head("main")
	cmd = r.command("action")
	r.checkout(cmp.Or(r.checkedOut, head))
	all := map[string]string{
		"environment": "production", "github-token": githubToken, "cloudflare-api-token": token, "cloudflare-account-id": account, "root-key": rootKey,
	}
	for name, value := range inputs {
		all[name] = value
	}
	cmd.Env = []string{
		"LAYER_CLOCK=" + r.clock.Now().Format("2006-01-02T15:04:05Z"), "CLOUDFLARE_BASE_URL=" + r.env["CLOUDFLARE_BASE_URL"],
		"GITHUB_ACTIONS=true", "GITHUB_EVENT_NAME=" + event, "GITHUB_SHA=" + head, "GITHUB_REF=refs/heads/main", "GITHUB_REPOSITORY=acme/billing",
		"GITHUB_REPOSITORY_ID=4711", fmt.Sprintf("GITHUB_RUN_ID=%d", r.runs), "GITHUB_RUN_ATTEMPT=1", "GITHUB_SERVER_URL=https://github.com",
		"GITHUB_API_URL=" + r.url, "GITHUB_GRAPHQL_URL=" + r.url + "/graphql", "GITHUB_WORKSPACE=" + r.project,
		"GITHUB_EVENT_PATH=" + r.event(folder), "GITHUB_OUTPUT=" + touch(r.t, folder, "output"), "GITHUB_STEP_SUMMARY=" + touch(r.t, folder, "summary"),
	}
	for name, value := range all {
		cmd.Env = append(cmd.Env, "INPUT_"+strings.ToUpper(name)+"="+value)
	}
	cmd.Env = append(cmd.Env, environment...)
	return cmd, folder
}

// action runs one step.
func (r *repository) action(event string, inputs map[string]string, environment ...string) stepResult {
	r.t.Helper()
	cmd, folder := r.step(event, inputs, environment...)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	before := r.github.File(botBranch, journalPath)
	_ = cmd.Run()
	r.printed = append(r.printed, out.String(), errs.String())
	o := stepResult{
		code: cmd.ProcessState.ExitCode(), stdout: out.String(), stderr: errs.String(),
		outputs: outputs(r.t, filepath.Join(folder, "output")), summary: readFile(r.t, filepath.Join(folder, "summary")),
	}
	r.checkDocuments(before, o.outputs["plan"])
	return o
}

// checkDocuments checks the journal that a step committed, and its plan, against
// their schemas.
func (r *repository) checkDocuments(before, plan string) {
	r.t.Helper()
	var err error
	if after := r.github.File(botBranch, journalPath); after != before && after != "" {
		err = contract.Journal([]byte(after))
	}
	if plan != "" {
		err = errors.Join(err, contract.Plan([]byte(plan)))
	}
	if err != nil {
		r.t.Errorf("run %d: %v", r.runs, err)
	}
}

// mustApply runs a scheduled apply and fails the test unless it succeeds.
func (r *repository) mustApply() stepResult {
	r.t.Helper()
	o := r.action("schedule", map[string]string{"apply": "true"})
	if o.code != 0 {
		r.t.Fatalf("at %s: exit code %d\n%s\n%s", r.clock.Now(), o.code, o.stderr, o.stdout)
	}
	return o
}

// checkout writes a commit id to .git/HEAD, as actions/checkout does.
func (r *repository) checkout(head string) {
	r.t.Helper()
	git := filepath.Join(r.project, ".git")
	if err := os.MkdirAll(git, 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(git, "HEAD"), []byte(head+"\n"), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// event writes the event file and returns its path.
func (r *repository) event(folder string) string {
	r.t.Helper()
	repository := map[string]any{"id": 4711, "default_branch": "main", "full_name": "acme/billing"}
	event := map[string]any{"repository": repository}
	if r.pull != 0 {
		head := map[string]any{"id": 4711}
		if r.fork {
			head = map[string]any{"id": 4712}
		}
		event["pull_request"] = map[string]any{
			"number": r.pull, "head": map[string]any{"ref": "feature", "repo": head}, "base": map[string]any{"ref": "main", "repo": repository},
		}
	}
	data, err := json.Marshal(event)
	if err != nil {
		r.t.Fatal(err)
	}
	path := filepath.Join(folder, "event.json")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		r.t.Fatal(err)
	}
	return path
}

// touch makes an empty file.
func touch(t *testing.T, folder, name string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// outputs parses the outputs of a step as the runner does.
func outputs(t *testing.T, path string) map[string]string {
	t.Helper()
	out := map[string]string{}
	lines := strings.Split(readFile(t, path), "\n")
	for i := 0; i < len(lines); i++ {
		name, delimiter, ok := strings.Cut(lines[i], "<<")
		if !ok {
			continue
		}
		var value []string
		for i++; i < len(lines) && lines[i] != delimiter; i++ {
			value = append(value, lines[i])
		}
		out[name] = strings.Join(value, "\n")
	}
	return out
}

// writeJournal makes a project folder with a journal and nothing else.
func writeJournal(t *testing.T, text string) string {
	t.Helper()
	project := t.TempDir()
	path := filepath.Join(project, journalPath)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return project
}
