package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/secret"
)

// root is the tree of commands, for one command line.
func (a App) root(line []string) *cobra.Command {
	root := &cobra.Command{
		Use:   "layer",
		Short: "Rotate the secrets of Cloudflare Workers on a schedule",
		Long: `layer compiles the secret declarations in your TypeScript, works out which
secrets are due, and writes new versions to Cloudflare Secrets Store. Old
versions stay readable as long as their declaration says.`,
		Example: `  # Try a project out on a store of its own, without an account:
  layer secret rotate --local --env production --apply --yes

  # See what is due:
  layer secret rotate --env production`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetIn(a.Stdin)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage("%w\nsee `%s --help`", err, cmd.CommandPath())
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
			return usage("%w\nusage: %s", err, cmd.UseLine())
		}
		return nil
	}
}

// unknownCommand is what a group of commands does without one of them.
func unknownCommand(cmd *cobra.Command, args, line []string) error {
	if len(args) == 0 {
		if last := len(line) - 1; last >= 0 && strings.HasPrefix(line[last], "-") {
			return usage("unknown flag: %s\nsee `%s --help`", line[last], cmd.CommandPath())
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
	return usage("there is no command %q\n%s has: %s%s", args[0], cmd.CommandPath(), strings.Join(names, ", "), hint)
}

func (a App) secretCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "secret", Short: "Rotate secrets, and see what is stored of them"}
	cmd.AddCommand(a.rotateCommand(), a.setCommand(), a.versionsCommand(), a.adoptCommand(), a.revokeCommand(), a.repairCommand())
	return cmd
}

func (a App) rootKeyCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "root", Short: "Make the root key that values are derived from"}
	cmd.AddCommand(&cobra.Command{
		Use:   "generate",
		Short: "Print a new root key",
		Long: `Print a new root key and nothing else.

Every generated value is derived from the root key and the journal, and can be
rebuilt from the two. Keep it where you keep what cannot be replaced, and give
it to layer as ` + envRootKey + `. To replace it, put the new key on the first line and
the old one on the second: the first derives new versions, the others rebuild
old ones.`,
		Example: `  # Keep it first where you can read it again: GitHub does not give it back.
  layer root generate > root.key
  gh secret set ` + envRootKey + ` < root.key`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			key, err := rootkey.Generate(a.Random)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(a.Stdout, key.Reveal())
			return err
		},
	})
	return cmd
}
