package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/report"
	"github.com/layeron/rotate/internal/secret"
)

func (a App) journalCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "journal", Short: "Look after the rotation journal"}
	cmd.AddCommand(a.journalVerifyCommand(), a.journalMoveCommand())
	return cmd
}

// verifyJSON is what `journal verify --json` prints.
type verifyJSON struct {
	Schema      int         `json:"schema"`
	Environment *string     `json:"environment"`
	Project     *string     `json:"project"`
	Home        *string     `json:"home"`
	Entries     int         `json:"entries"`
	Verified    bool        `json:"verified"`
	Tampered    []secret.ID `json:"tampered"`
	Error       *errorJSON  `json:"error"`
}

func (a App) journalVerifyCommand() *cobra.Command {
	var p project
	var local bool
	cmd := &cobra.Command{
		Use:   "verify --env ENVIRONMENT",
		Short: "Check that the journal is whole and that nobody edited it",
		Long: `Check that the rotation journal is whole, and, where ` + envRootKey + ` is set, that
every entry was made with that root key. Nothing is changed.`,
		Example: `  layer journal verify --env production`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := p.check(); err != nil {
				return err
			}
			home, err := a.home(&p, local)
			if err != nil {
				return err
			}
			j, err := home.read(cmd.Context(), p.env)
			if err != nil {
				return err
			}
			if j == nil {
				return fail("journal_not_found", "there is no journal at %s yet: the first apply makes it", home.file.Path())
			}
			return a.verified(&p, home, *j)
		},
	}
	p.flags(cmd)
	cmd.Flags().BoolVar(&local, "local", false, "use the embedded store's journal under .layeron/local")
	cmd.Flags().BoolVar(&p.json, "json", false, "print the result as JSON")
	return cmd
}

func (a App) verified(p *project, home home, j journal.Journal) error {
	var tampered []secret.ID
	if !home.ring.Empty() {
		tampered = slices.Sorted(maps.Keys(j.Tampered(home.ring)))
	}
	if p.json {
		kind := string(j.Place)
		out := verifyJSON{
			Schema: report.Schema, Environment: &j.Environment, Project: &j.Project, Home: &kind, Entries: len(j.Entries),
			Verified: !home.ring.Empty() && len(tampered) == 0, Tampered: append([]secret.ID{}, tampered...),
		}
		if err := report.Document(a.Stdout, out); err != nil {
			return err
		}
	}
	if len(tampered) > 0 {
		var out strings.Builder
		for _, id := range tampered {
			fmt.Fprintf(&out, "\n%s", id)
		}
		err := fail("journal_tampered", "%s of the journal were not made with this root key:%s\nrestore them from git history, or add the root key they were made with", secret.Count(len(tampered), "entry"), out.String())
		if p.json {
			return shown{err}
		}
		return err
	}
	if p.json {
		return nil
	}
	how := "made with this root key"
	if home.ring.Empty() {
		how = "not authenticated, for " + envRootKey + " is not set"
	}
	_, err := fmt.Fprintf(a.Stdout, "%s: %s, whole, %s\n", home.file.Path(), secret.Count(len(j.Entries), "secret"), how)
	return err
}
