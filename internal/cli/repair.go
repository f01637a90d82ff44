package cli

import (
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/run"
	"github.com/layeron/rotate/internal/secret"
	"github.com/spf13/cobra"
)

func (a App) repairCommand() *cobra.Command {
	var t run.Target
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
				return run.Usage("give one of --rewrite, --restamp, --claim and --take")
			}
			if err := checkReason(reason); err != nil {
				return err
			}
			if err := t.CheckWrite(); err != nil {
				return err
			}
			if take != "" {
				return run.Fail("journal_home", "--take chooses between the sides of a journal on GitHub, and this one is a file, which has one\nto write it over what the store holds, use --rewrite")
			}
			return a.alter(cmd.Context(), &t, secret.ID(args[0]), plan.Alteration{Kind: kinds[0]}, reason)
		},
	}
	writeFlags(cmd, &t)
	reasonFlag(cmd, &reason)
	f := cmd.Flags()
	f.BoolVar(&rewrite, "rewrite", false, "write the journal's value over whatever the store holds")
	f.BoolVar(&restamp, "restamp", false, "put the receipt back and trust the value")
	f.BoolVar(&claim, "claim", false, "take the secret from another journal")
	f.StringVar(&take, "take", "", "base, branch or receipt: go on with this side of a journal on GitHub")
	return cmd
}
