package rotate

import (
	"context"
	"errors"
	"fmt"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/secret"
)

// maxStarts is how often a run starts again because another one committed first.
const maxStarts = 5

// Check plans, and changes nothing.
func (r *Runner) Check(ctx context.Context) (Result, error) {
	_, in, err := r.read(ctx)
	if err != nil {
		return Result{}, err
	}
	p := plan.Make(in)
	return Result{Plan: p}, known(p)
}

// Apply plans and carries the plan out. If it fails, the result still holds what
// was done before.
func (r *Runner) Apply(ctx context.Context) (Result, error) {
	return r.change(ctx, func(in plan.Input) (plan.Plan, error) {
		p := plan.Make(in)
		return p, known(p)
	})
}

// UnknownSecret is the error of a request that names an id which is neither
// declared nor in the journal.
type UnknownSecret struct{ ID secret.ID }

func (e UnknownSecret) Error() string {
	return fmt.Sprintf("%q is not a secret in this project", e.ID)
}

func known(p plan.Plan) error {
	if len(p.Unknown) > 0 {
		return UnknownSecret{p.Unknown[0]}
	}
	return nil
}

// Alter carries out an alteration of one declared secret, as Apply does.
func (r *Runner) Alter(ctx context.Context, d secret.Declaration, a plan.Alteration) (Result, error) {
	return r.change(ctx, func(in plan.Input) (plan.Plan, error) { return plan.Alter(in, d, a) })
}

// change plans and carries out, and starts again when another run committed
// first.
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
	return Result{}, fmt.Errorf("%w %d times: nothing was changed\nrun again when no other run is active", journal.ErrMoved, maxStarts)
}

// carryOut announces, writes and records. Outcomes are nil if it stopped before
// anything changed.
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
	for _, id := range announced.recorded {
		outcomes[id] = Outcome{Result: Applied}
	}
	if len(announced.jobs) == 0 {
		return outcomes, nil
	}
	written, err := r.writeAnnounced(ctx, read, announced)
	for i, job := range announced.jobs {
		outcomes[job.id] = written[i].outcome()
	}
	// A run that is cancelled still records what it wrote.
	return outcomes, errors.Join(err, r.record(context.WithoutCancel(ctx), announced, written))
}

// writeAnnounced writes, unless the hook before the first write fails: then
// nothing is sent.
func (r *Runner) writeAnnounced(ctx context.Context, read reading, a announcement) ([]written, error) {
	if r.Hooks.Announced != nil {
		if err := r.Hooks.Announced(ctx); err != nil {
			unsent := make([]written, len(a.jobs))
			for i := range unsent {
				unsent[i] = written{err: errStopped}
			}
			return unsent, err
		}
	}
	return r.writeAll(ctx, read, a), nil
}
