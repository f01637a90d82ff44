package cli

import (
	"fmt"

	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/run"
	"github.com/layeron/rotate/internal/secret"
	"github.com/spf13/cobra"
)

func (a App) revokeCommand() *cobra.Command {
	var t run.Target
	var reason string
	var yes bool
	cmd := &cobra.Command{
		Use:   "revoke ID VERSION --env ENVIRONMENT",
		Short: "Take a leaked version out of the value at once",
		Long: `Take a version out of the stored value at once, before its retention ends. The
current version is replaced by a new one in the same write. Users who still hold
the revoked version are locked out, and data encrypted with it stays unreadable.`,
		Example: `  layer secret revoke auth/session-key v3 --env production --reason "leaked in a log"`,
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			version, err := secret.ParseVersion(args[1])
			if err != nil {
				return run.Usage("%w", err)
			}
			if err := checkReason(reason); err != nil {
				return err
			}
			if err := t.CheckWrite(); err != nil {
				return err
			}
			if !yes {
				if err := a.ask(cmd.Context(), fmt.Sprintf("Revoke %s of %s in %s? Users who still hold it are locked out, and this cannot be undone.", version, args[0], t.Environment)); err != nil {
					return err
				}
			}
			return a.alter(cmd.Context(), &t, secret.ID(args[0]), plan.Alteration{Kind: plan.Revoke, Version: version}, reason)
		},
	}
	writeFlags(cmd, &t)
	reasonFlag(cmd, &reason)
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return cmd
}
