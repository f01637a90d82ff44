package cli

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/report"
	"github.com/layeron/rotate/internal/run"
	"github.com/layeron/rotate/internal/secret"
)

func (a App) journalCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "journal", Short: "Check and move the rotation journal"}
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

// verifyFailure writes a document without a journal.
func verifyFailure(w io.Writer, f *report.Failure) error {
	return report.Document(w, verifyJSON{Schema: report.Schema, Tampered: []secret.ID{}, Error: &errorJSON{f.Code, f.Message}})
}

func (a App) journalVerifyCommand() *cobra.Command {
	var t run.Target
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify --env ENVIRONMENT",
		Short: "Check that the journal is complete and unedited",
		Long: `Check that the rotation journal is complete and, where ` + run.EnvRootKey + ` is set, that
that root key signed every entry. Nothing is changed.`,
		Example: `  layer journal verify --env production`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			file, j, err := a.existingJournal(cmd.Context(), &t)
			if err != nil {
				return err
			}
			return a.verified(file, *j, asJSON)
		},
	}
	projectFlags(cmd, &t.Project)
	cmd.Flags().BoolVar(&t.Local, "local", false, "use the embedded store's journal under .layeron/local")
	a.jsonFlag(cmd, &asJSON, "print the result as JSON", verifyFailure)
	return cmd
}

// existingJournal reads the journal for a command that changes nothing.
func (a App) existingJournal(ctx context.Context, t *run.Target) (*run.JournalFile, *journal.Journal, error) {
	if err := t.Check(); err != nil {
		return nil, nil, err
	}
	file, err := a.OpenJournal(&t.Project, t.Local)
	if err != nil {
		return nil, nil, err
	}
	j, err := file.Load(ctx, t.Environment)
	if err != nil {
		return nil, nil, err
	}
	if j == nil {
		return nil, nil, run.Fail("journal_not_found", "no journal at %s\nrun `layer secret rotate --apply%s` to create it", file.Path(), t.Scope())
	}
	return file, j, nil
}

func (a App) verified(file *run.JournalFile, j journal.Journal, asJSON bool) error {
	var tampered []secret.ID
	if !file.Ring.Empty() {
		tampered = slices.Sorted(maps.Keys(j.Tampered(file.Ring)))
	}
	if asJSON {
		kind := string(j.Place)
		out := verifyJSON{
			Schema: report.Schema, Environment: &j.Environment, Project: &j.Project, Home: &kind, Entries: len(j.Entries),
			Verified: !file.Ring.Empty() && len(tampered) == 0, Tampered: append([]secret.ID{}, tampered...),
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
		err := run.Fail("journal_tampered", "the journal has %s not signed with this root key:%s\nrestore them from git history, or add the root key that signed them", secret.Count(len(tampered), "entry"), out.String())
		if asJSON {
			return shown{err}
		}
		return err
	}
	if asJSON {
		return nil
	}
	how := "signed with this root key"
	if file.Ring.Empty() {
		how = "not authenticated, because " + run.EnvRootKey + " is not set"
	}
	_, err := fmt.Fprintf(a.Stdout, "%s: %s, complete, %s\n", file.Path(), secret.Count(len(j.Entries), "secret"), how)
	return err
}
