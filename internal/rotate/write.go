package rotate

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/keyring"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/secret"
)

// staleAfter is how old the reading of store and journal may be when a write is
// sent.
const staleAfter = 30 * time.Second

// written is the result of one job.
type written struct {
	stored *secret.Stored // as the store confirmed it; nil if it did not
	err    error
}

func (w written) outcome() Outcome {
	if w.err != nil {
		return Outcome{Result: Failed, Error: w.err.Error()}
	}
	return Outcome{Result: Applied}
}

// concernsAll reports whether the other writes would fail in the same way:
// credentials, rate limit, a store that cannot be reached.
func (w written) concernsAll() bool {
	var failed *secret.WriteError
	return errors.As(w.err, &failed) && failed.Effect == secret.EffectNone && !failed.OfOneSecret() && failed != errChanged
}

// effect returns what is known about a failed write.
func (w written) effect() (secret.Effect, string) {
	var failed *secret.WriteError
	if errors.As(w.err, &failed) {
		return failed.Effect, failed.Code
	}
	return secret.EffectUnknown, ""
}

// The reasons not to send a write. Only errStopped concerns the other writes too.
var (
	errStopped = &secret.WriteError{Effect: secret.EffectNone, Err: errors.New("not written: the run was stopped before it; the next run writes it")}
	errChanged = &secret.WriteError{Effect: secret.EffectNone, Err: errors.New("not written: it changed while this run was delayed; run again")}
)

// writeAll writes the jobs, several at a time. If the store refuses one for a
// reason that concerns all, or the run is cancelled, no more writes are sent.
// Those already sent are finished.
func (r *Runner) writeAll(ctx context.Context, read reading, a announcement) []written {
	out := make([]written, len(a.jobs))
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	view := &view{runner: r, at: read.at, stored: read.stored, announced: a}
	var group sync.WaitGroup
	var progress sync.Mutex
	done := 0
	slots := make(chan struct{}, max(1, r.Store.Parallel))
	for i, job := range a.jobs {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			out[i] = r.write(ctx, view, read.before, job)
			if out[i].concernsAll() {
				stop()
			}
			progress.Lock()
			defer progress.Unlock()
			if done++; r.Hooks.Progress != nil {
				r.Hooks.Progress(done, len(a.jobs))
			}
		})
	}
	group.Wait()
	return r.confirmUnknown(ctx, a, out)
}

// write sends one job's request.
func (r *Runner) write(ctx context.Context, view *view, before time.Time, job job) written {
	if ctx.Err() != nil {
		return written{err: errStopped}
	}
	if err := view.check(ctx, job); err != nil {
		return written{err: err}
	}
	stored, err := r.send(ctx, view.announced, before, job)
	if err != nil {
		return written{err: err}
	}
	return written{stored: &stored}
}

func (r *Runner) send(ctx context.Context, a announcement, before time.Time, job job) (secret.Stored, error) {
	there := job.write.Stored
	receipt := a.journal.Receipt(*job.next, a.revision)
	if job.write.CommentOnly {
		return r.Store.Annotate(ctx, *there, journal.Comment(there.Comment, receipt), before)
	}
	value, err := r.value(job.id, *job.next, job.write.Supplied)
	if err != nil {
		return secret.Stored{}, &secret.WriteError{Effect: secret.EffectNone, Err: fmt.Errorf("rebuild the stored value: %w", err)}
	}
	if there == nil {
		return r.Store.Create(ctx, job.next.StoreName, value, journal.Comment("", receipt), before)
	}
	return r.Store.Change(ctx, *there, value, journal.Comment(there.Comment, receipt), before)
}

// value returns the stored value of a state: supplied values as they are given,
// and the others rebuilt from the root key.
func (r *Runner) value(id secret.ID, state journal.State, supplied map[secret.Version]secret.Value) (secret.Value, error) {
	ring, err := plan.Keyring(state, func(v journal.Version) (secret.Value, error) {
		if value, given := supplied[v.Number]; given {
			return value, nil
		}
		key, err := r.Ring.Key(v.RootKey)
		if err != nil {
			return secret.Value{}, fmt.Errorf("version %s: %w", v.Number, err)
		}
		context := plan.Context(r.Document.Environment, id, state, v.Number)
		switch v.Origin {
		case journal.Derived:
			return key.Value(context, v.Bytes)
		case journal.Sealed:
			return key.Open(context, v.Sealed)
		}
		return secret.Value{}, fmt.Errorf("version %s came from outside and was not kept", v.Number)
	})
	if err != nil {
		return secret.Value{}, err
	}
	return keyring.Encode(ring)
}

// confirmUnknown reads the store once, to find out which writes without an answer
// took effect.
func (r *Runner) confirmUnknown(ctx context.Context, a announcement, out []written) []written {
	unknown := func(w written) bool {
		effect, _ := w.effect()
		return w.err != nil && effect == secret.EffectUnknown
	}
	asked := false
	byName := map[string]secret.Stored{}
	for i := range out {
		if !unknown(out[i]) {
			continue
		}
		if !asked {
			asked = true
			stored, err := r.Store.List(context.WithoutCancel(ctx))
			if err != nil {
				return out // the next run asks
			}
			for _, s := range stored {
				byName[s.Name] = s
			}
		}
		next := a.jobs[i].next
		s, held := byName[next.StoreName]
		if receipt, ok := journal.ParseReceipt(s.Comment); held && ok && receipt.Names(next) {
			out[i] = written{stored: &s}
		}
	}
	return out
}

// view is store and journal as last read, shared by the writers.
type view struct {
	mu        sync.Mutex
	runner    *Runner
	at        time.Time
	stored    []secret.Stored
	announced announcement
	moved     map[secret.ID]bool // jobs whose secret or entry changed
}

// check reads store and journal again when they were read too long ago, and
// refuses a job whose secret or entry has changed since.
func (v *view) check(ctx context.Context, job job) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if elapsed(v.runner.Clock, v.at) > staleAfter {
		if err := v.refresh(ctx); err != nil {
			return &secret.WriteError{Effect: secret.EffectNone, Err: fmt.Errorf("read the store again before writing: %w", err)}
		}
	}
	if v.moved[job.id] {
		return errChanged
	}
	return nil
}

func (v *view) refresh(ctx context.Context) error {
	at := v.runner.Clock.Now()
	stored, err := v.runner.Store.List(ctx)
	if err != nil {
		return err
	}
	now, err := v.runner.Journal.Read(ctx)
	if err != nil {
		return err
	}
	before, after := index(v.stored), index(stored)
	moved := map[secret.ID]bool{}
	for _, job := range v.announced.jobs {
		name := job.next.StoreName
		s, held := after[name]
		receipt, ok := journal.ParseReceipt(s.Comment)
		ours := held && ok && receipt.Names(job.next)
		moved[job.id] = v.moved[job.id] || !ours && before[name] != s || !sameEntry(now.Journal, v.announced.journal, job.key)
	}
	v.at, v.moved = at, moved
	return nil
}

func index(stored []secret.Stored) map[string]secret.Stored {
	byName := make(map[string]secret.Stored, len(stored))
	for _, s := range stored {
		byName[s.Name] = s
	}
	return byName
}

// sameEntry reports whether the journal still holds the entry that was announced.
func sameEntry(now *journal.Journal, announced journal.Journal, key secret.ID) bool {
	if now == nil || now.Entries[key] == nil {
		return false
	}
	return now.Entries[key].HMAC == announced.Entries[key].HMAC
}
