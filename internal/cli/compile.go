package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/layeron/rotate/internal/report"
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

type errorJSON struct {
	Code    report.Code `json:"code"`
	Message string      `json:"message"`
}

func (a App) compileCommand() *cobra.Command {
	var p project
	var wrangler bool
	cmd := &cobra.Command{
		Use:   "compile --env ENVIRONMENT",
		Short: "Compile the declarations and show the secrets they make",
		Long: `Compile the declarations and show the secrets they make: names in the store,
rotation and retention. Nothing is read but the project, and nothing is changed.`,
		Example: `  layer compile --env production
  layer compile --env production --json > secrets.json
  layer compile --env production --wrangler`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if p.json && wrangler {
				return usage("give one of --json and --wrangler")
			}
			if err := p.check(); err != nil {
				return err
			}
			doc, err := a.compile(cmd.Context(), &p)
			if p.json {
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
	p.flags(cmd)
	p.compileFlags(cmd)
	cmd.Flags().BoolVar(&p.json, "json", false, "print the deployment record as JSON")
	cmd.Flags().BoolVar(&wrangler, "wrangler", false, "print the bindings for wrangler.jsonc")
	return cmd
}

// compileDocument prints the record. What cannot be compiled has no secrets.
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

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
