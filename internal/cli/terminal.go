package cli

import (
	"context"
	"os"

	"github.com/layeron/rotate/internal/run"
	"golang.org/x/term"
)

// readPassword reads a line that the terminal does not show. When cancelled, it
// restores the terminal.
func readPassword(ctx context.Context) ([]byte, error) {
	fd := int(os.Stdin.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return nil, err
	}
	return answer(ctx, func() ([]byte, error) { return term.ReadPassword(fd) }, func() { _ = term.Restore(fd, before) })
}

// answer waits for a person's answer, or until the run is cancelled.
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
		return none, run.Fail("declined", "nothing was changed")
	}
}
