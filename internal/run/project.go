package run

import (
	"context"
	"os"
	"time"

	"github.com/layeron/rotate/internal/declare"
	"github.com/layeron/rotate/internal/secret"
)

// Project is a project's folder, and how its declarations are compiled.
type Project struct {
	Dir         string
	Entry       string // "": the default entries
	Name        string // "": as declared
	Environment string
	Timeout     time.Duration
	Memory      int64 // MiB

	root *os.Root // of Dir, once it is open
}

// The limits of a compile, if no flag sets them.
const (
	DefaultCompileTimeout = declare.DefaultTimeout
	DefaultCompileMemory  = declare.DefaultMemory >> 20 // MiB
)

// The folders of a project where layer keeps its journals and the files of --local.
const (
	StateFolder = ".layeron"
	LocalFolder = ".layeron/local"
)

// Check refuses an environment that is missing or not a valid name, and a folder
// that cannot be opened.
func (p *Project) Check() error {
	if p.Environment == "" {
		return Usage("the environment is missing\nadd --env production, or the environment you mean")
	}
	if err := secret.CheckEnvironment(p.Environment); err != nil {
		return Usage("%w", err)
	}
	_, err := p.Open()
	return err
}

// Open opens the project's folder, which stays open until the process ends.
// The folder may be a link, which is followed here once; what layer keeps below
// the folder is reached through the root, so that no link there leads out of it.
func (p *Project) Open() (*os.Root, error) {
	if p.root == nil {
		root, err := os.OpenRoot(p.Dir)
		if err != nil {
			return nil, Fail("project_not_found", "%q is not a folder\nrun layer in your project, or name its folder with --project", p.Dir)
		}
		p.root = root
	}
	return p.root, nil
}

// Compile compiles the declarations. The document holds the diagnostics, also
// with an error.
func (p Process) Compile(ctx context.Context, project *Project) (secret.Document, error) {
	if project.Timeout <= 0 || project.Memory <= 0 {
		return secret.Document{}, Usage("--compile-timeout and --compile-memory must be above 0")
	}
	doc, err := declare.Compile(ctx, p.Self, declare.Options{
		Project: project.Dir, Entry: project.Entry, ProjectName: project.Name, Environment: project.Environment,
		Timeout: project.Timeout, Memory: project.Memory << 20,
	})
	if err != nil {
		return secret.Document{}, Fail("compile_failed", "compile the declarations: %w", err)
	}
	if !doc.HasErrors() {
		return doc, nil
	}
	n := 0
	for _, d := range doc.Diagnostics {
		if d.Severity == secret.Error {
			n++
		}
	}
	return doc, Fail("compile_failed", "%s in the declarations: nothing was planned or written", secret.Count(n, "error"))
}
