package cli

import (
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/run"
	"github.com/layeron/rotate/internal/secret"
	"github.com/spf13/cobra"
)

func (a App) adoptCommand() *cobra.Command {
	var t run.Target
	var v valueSource
	var reason string
	var discard bool
	cmd := &cobra.Command{
		Use:   "adopt ID --env ENVIRONMENT (--value-env VAR | --from-stdin | --discard-current)",
		Short: "Take over a secret in the store that layer did not write",
		Long: `Take over a declared secret whose value in the store layer did not write. The
store does not return the value. Give it, and it stays current. Or discard it, and
a new one takes its place: users who hold the discarded value are locked out.`,
		Example: `  layer secret adopt auth/session-key --env production --value-env OLD_KEY --reason "moved to layer"
  layer secret adopt auth/session-key --env production --discard-current --reason "not in use yet"`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkReason(reason); err != nil {
				return err
			}
			alteration := plan.Alteration{Kind: plan.Discard}
			if discard && (v.stdin || v.env != "") {
				return run.Usage("give the value, or --discard-current, not both")
			}
			if !discard {
				value, err := a.read(cmd, &v)
				if err != nil {
					return err
				}
				alteration = plan.Alteration{Kind: plan.Adopt, Value: value}
			}
			if err := t.CheckWrite(); err != nil {
				return err
			}
			return a.alter(cmd.Context(), &t, secret.ID(args[0]), alteration, reason)
		},
	}
	writeFlags(cmd, &t)
	v.flags(cmd, false)
	reasonFlag(cmd, &reason)
	cmd.Flags().BoolVar(&discard, "discard-current", false, "replace the value in the store with a new one")
	return cmd
}
