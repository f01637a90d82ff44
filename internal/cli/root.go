package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/layeron/rotate/internal/run"
	"github.com/layeron/rotate/internal/secret"
)

// Run runs one command line and returns its exit code.
func (a App) Run(ctx context.Context, args []string) int {
	a.documents = map[*cobra.Command]document{}
	root := a.root(args)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	code := status(exitError)
	switch {
	case err == nil:
		code = exitOK
	case !errors.As(err, &code):
		a.complain(err, root, args)
	}
	if cause := (stopped{}); errors.As(context.Cause(ctx), &cause) {
		return cause.exitCode()
	}
	return int(code)
}

// root is the tree of commands, for one command line.
func (a App) root(line []string) *cobra.Command {
	root := &cobra.Command{
		Use:   "layer",
		Short: "Rotate the secrets of Cloudflare Workers on a schedule",
		Long: `layer compiles the secret declarations in your TypeScript, works out which
secrets are due, and writes new versions to Cloudflare Secrets Store. Old
versions stay readable as long as their declaration says.`,
		Example: `  # Try a project on an embedded store, without an account:
  layer secret rotate --local --env production --apply --yes

  # See what is due:
  layer secret rotate --env production`,
		Version:       run.Version(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetIn(a.Stdin)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return run.Usage("%w\nsee `%s --help`", err, cmd.CommandPath())
	})
	root.AddCommand(a.compileCommand(), a.secretCommand(), a.rootKeyCommand(), a.journalCommand(), a.doctorCommand(), a.actionCommand())
	for _, cmd := range commands(root) {
		cmd.Args = arguments(cmd.Args)
		if cmd.HasSubCommands() {
			// A misspelt command is the mistake, not the flags behind it.
			cmd.FParseErrWhitelist.UnknownFlags = true
			cmd.RunE = func(cmd *cobra.Command, args []string) error { return unknownCommand(cmd, args, line) }
		}
	}
	return root
}

func commands(cmd *cobra.Command) []*cobra.Command {
	out := []*cobra.Command{cmd}
	for _, sub := range cmd.Commands() {
		out = append(out, commands(sub)...)
	}
	return out
}

// arguments turns a complaint about a command's arguments into a usage error.
func arguments(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if check == nil || cmd.HasSubCommands() {
			return nil
		}
		if err := check(cmd, args); err != nil {
			return run.Usage("%w\nusage: %s", err, cmd.UseLine())
		}
		return nil
	}
}

// unknownCommand is what a group of commands does without one of them.
func unknownCommand(cmd *cobra.Command, args, line []string) error {
	if len(args) == 0 {
		if last := len(line) - 1; last >= 0 && strings.HasPrefix(line[last], "-") {
			return run.Usage("unknown flag: %s\nsee `%s --help`", line[last], cmd.CommandPath())
		}
		return cmd.Help()
	}
	names := []string{}
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	hint := ""
	if meant, ok := secret.Nearest(args[0], names); ok {
		hint = "\ndid you mean " + meant + "?"
	}
	return run.Usage("there is no command %q\n%s has: %s%s", args[0], cmd.CommandPath(), strings.Join(names, ", "), hint)
}

func (a App) secretCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "secret", Short: "Rotate secrets, and see what is stored of them"}
	cmd.AddCommand(a.rotateCommand(), a.setCommand(), a.versionsCommand(), a.adoptCommand(), a.revokeCommand(), a.repairCommand())
	return cmd
}
