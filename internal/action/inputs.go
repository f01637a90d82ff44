package action

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/layeron/rotate/internal/actions"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/run"
	"github.com/layeron/rotate/internal/secret"
)

// inputs are the inputs of action.yml, checked.
type inputs struct {
	environment      string
	apply            bool
	dir              string // of the project in the repository, "." for its root
	entry            string
	only             []secret.ID
	force            bool
	reason           string
	allowDestructive bool
	base             string
	branch           string
	labels           []string
	reviewers        []string
	autoMerge        bool
	comment          bool
	failOn           string
	token            string // for GitHub
	credentials      map[string]string
}

// readInputs reads the inputs. Its error lists every bad input.
func readInputs(r *actions.Runtime) (inputs, error) {
	read := r.Inputs()
	in := inputs{
		environment: read.Required("environment"), apply: read.Bool("apply", false),
		dir: path.Clean(filepath.ToSlash(read.Text("project", "."))), entry: read.Text("entry", ""),
		force: read.Bool("force", false), reason: read.Text("reason", ""), allowDestructive: read.Bool("allow-destructive", false),
		base: read.Text("base", r.Event.Repository.DefaultBranch), labels: read.List("labels"), reviewers: read.List("reviewers"),
		autoMerge: read.Bool("auto-merge", false), comment: read.Bool("comment", true), token: read.Text("github-token", ""),
		credentials: map[string]string{
			run.EnvToken: read.Text("cloudflare-api-token", ""), run.EnvAccount: read.Text("cloudflare-account-id", ""),
			run.EnvStore: read.Text("store-id", ""), run.EnvRootKey: read.Text("root-key", ""),
		},
	}
	for _, id := range read.List("only") {
		in.only = append(in.only, secret.ID(id))
	}
	in.failOn = read.OneOf("fail-on", "error", "blocked", "due")
	in.branch = read.Text("branch", defaultBranch(in.environment, in.dir))
	return in, errors.Join(read.Err(), in.check(r.Run.Workspace))
}

func (in inputs) check(workspace string) error {
	var errs []error
	if in.environment != "" {
		if err := secret.CheckEnvironment(in.environment); err != nil {
			errs = append(errs, fmt.Errorf("input environment: %w", err))
		}
	}
	if path.IsAbs(in.dir) || in.dir == ".." || strings.HasPrefix(in.dir, "../") {
		errs = append(errs, fmt.Errorf("input project is %q: use a folder of the repository", in.dir))
	}
	if in.force && strings.TrimSpace(in.reason) == "" {
		errs = append(errs, errors.New("input force needs reason: the journal records it"))
	}
	if workspace == "" {
		errs = append(errs, errors.New("GITHUB_WORKSPACE is not set"))
	}
	if in.base == "" {
		errs = append(errs, errors.New("the event does not name the default branch: set the input base"))
	}
	return errors.Join(errs...)
}

// getenv looks a variable up in the inputs, then in the environment.
func (in inputs) getenv(environment func(string) string) func(string) string {
	return func(name string) string {
		if value := in.credentials[name]; value != "" {
			return value
		}
		return environment(name)
	}
}

// project is the project in the checkout.
func (in inputs) project(workspace string) *run.Project {
	return &run.Project{
		Dir: filepath.Join(workspace, filepath.FromSlash(in.dir)), Entry: in.entry, Environment: in.environment,
		Timeout: run.DefaultCompileTimeout, Memory: run.DefaultCompileMemory,
	}
}

// journalPath is the journal's path in the repository.
func (in inputs) journalPath() string {
	return path.Join(in.dir, ".layeron", "rotation", in.environment+".json")
}

// defaultBranch is the bot's branch, different for each project of a repository.
func defaultBranch(environment, dir string) string {
	branch := "layer/rotation-" + environment
	if dir == "." {
		return branch
	}
	slug := strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(dir)), "-")
	sum := sha256.Sum256([]byte(dir))
	return branch + "+" + slug + "-" + hex.EncodeToString(sum[:3])
}

// What the outputs due, rotated and blocked list.

func isDue(e plan.Entry, _ rotate.Outcome) bool {
	return e.Action == plan.Create || e.Action == plan.Rotate
}

func isRotated(e plan.Entry, o rotate.Outcome) bool {
	return isDue(e, o) && o.Result == rotate.Applied
}

func isBlocked(e plan.Entry, _ rotate.Outcome) bool { return e.Action == plan.Blocked }

// idsOf lists ids as a JSON array.
func idsOf(result rotate.Result, is func(plan.Entry, rotate.Outcome) bool) string {
	out := []secret.ID{}
	for _, e := range result.Plan.Entries {
		if is(e, result.Outcomes[e.ID]) {
			out = append(out, e.ID)
		}
	}
	encoded, err := json.Marshal(out)
	if err != nil {
		return "[]"
	}
	return string(encoded)
}

func numberOrNone(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
