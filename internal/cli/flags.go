package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/layeron/rotate/internal/report"
	"github.com/layeron/rotate/internal/run"
	"github.com/layeron/rotate/internal/secret"
)

// projectFlags adds the flags that find a project and its journal.
func projectFlags(cmd *cobra.Command, p *run.Project) {
	f := cmd.Flags()
	f.StringVar(&p.Environment, "env", "", "environment to work on, such as production (required)")
	f.StringVar(&p.Dir, "project", ".", "folder of the project")
	f.StringVar(&p.Entry, "entry", "", "entry file (default: the first of layeron.config.ts, src/index.ts, index.ts, src/worker.ts)")
	f.StringVar(&p.Name, "project-name", "", "name of the project, if its declarations do not set one")
}

// compileFlags adds the limits of a compile.
func compileFlags(cmd *cobra.Command, p *run.Project) {
	f := cmd.Flags()
	f.DurationVar(&p.Timeout, "compile-timeout", run.DefaultCompileTimeout, "how long compiling the declarations may take")
	f.Int64Var(&p.Memory, "compile-memory", run.DefaultCompileMemory, "how much memory compiling the declarations may take, in MiB")
}

// targetFlags adds the flags of a command that works on a store.
func targetFlags(cmd *cobra.Command, t *run.Target) {
	projectFlags(cmd, &t.Project)
	compileFlags(cmd, &t.Project)
	cmd.Flags().BoolVar(&t.Local, "local", false, "use an embedded store under .layeron/local: no account, no network")
}

// writeFlags adds the flags of a command that writes without --apply.
func writeFlags(cmd *cobra.Command, t *run.Target) {
	targetFlags(cmd, t)
	cmd.Flags().StringVar(&t.At, "at", "", "write as of another instant, in RFC 3339; only together with --local")
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
