package cli

import (
	"fmt"

	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/run"
	"github.com/spf13/cobra"
)

func (a App) rootKeyCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "root", Short: "Make the root key that values are derived from"}
	cmd.AddCommand(&cobra.Command{
		Use:   "generate",
		Short: "Print a new root key",
		Long: `Print a new root key and nothing else.

Every generated value is derived from the root key and the journal, and can be
rebuilt from the two. Keep it where you keep what cannot be replaced, and give
it to layer as ` + run.EnvRootKey + `. To replace it, put the new key on the first line and
the old one on the second: the first derives new versions, the others rebuild
old ones.`,
		Example: `  # Keep it first where you can read it again: GitHub does not give it back.
  layer root generate > root.key
  gh secret set ` + run.EnvRootKey + ` < root.key`,
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
