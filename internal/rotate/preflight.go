package rotate

import (
	"errors"
	"fmt"
	"time"

	"github.com/layeron/rotate/internal/journal"
)

// MaxSkew is how far this machine's clock may be from the store's in a run that
// writes.
const MaxSkew = 5 * time.Minute

// ErrClock is why a run with a wrong clock does not write.
var ErrClock = errors.New("this machine's clock is wrong")

// ErrWrongKey is why a run whose root key signed no entry of the journal does
// not write.
var ErrWrongKey = errors.New("the root key is not the one that signed this journal")

// Why this run does not write a journal that exists.
var (
	ErrPlace = errors.New("another tool writes this journal")
	ErrOwner = errors.New("this journal belongs to another repository or project")
)

// ErrEnvironment is why a journal that was copied from another environment is
// not read.
var ErrEnvironment = errors.New("the journal belongs to another environment")

// preflight refuses a journal, a clock or a root key that this run must not
// write with.
func (r *Runner) preflight(j *journal.Journal) error {
	if err := r.checkPlace(j); err != nil {
		return err
	}
	if err := r.checkClock(); err != nil {
		return err
	}
	return r.checkKey(j)
}

func (r *Runner) checkEnvironment(j *journal.Journal) error {
	if j == nil || j.Environment == r.Document.Environment {
		return nil
	}
	return fmt.Errorf("%w: it says %q, and this run is for %q: nothing was changed\nrestore the file from git history; each environment has its own journal", ErrEnvironment, j.Environment, r.Document.Environment)
}

// checkPlace refuses to write a journal that has another place, or that came with
// a copy of another repository.
func (r *Runner) checkPlace(j *journal.Journal) error {
	switch {
	case j == nil:
		return nil
	case j.Place != r.Journal.Place:
		return fmt.Errorf("%w: its place is %s: nothing was changed\nlet the %s apply, or move the journal with `layer journal move`", ErrPlace, j.Place, applier[j.Place])
	case j.Place == journal.PlaceGitHub && j.Owner != r.Journal.Owner:
		return fmt.Errorf("%w: nothing was changed\nin a copy of that repository, delete the journal to start a new one; after a project's folder was renamed, use `layer journal move`", ErrOwner)
	}
	return nil
}

var applier = map[journal.Place]string{journal.PlaceGitHub: "Action", journal.PlaceFile: "command line"}

// skew returns how far the store's clock is ahead of this machine's. The store's
// answers give full seconds, so a second or less counts as none.
func (r *Runner) skew() time.Duration {
	if r.Store == nil {
		return 0
	}
	server, local, ok := r.Store.ServerTime()
	skew := server.Sub(local.Truncate(time.Second))
	if !ok || skew.Abs() <= time.Second {
		return 0
	}
	return skew
}

// checkClock refuses a clock that is too far from the store's.
func (r *Runner) checkClock() error {
	if skew := r.skew(); skew.Abs() > MaxSkew {
		return fmt.Errorf("%w: it is %s from the store's, and %s are allowed: nothing was changed\nset the clock, then run again", ErrClock, skew.Abs().Round(time.Second), MaxSkew)
	}
	return nil
}

// checkKey refuses a root key that verifies no entry of a journal that has
// entries. If only some do not verify, the plan blocks those.
func (r *Runner) checkKey(j *journal.Journal) error {
	if j == nil || len(j.Entries) == 0 {
		return nil
	}
	for id, entry := range j.Entries {
		if j.Verifies(r.Ring, id, entry) {
			return nil
		}
	}
	return fmt.Errorf("%w: nothing was changed\ngive the right key; if it was replaced, give the new one on the first line and the old one on the second", ErrWrongKey)
}
