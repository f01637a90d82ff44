package cli

import (
	"github.com/spf13/cobra"

	"github.com/layeron/rotate/internal/action"
)

func (a App) actionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "action",
		Short: "Run as a GitHub Action (the container's entry point)",
		Long: `Run as a GitHub Action, with its inputs from the runner's environment. On the
command line, use the commands of ` + "`layer secret`" + `.`,
		Example: `  layer action`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			succeeds, err := action.Run(cmd.Context(), a.Process, a.Stdout)
			if err == nil && !succeeds {
				err = status(exitError)
			}
			return err
		},
	}
}
