// Package cli is the command line of layer: it reads flags, runs a command, and
// turns the result into text and an exit code. docs/design/surface.md is its
// contract:
//
//   - Standard output carries the result and nothing else; progress,
//     diagnostics and questions go to standard error.
//   - With --json there is exactly one document on standard output, also after
//     an error.
//   - Exit codes: 0 done; 1 an error, also of usage, a failed or blocked secret,
//     or a declined prompt; 2 with --exit-code, something is due or waiting; 130
//     and 143 stopped by SIGINT and SIGTERM.
//   - No flag takes a credential, and no output holds one.
//   - Errors begin in lower case; the remedy is on a separate line.
package cli

import (
	"context"
	"io"

	"github.com/layeron/rotate/internal/report"
	"github.com/layeron/rotate/internal/run"
	"github.com/spf13/cobra"
)

// The exit codes.
const (
	exitOK      = 0
	exitError   = 1
	exitPending = 2
	exitSIGINT  = 130
	exitSIGTERM = 143
)

// App is the program and everything it takes from its process.
type App struct {
	run.Process
	Stdin                         io.Reader
	Stdout                        io.Writer
	StdinTerminal, StdoutTerminal bool
	// ReadPassword reads a line from the terminal without showing it.
	ReadPassword func(context.Context) ([]byte, error)

	documents map[*cobra.Command]document
}

// document writes a command's JSON document after an error that left no result.
type document func(w io.Writer, failure *report.Failure) error
