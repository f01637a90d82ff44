package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/report"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/run"
	"github.com/layeron/rotate/internal/secret"
)

// rotateOptions are the flags of `secret rotate`.
type rotateOptions struct {
	run.Target
	json             bool
	only             []string
	apply            bool
	yes              bool
	exitCode         bool
	force            bool
	all              bool
	reason           string
	allowDestructive bool
}

func (a App) rotateCommand() *cobra.Command {
	var o rotateOptions
	cmd := &cobra.Command{
		Use:   "rotate --env ENVIRONMENT",
		Short: "Show which secrets are due, and write them with --apply",
		Long: `Compile the declarations, work out which secrets are due, and show what would be
done. With --apply, write it: new secrets are created, due ones get a new
version, expired versions are removed. Running it again changes nothing.

Exit codes: 0 done; 1 an error, or after --apply something failed or is blocked
(a secret that waits for an operator's value, for its product or for another run
does not count); 2 with --exit-code, something is due, waiting or blocked.`,
		Example: `  # What is due?
  layer secret rotate --env production

  # Write it, as from cron:
  layer secret rotate --env production --apply --yes

  # Try the declarations out on the embedded store, as of next March:
  layer secret rotate --env production --local --at 2027-03-01T00:00:00Z --apply --yes

  # A key leaked: replace it now, whatever its schedule says.
  layer secret rotate --env production --apply --force --only auth/session-key --reason "leaked in a log"`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			if o.apply && !o.yes && !a.StdinTerminal {
				return run.Usage("--apply asks for confirmation, and stdin is not a terminal\nadd --yes")
			}
			return a.rotate(cmd.Context(), &o)
		},
	}
	targetFlags(cmd, &o.Target)
	f := cmd.Flags()
	f.BoolVar(&o.apply, "apply", false, "write what is due")
	f.BoolVarP(&o.yes, "yes", "y", false, "do not ask before writing")
	f.StringArrayVar(&o.only, "only", nil, "work on this secret only, by id; may be repeated")
	f.BoolVar(&o.force, "force", false, "make a new version now, due or not; needs --reason, and --only or --all")
	f.BoolVar(&o.all, "all", false, "with --force: every secret")
	f.StringVar(&o.reason, "reason", "", "why a rotation is forced; recorded in the journal")
	f.BoolVar(&o.allowDestructive, "allow-destructive", false, "allow a change of retention that destroys versions or changes the stored form")
	f.StringVar(&o.At, "at", "", "plan as of another instant, in RFC 3339; with --apply only together with --local")
	a.jsonFlag(cmd, &o.json, "print the plan, or the result, as JSON", planFailure)
	f.BoolVar(&o.exitCode, "exit-code", false, "exit with 2 when something is due or waiting")
	return cmd
}

// check refuses flags that contradict each other.
func (o *rotateOptions) check() error {
	switch {
	case o.At != "" && o.apply && !o.Local:
		return run.Usage("--at with --apply needs --local: only the embedded store can be written as of another time")
	case o.force && !o.apply:
		return run.Usage("--force needs --apply: a check shows what is due")
	case o.force && strings.TrimSpace(o.reason) == "":
		return run.Usage("--force needs --reason: the journal records it")
	case o.force && o.all == (len(o.only) > 0):
		return run.Usage("--force needs either --only ID or --all")
	case !o.force && (o.all || o.reason != ""):
		return run.Usage("--all and --reason go with --force")
	}
	return o.Project.Check()
}

func (a App) rotate(ctx context.Context, o *rotateOptions) error {
	doc, err := a.Compile(ctx, &o.Project)
	if err != nil {
		return a.conclude(o, rotate.Result{Plan: plan.Plan{Environment: doc.Environment, Project: doc.Project, Diagnostics: doc.Diagnostics}}, err)
	}
	request := plan.Request{Force: o.force, Reason: o.reason, AllowDestructive: o.allowDestructive}
	for _, id := range o.only {
		request.Only = append(request.Only, secret.ID(id))
	}
	s, err := a.Session(&o.Target, doc, request)
	if err != nil {
		return err
	}
	if !o.apply || !o.yes {
		result, err := s.Runner.Check(ctx)
		if err != nil || !o.apply {
			return a.conclude(o, result, run.ExplainOnly(err, doc))
		}
		if err := a.confirm(ctx, o, result); err != nil {
			return err
		}
	}
	if err := s.Lock(ctx); err != nil {
		return err
	}
	defer s.Journal.Unlock()
	result, err := s.Runner.Apply(ctx)
	return a.conclude(o, result, run.ExplainOnly(err, doc))
}

// confirm shows the plan and asks.
func (a App) confirm(ctx context.Context, o *rotateOptions, result rotate.Result) error {
	changes := result.Plan.Changes()
	if changes == 0 {
		return nil
	}
	if err := report.Table(a.Stderr, result, a.style()); err != nil {
		return err
	}
	fmt.Fprintln(a.Stderr)
	return a.ask(ctx, fmt.Sprintf("Write %s to the %s?", secret.Count(changes, "change"), report.Store(result.Plan)))
}

// conclude prints a result and turns it into an exit code.
func (a App) conclude(o *rotateOptions, result rotate.Result, err error) error {
	if o.json {
		var f *report.Failure
		if err != nil {
			f = failed(err)
		}
		if printed := report.JSON(a.Stdout, result, f); printed != nil {
			return printed
		}
	} else if err != nil && result.Outcomes == nil {
		a.diagnose(result.Plan.Diagnostics)
	} else {
		a.diagnose(result.Plan.Diagnostics)
		if printed := a.table(o, result); printed != nil {
			return printed
		}
	}
	if err != nil {
		return shown{err}
	}
	return verdict(result, o.apply, o.exitCode)
}

func (a App) table(o *rotateOptions, result rotate.Result) error {
	if err := report.Table(a.Stdout, result, a.style()); err != nil {
		return err
	}
	if o.apply || result.Plan.Changes() == 0 {
		return nil
	}
	hint := "layer secret rotate --apply" + o.Scope()
	for _, id := range o.only {
		hint += " --only " + plan.Quote(id)
	}
	if o.allowDestructive {
		hint += " --allow-destructive"
	}
	_, err := fmt.Fprintf(a.Stdout, "nothing was changed; write it with `%s`\n", hint)
	return err
}
