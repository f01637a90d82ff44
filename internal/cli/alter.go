package cli

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/secret"
)

// reasonFlag adds --reason, which stands in the journal.
func reasonFlag(cmd *cobra.Command, reason *string) {
	cmd.Flags().StringVar(reason, "reason", "", "why; it stands in the journal (required)")
}

func checkReason(reason string) error {
	if strings.TrimSpace(reason) == "" {
		return usage("--reason is missing: it stands in the journal for whoever asks later")
	}
	return nil
}

func (a App) adoptCommand() *cobra.Command {
	var t target
	var v valueSource
	var reason string
	var discard bool
	cmd := &cobra.Command{
		Use:   "adopt ID --env ENVIRONMENT (--value-env VAR | --from-stdin | --discard-current)",
		Short: "Take over a secret that somebody else put into the store",
		Long: `Take over a declared secret whose value in the store layer did not write. The
store does not give the value away: give it, and it stays current; or discard it,
and a new one takes its place. Readers of a discarded value are locked out.`,
		Example: `  layer secret adopt auth/session-key --env production --value-env OLD_KEY --reason "moved to layer"
  layer secret adopt auth/session-key --env production --discard-current --reason "nobody uses it yet"`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkReason(reason); err != nil {
				return err
			}
			alteration := plan.Alteration{Kind: plan.Discard}
			if discard && (v.stdin || v.env != "") {
				return usage("give the value, or --discard-current, not both")
			}
			if !discard {
				value, err := a.read(cmd, &v)
				if err != nil {
					return err
				}
				alteration = plan.Alteration{Kind: plan.Adopt, Value: value}
			}
			if err := t.checkWrite(); err != nil {
				return err
			}
			return a.alter(cmd.Context(), &t, secret.ID(args[0]), alteration, reason)
		},
	}
	t.writeFlags(cmd)
	v.flags(cmd, false)
	reasonFlag(cmd, &reason)
	cmd.Flags().BoolVar(&discard, "discard-current", false, "replace the value in the store by a new one")
	return cmd
}

func (a App) revokeCommand() *cobra.Command {
	var t target
	var reason string
	var yes bool
	cmd := &cobra.Command{
		Use:   "revoke ID VERSION --env ENVIRONMENT",
		Short: "Take a leaked version out of the value at once",
		Long: `Take a version out of the stored value at once, before its retention ends. The
current version is replaced by a new one in the same write. Whoever still needs
the revoked version is locked out, and data encrypted with it stays unreadable.`,
		Example: `  layer secret revoke auth/session-key v3 --env production --reason "leaked in a log"`,
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			version, err := secret.ParseVersion(args[1])
			if err != nil {
				return usage("%w", err)
			}
			if err := checkReason(reason); err != nil {
				return err
			}
			if err := t.checkWrite(); err != nil {
				return err
			}
			if !yes {
				if err := a.ask(cmd.Context(), fmt.Sprintf("Revoke %s of %s in %s? Whoever still needs it is locked out, and this cannot be undone.", version, args[0], t.env)); err != nil {
					return err
				}
			}
			return a.alter(cmd.Context(), &t, secret.ID(args[0]), plan.Alteration{Kind: plan.Revoke, Version: version}, reason)
		},
	}
	t.writeFlags(cmd)
	reasonFlag(cmd, &reason)
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return cmd
}

func (a App) repairCommand() *cobra.Command {
	var t target
	var reason, take string
	var rewrite, restamp, claim bool
	cmd := &cobra.Command{
		Use:   "repair ID --env ENVIRONMENT (--rewrite | --restamp | --claim)",
		Short: "Bring the store back to what the journal says",
		Long: `Bring a secret in the store back to what the journal says of it:

  --rewrite  write the journal's value over whatever the store holds
  --restamp  the value is right and its receipt was wiped: put the receipt back
  --claim    take the secret from another journal, with a value of one's own
  --take     of two sides of a journal on GitHub, go on with this one`,
		Example: `  layer secret repair auth/session-key --env production --rewrite --reason "changed by hand in the dashboard"`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			kinds := []plan.AlterationKind{}
			for kind, is := range map[plan.AlterationKind]bool{plan.Rewrite: rewrite, plan.Restamp: restamp, plan.Claim: claim, "take": take != ""} {
				if is {
					kinds = append(kinds, kind)
				}
			}
			if len(kinds) != 1 {
				return usage("give one of --rewrite, --restamp, --claim and --take")
			}
			if err := checkReason(reason); err != nil {
				return err
			}
			if err := t.checkWrite(); err != nil {
				return err
			}
			if take != "" {
				return fail("journal_home", "--take chooses between the sides of a journal on GitHub, and this one is a file, which has one\nto write it over what the store holds, use --rewrite")
			}
			return a.alter(cmd.Context(), &t, secret.ID(args[0]), plan.Alteration{Kind: kinds[0]}, reason)
		},
	}
	t.writeFlags(cmd)
	reasonFlag(cmd, &reason)
	f := cmd.Flags()
	f.BoolVar(&rewrite, "rewrite", false, "write the journal's value over whatever the store holds")
	f.BoolVar(&restamp, "restamp", false, "put the receipt back and trust the value")
	f.BoolVar(&claim, "claim", false, "take the secret from another journal")
	f.StringVar(&take, "take", "", "base, branch or receipt: go on with this side of a journal on GitHub")
	return cmd
}

// ask asks a person; without one, or without a yes, nothing is changed.
func (a App) ask(ctx context.Context, question string) error {
	if !a.StdinTerminal {
		return usage("this asks before it writes, and nobody is there to answer\nadd --yes")
	}
	fmt.Fprintf(a.Stderr, "%s [y/N] ", question)
	said, err := answer(ctx, func() (string, error) {
		line, _ := bufio.NewReader(a.Stdin).ReadString('\n')
		return line, nil
	}, func() {})
	if err != nil {
		return err
	}
	if said = strings.ToLower(strings.TrimSpace(said)); said != "y" && said != "yes" {
		return fail("declined", "nothing was changed")
	}
	return nil
}
