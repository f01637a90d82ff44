package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/report"
	"github.com/layeron/rotate/internal/run"
	"github.com/layeron/rotate/internal/secret"
)

// versionsJSON is what `secret versions --json` prints.
type versionsJSON struct {
	Schema      int                  `json:"schema"`
	Environment *string              `json:"environment"`
	ID          *secret.ID           `json:"id"`
	StoreName   *string              `json:"storeName"`
	Current     secret.Version       `json:"current"`
	Versions    []report.VersionJSON `json:"versions"`
	Error       *errorJSON           `json:"error"`
}

// versionsFailure writes a document without versions.
func versionsFailure(w io.Writer, f *report.Failure) error {
	return report.Document(w, versionsJSON{Schema: report.Schema, Versions: []report.VersionJSON{}, Error: &errorJSON{f.Code, f.Message}})
}

func (a App) versionsCommand() *cobra.Command {
	var t run.Target
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "versions ID --env ENVIRONMENT",
		Short:   "Show which versions of a secret exist, and until when",
		Long:    `Show which version of a secret is current and which old ones stay until when, as the journal knows it. Values are never shown.`,
		Example: `  layer secret versions auth/session-key --env production`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			_, j, err := a.existingJournal(cmd.Context(), &t)
			if err != nil {
				return err
			}
			entry, err := written(j, secret.ID(args[0]))
			if err != nil {
				return err
			}
			return a.showVersions(t.Environment, secret.ID(args[0]), entry, asJSON)
		},
	}
	projectFlags(cmd, &t.Project)
	cmd.Flags().BoolVar(&t.Local, "local", false, "use the embedded store's journal under .layeron/local")
	a.jsonFlag(cmd, &asJSON, "print the versions as JSON", versionsFailure)
	return cmd
}

// written finds the entry of a secret that has versions.
func written(j *journal.Journal, id secret.ID) (*journal.Entry, error) {
	entry, ok := j.Entries[id]
	if !ok {
		return nil, run.Fail("unknown_secret", "the journal has no secret %q%s", id, run.Suggest(id, slices.Collect(maps.Keys(j.Entries))))
	}
	if entry.State == nil {
		return nil, run.Fail("unknown_secret", "%q has no version yet", id)
	}
	return entry, nil
}

func (a App) showVersions(environment string, id secret.ID, entry *journal.Entry, asJSON bool) error {
	versions := plan.Versions(entry.State, secret.At(a.Now()))
	if asJSON {
		storeName := entry.StoreName()
		return report.Document(a.Stdout, versionsJSON{
			Schema: report.Schema, Environment: &environment, ID: &id, StoreName: &storeName,
			Current: entry.State.Current, Versions: report.Versions(versions),
		})
	}
	rows := [][]string{{"VERSION", "STATE", "CURRENT FROM", "READABLE UNTIL"}}
	for _, v := range slices.Backward(versions) {
		until := "forever"
		switch {
		case !v.ExpiresAt.IsZero():
			until = v.ExpiresAt.Text()
		case v.State == "current":
			until = afterwards(plan.Retain(*entry.State))
		}
		rows = append(rows, []string{v.ID.String(), v.State, v.ActiveFrom.Text(), until})
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%s / %s  %s\n\n", report.Printable(string(id)), environment, entry.StoreName())
	report.Columns(&out, rows, a.style())
	_, err := fmt.Fprint(a.Stdout, out.String())
	return err
}

// afterwards is until when the current version is readable.
func afterwards(r secret.Retention) string {
	switch r.Mode {
	case secret.RetainFor:
		return r.Length() + " after it is replaced"
	case secret.RetainForever:
		return r.Length()
	}
	return "until it is replaced"
}
