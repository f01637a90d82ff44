package cli_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/layeron/rotate/internal/fake"
)

const (
	botBranch   = "layer/rotation-production"
	githubToken = "ghs-2b4e71-marked-token"
)

// hub is a repository on GitHub whose workflows run the real program as the
// runner does, against fakes of GitHub and of the store.
type hub struct {
	*remote
	github *fake.GitHub
	url    string
	runs   int64
	// pull is the pull request that pull_request events are about.
	pull int
	fork bool
	// stayAt is the commit that is checked out; the base head unless it is set.
	stayAt string
}

// outcome is what a step leaves behind.
type outcome struct {
	code    int
	log     string // standard output, where commands go
	said    string // standard error
	outputs map[string]string
	summary string
}

func newHub(t *testing.T, change func(*fake.Options)) *hub {
	t.Helper()
	h := &hub{remote: newRemote(t)}
	files := map[string]string{}
	err := filepath.WalkDir(h.project, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(h.project, path)
		files[filepath.ToSlash(name)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	options := fake.Options{Now: h.now, Files: files}
	if change != nil {
		change(&options)
	}
	if h.github, err = fake.New(options); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h.github)
	t.Cleanup(server.Close)
	h.url = server.URL
	return h
}

// step prepares one step, and the folder of its outputs. Inputs are those of
// action.yml; credentials are there unless they are set to nothing.
func (h *hub) step(event string, inputs map[string]string, environment ...string) (cmd *exec.Cmd, folder string) {
	h.t.Helper()
	h.runs++
	folder = h.t.TempDir()
	head := h.github.Head("main")
	cmd = h.command("action")
	h.checkout(cmp.Or(h.stayAt, head))
	given := map[string]string{
		"environment": "production", "github-token": githubToken, "cloudflare-api-token": token, "cloudflare-account-id": account, "root-key": rootKey,
	}
	for name, value := range inputs {
		given[name] = value
	}
	cmd.Env = []string{
		"LAYER_CLOCK=" + h.now().Format("2006-01-02T15:04:05Z"), "CLOUDFLARE_BASE_URL=" + h.env["CLOUDFLARE_BASE_URL"],
		"GITHUB_ACTIONS=true", "GITHUB_EVENT_NAME=" + event, "GITHUB_SHA=" + head, "GITHUB_REF=refs/heads/main", "GITHUB_REPOSITORY=acme/billing",
		"GITHUB_REPOSITORY_ID=4711", fmt.Sprintf("GITHUB_RUN_ID=%d", h.runs), "GITHUB_RUN_ATTEMPT=1", "GITHUB_SERVER_URL=https://github.com",
		"GITHUB_API_URL=" + h.url, "GITHUB_GRAPHQL_URL=" + h.url + "/graphql", "GITHUB_WORKSPACE=" + h.project,
		"GITHUB_EVENT_PATH=" + h.event(folder), "GITHUB_OUTPUT=" + touch(h.t, folder, "output"), "GITHUB_STEP_SUMMARY=" + touch(h.t, folder, "summary"),
	}
	for name, value := range given {
		cmd.Env = append(cmd.Env, "INPUT_"+strings.ToUpper(name)+"="+value)
	}
	cmd.Env = append(cmd.Env, environment...)
	return cmd, folder
}

// action runs one step.
func (h *hub) action(event string, inputs map[string]string, environment ...string) outcome {
	h.t.Helper()
	cmd, folder := h.step(event, inputs, environment...)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run()
	h.wrote = append(h.wrote, out.String(), errs.String())
	return outcome{
		code: cmd.ProcessState.ExitCode(), log: out.String(), said: errs.String(),
		outputs: outputs(h.t, filepath.Join(folder, "output")), summary: readFile(h.t, filepath.Join(folder, "summary")),
	}
}

// applied is a scheduled run that has to succeed.
func (h *hub) applied() outcome {
	h.t.Helper()
	o := h.action("schedule", map[string]string{"apply": "true"})
	if o.code != 0 {
		h.t.Fatalf("at %s: exit code %d\n%s\n%s", h.now(), o.code, o.said, o.log)
	}
	return o
}

// checkout puts a commit id where actions/checkout leaves it.
func (h *hub) checkout(head string) {
	h.t.Helper()
	git := filepath.Join(h.project, ".git")
	if err := os.MkdirAll(git, 0o755); err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(git, "HEAD"), []byte(head+"\n"), 0o644); err != nil {
		h.t.Fatal(err)
	}
}

func (h *hub) event(folder string) string {
	h.t.Helper()
	repository := map[string]any{"id": 4711, "default_branch": "main", "full_name": "acme/billing"}
	event := map[string]any{"repository": repository}
	if h.pull != 0 {
		head := map[string]any{"id": 4711}
		if h.fork {
			head = map[string]any{"id": 4712}
		}
		event["pull_request"] = map[string]any{
			"number": h.pull, "head": map[string]any{"ref": "feature", "repo": head}, "base": map[string]any{"ref": "main", "repo": repository},
		}
	}
	data, err := json.Marshal(event)
	if err != nil {
		h.t.Fatal(err)
	}
	path := filepath.Join(folder, "event.json")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		h.t.Fatal(err)
	}
	return path
}

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

// outputs reads a step's outputs as the runner does.
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

// writeJournal makes a project folder that holds nothing but a journal.
func writeJournal(t *testing.T, text string) string {
	t.Helper()
	project := t.TempDir()
	folder := filepath.Join(project, ".layeron", "rotation")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "production.json"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return project
}
