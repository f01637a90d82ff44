// Package cli is the command line of layer: it reads flags and environment,
// wires the packages together, and turns what happened into text and an exit
// code (DESIGN §8).
//
// The contract of its surface:
//
//   - Standard output carries the result and nothing else; progress,
//     diagnostics and questions go to standard error.
//   - With --json there is exactly one document on standard output, whatever
//     happens.
//   - Exit codes: 0 done; 1 an error, also of usage, a failed or blocked secret,
//     or a declined prompt; 2 with --exit-code, something is due or waiting; 130
//     and 143 stopped by SIGINT and SIGTERM.
//   - No flag takes a credential, and no output holds one.
//   - Errors begin in lower case and name what to do on a line of their own.
package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/layeron/rotate/internal/declare"
	"github.com/layeron/rotate/internal/report"
)

// The exit codes.
const (
	exitOK      = 0
	exitError   = 1
	exitPending = 2
	exitSIGINT  = 130
	exitSIGTERM = 143
)

// App is the program with all that it takes from its surroundings, so that
// tests run it as a user does.
type App struct {
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	// Whether a person is at the other end.
	StdinTerminal, StdoutTerminal, StderrTerminal bool
	// ReadPassword reads a line from the terminal without showing it.
	ReadPassword func(context.Context) ([]byte, error)

	Getenv func(string) string
	Now    func() time.Time
	Random io.Reader
	// Self is the program's own path, to start as the compiler's child.
	Self string
}

// Main runs the program with the process's own surroundings.
func Main(args []string) int {
	if len(args) == 1 && args[0] == declare.ChildArg {
		return declare.RunChild(os.Stdin, os.Stdout, os.Stderr)
	}
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintln(os.Stderr, "layer: find own executable:", err)
		return exitError
	}
	ctx, stop := untilSignal(context.Background())
	defer stop()
	app := App{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		StdinTerminal:  term.IsTerminal(int(os.Stdin.Fd())),
		StdoutTerminal: term.IsTerminal(int(os.Stdout.Fd())),
		StderrTerminal: term.IsTerminal(int(os.Stderr.Fd())),
		ReadPassword:   readPassword,
		Getenv:         os.Getenv, Now: time.Now, Random: rand.Reader, Self: self,
	}
	return app.Run(ctx, args)
}

// readPassword reads a line that the terminal does not show. Told to stop, it
// leaves the terminal as it was.
func readPassword(ctx context.Context) ([]byte, error) {
	fd := int(os.Stdin.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return nil, err
	}
	return answer(ctx, func() ([]byte, error) { return term.ReadPassword(fd) }, func() { _ = term.Restore(fd, before) })
}

// answer waits for a person, unless the program is told to stop.
func answer[T any](ctx context.Context, read func() (T, error), stop func()) (T, error) {
	type said struct {
		text T
		err  error
	}
	heard := make(chan said, 1)
	go func() {
		text, err := read()
		heard <- said{text, err}
	}()
	select {
	case s := <-heard:
		return s.text, s.err
	case <-ctx.Done():
		stop()
		var none T
		return none, fail("declined", "nothing was changed")
	}
}

// stopped is the cause of a context that a signal ended.
type stopped struct{ signal os.Signal }

func (s stopped) Error() string { return "stopped by signal: " + s.signal.String() }

func (s stopped) exitCode() int {
	if s.signal == os.Interrupt {
		return exitSIGINT
	}
	return exitSIGTERM
}

// untilSignal ends with the first SIGINT or SIGTERM, so that a write under way
// is finished and recorded. The second one ends the process.
func untilSignal(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case s := <-signals:
			signal.Stop(signals)
			cancel(stopped{s})
			fmt.Fprintln(os.Stderr, "layer: stopping")
		case <-ctx.Done():
		}
	}()
	return ctx, func() { signal.Stop(signals); cancel(nil) }
}

// failure is an error with a code for JSON. Its message is for people: what
// happened, and on further lines what to do.
type failure struct {
	code report.Code
	err  error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// fail makes an error with a code.
func fail(code report.Code, format string, args ...any) error {
	return &failure{code, fmt.Errorf(format, args...)}
}

// usage is a mistake in the command line.
func usage(format string, args ...any) error { return fail("usage", format, args...) }

// status ends a command with an exit code after it said all there is to say.
type status int

func (s status) Error() string { return fmt.Sprintf("exit code %d", int(s)) }

// shown is an error that a command has already put into its own document.
type shown struct{ error }

func (s shown) Unwrap() error { return s.error }

// Run runs one command line and returns its exit code.
func (a App) Run(ctx context.Context, args []string) int {
	root := a.root(args)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	code := status(exitError)
	switch {
	case err == nil:
		code = exitOK
	case !errors.As(err, &code):
		a.complain(err, args)
	}
	if cause := (stopped{}); errors.As(context.Cause(ctx), &cause) {
		return cause.exitCode()
	}
	return int(code)
}

// complain says what went wrong: on standard error, and with --json, which may
// not have been parsed, in a document too.
func (a App) complain(err error, args []string) {
	first, rest, _ := strings.Cut(err.Error(), "\n")
	fmt.Fprintln(a.Stderr, "layer: "+report.Printable(first))
	for line := range strings.Lines(rest) {
		fmt.Fprintln(a.Stderr, "       "+report.Printable(strings.TrimSuffix(line, "\n")))
	}
	if errors.As(err, new(shown)) || !wantsJSON(args) {
		return
	}
	if err := a.errorDocument(args, failed(err)); err != nil {
		fmt.Fprintln(a.Stderr, "layer: write output:", err)
	}
}

// failed is an error as JSON shows it.
func failed(err error) *report.Failure {
	out := &report.Failure{Code: "failed", Message: err.Error()}
	var f *failure
	if errors.As(err, &f) {
		out.Code = f.code
	}
	return out
}

func wantsJSON(args []string) bool {
	for _, arg := range args {
		if arg == "--" {
			return false
		}
		if arg == "--json" || arg == "--json=true" {
			return true
		}
	}
	return false
}
