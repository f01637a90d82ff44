package rotate_test

import (
	"context"
	"errors"
	"net/http"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/rotate"
)

// errKilled is the error of every effect after the process was killed.
var errKilled = errors.New("killed")

// effects counts what a run does: requests to the store, and reads and writes of
// the journal. A test may act before and after each one, and the run gets the
// error that the test returns.
type effects struct {
	count         int // the first is 1
	before, after func(n int) error
	onWrite       func() // before each write of the journal
	dead          bool   // the run can no longer do anything
}

// reset prepares for a run that is killed before or after an effect, or never if
// killAt is 0.
func (e *effects) reset(killAt int, after bool) {
	*e = effects{}
	kill := func(n int) error {
		if e.dead = n == killAt; e.dead {
			return errKilled
		}
		return nil
	}
	if after {
		e.after = kill
	} else {
		e.before = kill
	}
}

// hooked calls a hook once, at one effect.
func hooked(at int, after bool, hook func() error) *effects {
	once := func(n int) error {
		if n != at {
			return nil
		}
		return hook()
	}
	if after {
		return &effects{after: once}
	}
	return &effects{before: once}
}

// do performs an effect unless the process is dead.
func (e *effects) do(effect func() error) error {
	if e.dead {
		return errKilled
	}
	e.count++
	n := e.count
	if e.before != nil {
		if err := e.before(n); err != nil {
			return err
		}
	}
	if err := effect(); err != nil {
		return err
	}
	if e.after != nil {
		return e.after(n)
	}
	return nil
}

func (e *effects) transport(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (answer *http.Response, err error) {
		err = e.do(func() error { answer, err = next.RoundTrip(r); return err })
		if err != nil {
			return nil, err
		}
		return answer, nil
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// counted is a journal store whose reads and writes are effects. It fails once the
// run's context is done.
type counted struct {
	rotate.JournalStore
	effects *effects
}

func (c counted) Read(ctx context.Context) (now journal.Snapshot, err error) {
	err = c.effects.do(func() error { now, err = c.JournalStore.Read(ctx); return err })
	if err = errors.Join(err, ctx.Err()); err != nil {
		return journal.Snapshot{}, err
	}
	return now, nil
}

func (c counted) Write(ctx context.Context, revision string, j journal.Journal, message string) (next string, err error) {
	if c.effects.onWrite != nil {
		c.effects.onWrite()
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	err = c.effects.do(func() error { next, err = c.JournalStore.Write(ctx, revision, j, message); return err })
	return next, err
}
