package cli

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/layeron/rotate/internal/declare"
	"github.com/layeron/rotate/internal/report"
	"github.com/layeron/rotate/internal/secret"
)

// project is the flags of every command that compiles or reads a journal.
type project struct {
	dir     string
	root    *os.Root // of dir, once it is open
	entry   string
	name    string
	env     string
	json    bool
	timeout time.Duration
	memory  int64 // MiB
}

// The limits of a compile.
const (
	defaultCompileTimeout = declare.DefaultTimeout
	defaultCompileMemory  = declare.DefaultMemory >> 20 // MiB
)

// flags adds the flags that find a project and its journal.
func (p *project) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&p.env, "env", "", "environment to work on, such as production (required)")
	f.StringVar(&p.dir, "project", ".", "folder of the project")
	f.StringVar(&p.entry, "entry", "", "entry file, if it is none of layeron.config.ts, src/index.ts, index.ts, src/worker.ts")
	f.StringVar(&p.name, "project-name", "", "name of the project, if its declarations do not say")
}

// compileFlags adds the limits of a compile.
func (p *project) compileFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.DurationVar(&p.timeout, "compile-timeout", defaultCompileTimeout, "how long the declarations may take")
	f.Int64Var(&p.memory, "compile-memory", defaultCompileMemory, "how much memory they may take, in MiB")
}

// check refuses what every such command would trip over.
func (p *project) check() error {
	if p.env == "" {
		return usage("no environment is given\nadd --env production, or the environment you mean")
	}
	if err := secret.CheckEnvironment(p.env); err != nil {
		return usage("%w", err)
	}
	_, err := p.open()
	return err
}

// The folders of a project that layer keeps files in: the journals, and all that
// --local touches.
const (
	stateFolder = ".layeron"
	localFolder = ".layeron/local"
)

// open opens the project's folder, which stays open until the process ends.
// The folder may be a link, which is followed here once; what layer keeps below
// the folder is reached through the root, so that no link there leads out of it.
func (p *project) open() (*os.Root, error) {
	if p.root == nil {
		root, err := os.OpenRoot(p.dir)
		if err != nil {
			return nil, fail("project_not_found", "%q is not a folder\nrun layer in your project, or name it with --project", p.dir)
		}
		p.root = root
	}
	return p.root, nil
}

// compile compiles the declarations. The document holds the diagnostics, also
// when it fails; showing them is the caller's.
func (a App) compile(ctx context.Context, p *project) (secret.Document, error) {
	if p.timeout <= 0 || p.memory <= 0 {
		return secret.Document{}, usage("--compile-timeout and --compile-memory take more than nothing")
	}
	doc, err := declare.Compile(ctx, a.Self, declare.Options{
		Project: p.dir, Entry: p.entry, ProjectName: p.name, Environment: p.env, Timeout: p.timeout, Memory: p.memory << 20,
	})
	if err != nil {
		return secret.Document{}, fail("compile_failed", "compile the declarations: %w", err)
	}
	if doc.HasErrors() {
		n := 0
		for _, d := range doc.Diagnostics {
			if d.Severity == secret.Error {
				n++
			}
		}
		return doc, fail("compile_failed", "%s in the declarations: nothing was planned or written", secret.Count(n, "error"))
	}
	return doc, nil
}

// diagnose prints diagnostics in the form that editors and terminals link.
func (a App) diagnose(diagnostics []secret.Diagnostic) {
	for _, d := range diagnostics {
		place := ""
		if d.Position.File != "" {
			place = report.Printable(d.Position.String()) + ": "
			if strings.HasPrefix(place, ":") { // which a workflow would take for a command
				place = "./" + place
			}
		}
		fmt.Fprintf(a.Stderr, "%s%s: %s [%s]\n", place, d.Severity, report.Printable(d.Message), d.Code)
	}
}

// nearest is the hint to a misspelt id.
func nearest(id secret.ID, known []secret.ID) string {
	if meant, ok := secret.Nearest(id, known); ok {
		return fmt.Sprintf("\ndid you mean %s?", meant)
	}
	return ""
}
