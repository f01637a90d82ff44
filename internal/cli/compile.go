package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/layeron/rotate/internal/report"
	"github.com/layeron/rotate/internal/run"
	"github.com/layeron/rotate/internal/secret"
)

// compileJSON is the deployment record, with what went wrong.
type compileJSON struct {
	Schema      int                  `json:"schema"`
	Project     *string              `json:"project"`
	Workspace   *string              `json:"workspace"`
	Environment *string              `json:"environment"`
	Secrets     []secret.Declaration `json:"secrets"`
	Diagnostics []secret.Diagnostic  `json:"diagnostics"`
	Error       *errorJSON           `json:"error"`
}

func (a App) compileCommand() *cobra.Command {
	var p run.Project
	var wrangler, asJSON bool
	cmd := &cobra.Command{
		Use:   "compile --env ENVIRONMENT",
		Short: "Compile the declarations and show the secrets they make",
		Long: `Compile the declarations and show the secrets they make: names in the store,
rotation and retention. Only the project is read, and nothing is changed.`,
		Example: `  layer compile --env production
  layer compile --env production --json > secrets.json
  layer compile --env production --wrangler`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON && wrangler {
				return run.Usage("give one of --json and --wrangler")
			}
			if err := p.Check(); err != nil {
				return err
			}
			doc, err := a.Compile(cmd.Context(), &p)
			if asJSON {
				return a.compileDocument(doc, err)
			}
			a.diagnose(doc.Diagnostics)
			if err != nil {
				return err
			}
			if wrangler {
				return a.wranglerDocument(doc)
			}
			return a.compileTable(doc)
		},
	}
	projectFlags(cmd, &p)
	compileFlags(cmd, &p)
	a.jsonFlag(cmd, &asJSON, "print the deployment record as JSON", compileFailure)
	cmd.Flags().BoolVar(&wrangler, "wrangler", false, "print the bindings for wrangler.jsonc")
	return cmd
}

// compileFailure writes a record without secrets.
func compileFailure(w io.Writer, f *report.Failure) error {
	return report.Document(w, compileJSON{
		Schema: secret.DocumentSchema, Secrets: []secret.Declaration{}, Diagnostics: []secret.Diagnostic{}, Error: &errorJSON{f.Code, f.Message},
	})
}

// compileDocument prints the record. Declarations that do not compile have no secrets.
func (a App) compileDocument(doc secret.Document, err error) error {
	out := compileJSON{
		Schema: secret.DocumentSchema, Project: orNull(doc.Project), Workspace: orNull(doc.Workspace), Environment: orNull(doc.Environment),
		Secrets: append([]secret.Declaration{}, doc.Secrets...), Diagnostics: append([]secret.Diagnostic{}, doc.Diagnostics...),
	}
	if err != nil {
		f := failed(err)
		out.Error = &errorJSON{f.Code, f.Message}
	}
	if printed := report.Document(a.Stdout, out); printed != nil {
		return printed
	}
	if err != nil {
		return shown{err}
	}
	return nil
}

func (a App) compileTable(doc secret.Document) error {
	rows := [][]string{{"SECRET", "KIND", "STORE NAME", "ROTATION", "RETENTION", "DECLARED"}}
	for _, d := range doc.Secrets {
		rotation := "none"
		if d.Rotation != nil {
			rotation = "every " + secret.Count(d.Rotation.EveryDays, "day")
			if !d.Rotation.StartAt.IsZero() {
				rotation += " from " + d.Rotation.StartAt.Text()
			}
		}
		kind := string(d.Kind)
		if d.ProductOwned() {
			kind += " by " + d.Ownership.OwnerProduct
		}
		rows = append(rows, []string{string(d.ID), kind, d.StoreName, rotation, d.Retain().Length(), d.Source.String()})
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%s / %s\n\n", report.Printable(doc.Project), doc.Environment)
	report.Columns(&out, rows, a.style())
	fmt.Fprintf(&out, "\n%s\n", secret.Count(len(doc.Secrets), "secret"))
	_, err := fmt.Fprint(a.Stdout, out.String())
	return err
}
