package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/layeron/rotate/internal/report"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/run"
)

// status is the exit code of a command that has already printed its result.
type status int

func (s status) Error() string { return fmt.Sprintf("exit code %d", int(s)) }

// shown is an error that a command has already put into its own document.
type shown struct{ error }

func (s shown) Unwrap() error { return s.error }

// errorJSON is the error of a document.
type errorJSON struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// failed is an error as JSON shows it.
func failed(err error) *report.Failure {
	return &report.Failure{Code: run.Code(err), Message: err.Error()}
}

// planFailure writes a plan document without entries.
func planFailure(w io.Writer, f *report.Failure) error {
	return report.JSON(w, rotate.Result{}, f)
}

// jsonFlag adds --json, and registers what the command prints after an error.
func (a App) jsonFlag(cmd *cobra.Command, into *bool, usage string, d document) {
	cmd.Flags().BoolVar(into, "json", false, usage)
	a.documents[cmd] = d
}

// complain prints an error on standard error, and with --json in a document.
func (a App) complain(err error, root *cobra.Command, args []string) {
	first, rest, _ := strings.Cut(err.Error(), "\n")
	fmt.Fprintln(a.Stderr, "layer: "+report.Printable(first))
	for line := range strings.Lines(rest) {
		fmt.Fprintln(a.Stderr, "       "+report.Printable(strings.TrimSuffix(line, "\n")))
	}
	if errors.As(err, new(shown)) {
		return
	}
	cmd, asked := wantsJSON(root, args)
	if !asked {
		return
	}
	write, ok := a.documents[cmd]
	if !ok {
		write = planFailure
	}
	if err := write(a.Stdout, failed(err)); err != nil {
		fmt.Fprintln(a.Stderr, "layer: write output:", err)
	}
}

// wantsJSON reports which command a line names, and whether it asks for JSON.
// The line may be what the command's own parser stopped at.
func wantsJSON(root *cobra.Command, args []string) (*cobra.Command, bool) {
	cmd, rest, err := root.Find(args)
	if err != nil {
		cmd, rest = root, args
	}
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.ParseErrorsAllowlist.UnknownFlags = true
	flags.AddFlagSet(cmd.Flags())
	if flags.Lookup("json") == nil {
		flags.Bool("json", false, "")
	}
	asked := false
	_ = flags.ParseAll(rest, func(flag *pflag.Flag, value string) error {
		asked = asked || flag.Name == "json" && value == "true"
		return nil
	})
	return cmd, asked
}

// verdict is the exit code of a rotation that came to its end: see
// docs/design/surface.md.
func verdict(result rotate.Result, apply, exitCode bool) error {
	v := run.Judge(result)
	switch {
	case apply && (v.Failed || v.Blocked):
		return status(exitError)
	case exitCode && (apply && v.Waiting || !apply && v.Pending):
		return status(exitPending)
	}
	return nil
}

// style is how tables may look on standard output.
func (a App) style() report.Style {
	return report.Style{Color: a.StdoutTerminal && a.Getenv("NO_COLOR") == "" && a.Getenv("TERM") != "dumb"}
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
