// Package rotate is the protocol that changes secrets (DESIGN §7):
//
//	read → reconcile and plan → intent → write with receipt → outcome
//
// Journal and store cannot change in one transaction, the store has no
// compare-and-swap and never gives a value back. So a run first commits an
// intent that holds all the write needs, against the very journal it read; if
// another run was faster, it starts again. Then it writes value and receipt in
// one request. What the intent says and the root key determine both, byte for
// byte, so that whoever has to finish a run writes the same. Last it records the
// outcome; nothing depends on that, for the receipt tells the same.
//
// What it promises, wherever a run is stopped:
//
//   - No version that is still promised is lost: it is in the stored value, or
//     can be rebuilt from journal and root key.
//   - A version id never stands for two values, and ids only grow.
//   - A slot gives at most one rotation.
//   - Running again finishes what was begun and changes nothing else.
//
// The package holds no clock, no randomness and no network of its own.
package rotate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/secret"
)

const (
	// staleAfter is how old the reading of store and journal may be when a
	// write is sent.
	staleAfter = 30 * time.Second
	// maxStarts is how often a run starts again because another one committed
	// first.
	maxStarts = 5
	// maxRecords is how often an outcome is tried where the journal moves on.
	maxRecords = 5
)

// Store is where the values are.
type Store interface {
	// List returns every secret of the store, or fails.
	List(ctx context.Context) ([]secret.Stored, error)
	// Create and Change write value and comment in one request, which is sent
	// only if it must be answered before an instant. They fail with a
	// *secret.WriteError.
	Create(ctx context.Context, name string, value secret.Value, comment string, before time.Time) (secret.Stored, error)
	Change(ctx context.Context, id string, value secret.Value, comment string, before time.Time) (secret.Stored, error)
	// Annotate changes the comment and leaves the value.
	Annotate(ctx context.Context, id string, comment string, before time.Time) (secret.Stored, error)
	// ServerTime is the store's clock as its last answer showed it, to the
	// second, and this machine's at that moment.
	ServerTime() (server, local time.Time, ok bool)
}

// Account is asked before the first write.
type Account interface {
	// CheckWrite fails if the credentials may not write.
	CheckWrite(ctx context.Context) error
	// Quota is how many secrets the account may hold, and how many it holds.
	Quota(ctx context.Context) (quota, usage int, err error)
}

// Home is where the journal is.
type Home interface {
	// Read returns the journal, nil where there is none yet, and its revision.
	Read(ctx context.Context) (*journal.Journal, string, error)
	// Write replaces the journal if it still is at a revision, and returns the
	// new one; else it fails with journal.ErrMoved.
	Write(ctx context.Context, revision string, j journal.Journal, message string) (string, error)
	// Past returns the journal as of a commit, nil where it cannot be had.
	Past(ctx context.Context, commit string) (*journal.Journal, error)
	// Exclusive tells that nobody else can be writing.
	Exclusive() bool
}

// Clock tells the time. Where it can, its instants carry a monotonic reading.
type Clock interface{ Now() time.Time }

// Runner is one run over one environment of one project.
type Runner struct {
	Document secret.Document
	Request  plan.Request
	Ring     rootkey.Ring // may be empty for a check

	Home  Home
	Clock Clock
	// Random draws lineages.
	Random io.Reader

	// Store is nil where it is not consulted. The limits are its own.
	Store      Store
	StoreName  string
	ValueLimit int
	Quota      int
	PruneGrace time.Duration
	// Account, where it is set, is asked before the first write.
	Account Account

	// Owner and HomeKind are for a journal that does not exist yet.
	Owner    journal.Owner
	HomeKind journal.Home

	// Parallel is how many writes are under way at once.
	Parallel int
	// Progress, where it is set, is told after each write.
	Progress func(done, total int)
	// Ready, where it is set, is asked before anything is changed.
	Ready func(ctx context.Context) error
	// Announced, where it is set, runs between the intents and the first write.
	// If it fails nothing is written.
	Announced func(ctx context.Context) error
}

// Outcome is what an apply did for one secret.
type Outcome struct {
	Result string // applied, failed, skipped, or empty: nothing to do
	Error  string // never holds a value
}

// The results of an apply.
const (
	Applied = "applied"
	Failed  = "failed"
	Skipped = "skipped"
)

// Result is a plan and, after an apply, what came of it.
type Result struct {
	Plan     plan.Plan
	Outcomes map[secret.ID]Outcome // nil for a check
}

// Check plans, and changes nothing.
func (r *Runner) Check(ctx context.Context) (Result, error) {
	read, err := r.read(ctx)
	if err == nil {
		err = known(read.plan)
	}
	return Result{Plan: read.plan}, err
}

// Apply plans and carries the plan out. With an error the result still tells
// what was done before it.
func (r *Runner) Apply(ctx context.Context) (Result, error) {
	return r.change(ctx, func(in plan.Input) (plan.Plan, error) {
		p := plan.Make(in)
		return p, known(p)
	})
}

// UnknownSecret is asked for by id and neither declared nor in the journal.
type UnknownSecret struct{ ID secret.ID }

func (e UnknownSecret) Error() string { return fmt.Sprintf("%q names no secret of this project", e.ID) }

func known(p plan.Plan) error {
	if len(p.Unknown) > 0 {
		return UnknownSecret{p.Unknown[0]}
	}
	return nil
}

// Alter carries out what was asked of one secret, as Apply does.
func (r *Runner) Alter(ctx context.Context, d secret.Declaration, a plan.Alteration) (Result, error) {
	return r.change(ctx, func(in plan.Input) (plan.Plan, error) {
		entry, err := plan.Alter(in, d, a)
		return plan.Plan{Environment: in.Document.Environment, Project: in.Document.Project, GeneratedAt: in.Now, Store: in.Store.Name, Entries: []plan.Entry{entry}}, err
	})
}

// change plans and carries out, and starts again when another run was faster.
func (r *Runner) change(ctx context.Context, decide func(plan.Input) (plan.Plan, error)) (Result, error) {
	if r.Ring.Empty() {
		return Result{}, errors.New("writing needs the root key")
	}
	for range maxStarts {
		read, err := r.readToWrite(ctx, decide)
		if err != nil {
			return Result{Plan: read.plan}, err
		}
		outcomes, err := r.carryOut(ctx, read)
		if errors.Is(err, journal.ErrMoved) && outcomes == nil {
			continue
		}
		return Result{Plan: read.plan, Outcomes: outcomes}, err
	}
	return Result{}, fmt.Errorf("%w %d times: nothing was changed\nrun again when no other run is at work", journal.ErrMoved, maxStarts)
}

// carryOut announces, writes and records. Outcomes are nil when it was stopped
// before anything changed.
func (r *Runner) carryOut(ctx context.Context, read reading) (map[secret.ID]Outcome, error) {
	outcomes := map[secret.ID]Outcome{}
	for _, e := range read.plan.Entries {
		if e.Action == plan.Blocked {
			outcomes[e.ID] = Outcome{Result: Skipped}
		}
	}
	announced, err := r.announce(ctx, read)
	if err != nil {
		return nil, err
	}
	for _, id := range announced.settled {
		outcomes[id] = Outcome{Result: Applied}
	}
	if len(announced.jobs) == 0 {
		return outcomes, nil
	}
	written, err := r.writeAnnounced(ctx, read, announced)
	for i, job := range announced.jobs {
		outcomes[job.id] = written[i].outcome()
	}
	// A run that is told to stop still records what it wrote.
	return outcomes, errors.Join(err, r.record(context.WithoutCancel(ctx), announced, written))
}

// writeAnnounced writes, unless what has to be there before the first write
// cannot be had: then all is unsent.
func (r *Runner) writeAnnounced(ctx context.Context, read reading, a announcement) ([]written, error) {
	if r.Announced == nil {
		return r.writeAll(ctx, read, a), nil
	}
	err := r.Announced(ctx)
	if err == nil {
		return r.writeAll(ctx, read, a), nil
	}
	unsent := make([]written, len(a.jobs))
	for i := range unsent {
		unsent[i] = written{err: errStopped}
	}
	return unsent, err
}
