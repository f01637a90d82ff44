package rotate

import (
	"errors"
	"fmt"
	"time"

	"github.com/layeron/rotate/internal/journal"
)

// MaxSkew is how far this machine's clock may be from the store's for a run
// that writes.
const MaxSkew = 5 * time.Minute

// ErrClock is why a run with a wrong clock does not write.
var ErrClock = errors.New("this machine's clock is wrong")

// ErrWrongKey is why a run whose root key made nothing of the journal does not
// write.
var ErrWrongKey = errors.New("the root key is not the one that this journal was made with")

// Why a journal that is there is not this run's to write.
var (
	ErrHome  = errors.New("another tool writes this journal")
	ErrOwner = errors.New("this journal belongs to another repository or project")
)

// ErrEnvironment is why a journal that was copied from another environment is
// not read.
var ErrEnvironment = errors.New("the journal is another environment's")

func (r *Runner) checkEnvironment(j *journal.Journal) error {
	if j == nil || j.Environment == r.Document.Environment {
		return nil
	}
	return fmt.Errorf("%w: it says %q, and this is %q: nothing was changed\nrestore the file from git history; each environment has a journal of its own", ErrEnvironment, j.Environment, r.Document.Environment)
}

// checkHome refuses to write a journal that has its home elsewhere, and one that
// came with a copy of another repository.
func (r *Runner) checkHome(j *journal.Journal) error {
	switch {
	case j == nil:
		return nil
	case j.Home != r.HomeKind:
		return fmt.Errorf("%w: its home is %s, and a second writer would come in between: nothing was changed\nlet the %s apply, or move the journal with `layer journal move`", ErrHome, j.Home, applier[j.Home])
	case j.Home == journal.HomeGitHub && j.Owner != r.Owner:
		return fmt.Errorf("%w: nothing was changed\nin a copy of that repository, delete the journal to start one of its own; after a project's folder was renamed, use `layer journal move`", ErrOwner)
	}
	return nil
}

var applier = map[journal.Home]string{journal.HomeGitHub: "Action", journal.HomeFile: "command line"}

// skew is by how much the store's clock is ahead of this machine's. Its answers
// tell full seconds, so less than one is none.
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

// checkClock refuses a clock that is not the store's.
func (r *Runner) checkClock() error {
	if skew := r.skew(); skew.Abs() > MaxSkew {
		return fmt.Errorf("%w: it is %s from the store's, and %s are allowed\nset the clock, then run again; nothing was changed", ErrClock, skew.Abs().Round(time.Second), MaxSkew)
	}
	return nil
}

// checkKey refuses a root key that authenticates no entry of a journal that has
// some. A journal with a few entries that fail was edited; that is for the plan
// to say.
func (r *Runner) checkKey(j *journal.Journal) error {
	if j == nil || len(j.Entries) == 0 || len(j.Tampered(r.Ring)) < len(j.Entries) {
		return nil
	}
	return fmt.Errorf("%w: nothing was changed\ngive the right key; if it was replaced, give the new one on the first line and the old one on the second", ErrWrongKey)
}
