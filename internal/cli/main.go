package cli

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"time"

	"github.com/layeron/rotate/internal/declare"
	"github.com/layeron/rotate/internal/run"
	"golang.org/x/term"
)

// Main runs the program in this process, and returns its exit code.
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
		Process: run.Process{
			Getenv: os.Getenv, Now: time.Now, Random: rand.Reader, Self: self,
			Stderr: os.Stderr, StderrTerminal: term.IsTerminal(int(os.Stderr.Fd())),
		},
		Stdin: os.Stdin, StdinTerminal: term.IsTerminal(int(os.Stdin.Fd())), ReadPassword: readPassword,
		Stdout: os.Stdout, StdoutTerminal: term.IsTerminal(int(os.Stdout.Fd())),
	}
	return app.Run(ctx, args)
}
