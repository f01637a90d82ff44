// Package rotate is the protocol that changes secrets (docs/design/protocol.md):
//
//	read → reconcile and plan → intent → write with receipt → outcome
//
// Journal and store cannot change in one transaction, the store has no
// compare-and-swap and never returns a value. So a run first commits an intent
// that holds everything the write needs, against the journal that it read; if
// another run committed first, it starts again. Then it writes value and receipt
// in one request. The intent and the root key determine both, byte for byte, so
// any run that finishes the work of another writes the same. Last it records the
// outcome; nothing depends on that, because the receipt says the same.
//
// What it promises, wherever a run is stopped:
//
//   - No version that is still promised is lost: it is in the stored value, or
//     can be rebuilt from journal and root key.
//   - A version id never has two values, and ids only grow.
//   - A slot gives at most one rotation.
//   - Running again finishes what was begun and changes nothing else.
//
// The package has no clock, no randomness and no network: its callers pass them in.
package rotate

import (
	"context"
	"io"
	"time"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/secret"
)

// Store reads and writes the secrets of one store.
type Store interface {
	// List returns every secret of the store, or fails.
	List(ctx context.Context) ([]secret.Stored, error)
	// Create writes value and comment in one request, which is sent
	// only if it must be answered before an instant. Writes fail with a
	// *secret.WriteError.
	Create(ctx context.Context, name string, value secret.Value, comment string, before time.Time) (secret.Stored, error)
	// Change does so for a secret as it was read, and never puts an older value
	// over a newer one.
	Change(ctx context.Context, was secret.Stored, value secret.Value, comment string, before time.Time) (secret.Stored, error)
	// Annotate changes the comment and leaves the value.
	Annotate(ctx context.Context, was secret.Stored, comment string, before time.Time) (secret.Stored, error)
	// ServerTime returns the store's clock in its last answer, to the second,
	// and this machine's at that moment.
	ServerTime() (server, local time.Time, ok bool)
}

// Account is asked before the first write.
type Account interface {
	// CheckWrite fails if the credentials may not write.
	CheckWrite(ctx context.Context) error
	// Quota returns how many secrets the account may hold, and how many it
	// holds.
	Quota(ctx context.Context) (quota, usage int, err error)
}

// JournalStore reads and writes one journal.
type JournalStore interface {
	// Read returns the journal as it is now.
	Read(ctx context.Context) (journal.Snapshot, error)
	// Write replaces the journal if it is still at a revision, and returns the
	// new revision; else it fails with journal.ErrMoved.
	Write(ctx context.Context, revision string, j journal.Journal, message string) (string, error)
	// Past returns the journal as of a commit, or nil if it cannot be read.
	Past(ctx context.Context, commit string) (*journal.Journal, error)
	// Exclusive reports whether this run holds the journal's lock.
	Exclusive() bool
}

// Clock returns the current time, with a monotonic reading if it has one.
type Clock interface{ Now() time.Time }

// Journal is a journal store, and what a journal made in it starts with.
type Journal struct {
	JournalStore
	Place journal.Place
	Owner journal.Owner
}

// OpenStore is a store, what may be written to it, and how.
type OpenStore struct {
	Store
	Account    Account // nil: not asked
	Name       string  // in plans
	ValueLimit int     // bytes
	Quota      int     // secrets in the account; 0: without limit
	PruneGrace time.Duration
	Parallel   int // writes at a time
}

// Hooks are called during an apply. Each may be nil.
type Hooks struct {
	// Ready is called before anything is changed. If it fails, nothing is.
	Ready func(ctx context.Context) error
	// Announced is called between the intents and the first write. If it fails,
	// nothing is written.
	Announced func(ctx context.Context) error
	// Progress is called after each write.
	Progress func(done, total int)
}

// Runner is one run over one environment of one project.
type Runner struct {
	Document secret.Document
	Request  plan.Request
	Ring     rootkey.Ring // may be empty for a check
	Journal  Journal
	Store    *OpenStore // nil: not consulted
	Clock    Clock
	Random   io.Reader // for lineages and nonces; a check needs none
	Hooks    Hooks
}

// Outcome is what an apply did for one secret.
type Outcome struct {
	Result string // Applied, Failed, Skipped, or "" if there was nothing to do
	Error  string // never holds a value
}

// The results of an apply.
const (
	Applied = "applied"
	Failed  = "failed"
	Skipped = "skipped"
)

// Result is a plan and, after an apply, its outcomes.
type Result struct {
	Plan     plan.Plan
	Outcomes map[secret.ID]Outcome // nil for a check
}
