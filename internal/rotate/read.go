package rotate

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/secret"
)

// reading is what a run knows before it writes.
type reading struct {
	at       time.Time
	before   time.Time // when writes must have been answered, by this machine's clock
	snapshot journal.Snapshot
	stored   []secret.Stored
	plan     plan.Plan
}

// read reads journal and store.
func (r *Runner) read(ctx context.Context) (reading, plan.Input, error) {
	read := reading{at: r.Clock.Now()}
	var err error
	if read.snapshot, err = r.Journal.Read(ctx); err != nil {
		return reading{}, plan.Input{}, err
	}
	if err := r.checkEnvironment(read.snapshot.Journal); err != nil {
		return reading{}, plan.Input{}, err
	}
	in := plan.Input{
		Document: r.Document, Owner: r.Journal.Owner, Ring: r.Ring, Now: secret.At(read.at),
		Exclusive: r.Journal.Exclusive(), Request: r.Request,
	}
	if r.Store != nil {
		if read.stored, err = r.Store.List(ctx); err != nil {
			return reading{}, plan.Input{}, err
		}
		read.snapshot = read.snapshot.Resolve(read.stored, r.Ring)
		in.PruneGrace = r.Store.PruneGrace
		in.Store = &plan.Store{Name: r.Store.Name, Secrets: read.stored, ValueLimit: r.Store.ValueLimit, Quota: r.Store.Quota}
		in.Now = secret.At(read.at.Add(r.skew())) // every date is by the store's clock
		if in.Recovered, err = r.recover(ctx, read); err != nil {
			return reading{}, plan.Input{}, err
		}
	}
	in.Journal, in.Conflicts = read.snapshot.Journal, read.snapshot.Conflicts
	return read, in, nil
}

// readToWrite reads, decides, and checks all that can be checked before the
// first write.
func (r *Runner) readToWrite(ctx context.Context, decide func(plan.Input) (plan.Plan, error)) (reading, error) {
	read, in, err := r.read(ctx)
	if err != nil {
		return reading{}, err
	}
	if err := r.preflight(read.snapshot.Journal); err != nil {
		return reading{}, err
	}
	if _, err := io.ReadFull(r.Random, in.Seed[:]); err != nil {
		return reading{}, fmt.Errorf("read randomness: %w", err)
	}
	if read.plan, err = decide(in); err != nil || read.plan.Changes() == 0 {
		return read, err
	}
	if r.Hooks.Ready != nil {
		if err := r.Hooks.Ready(ctx); err != nil {
			return read, err
		}
	}
	if read.plan.Writes() && r.Store.Account != nil {
		if err := r.Store.Account.CheckWrite(ctx); err != nil {
			return read, err
		}
		if in.Store.Quota, in.Store.Usage, err = r.Store.Account.Quota(ctx); err != nil {
			return read, err
		}
	}
	read.before = r.Clock.Now().Add(plan.Window)
	in.WriteBefore = secret.At(read.before.Add(r.skew()))
	read.plan, err = decide(in)
	return read, err
}

// recover reads entries that the journal lost from the commits named in
// receipts: after a revert, a deleted branch, a closed pull request.
func (r *Runner) recover(ctx context.Context, read reading) (map[secret.ID]*journal.Entry, error) {
	byName := map[string]journal.Receipt{}
	for _, s := range read.stored {
		if receipt, ok := journal.ParseReceipt(s.Comment); ok && receipt.Commit != journal.NoCommit {
			byName[s.Name] = receipt
		}
	}
	past := map[string]*journal.Journal{}
	found := map[secret.ID]*journal.Entry{}
	for _, d := range r.Document.Secrets {
		receipt, ok := byName[d.StoreName]
		if !ok || !missing(read.snapshot.Journal, d, receipt) {
			continue
		}
		if _, asked := past[receipt.Commit]; !asked {
			j, err := r.Journal.Past(ctx, receipt.Commit)
			if err != nil {
				return nil, err
			}
			past[receipt.Commit] = j
		}
		if entry := r.trusted(past[receipt.Commit], d); entry != nil {
			found[d.ID] = entry
		}
	}
	return found, nil
}

// missing reports whether a receipt names something later than the journal holds.
func missing(j *journal.Journal, d secret.Declaration, receipt journal.Receipt) bool {
	if j == nil {
		return true
	}
	entry, _ := j.Find(d.ID, d.StoreName)
	return entry == nil || entry.Serial < receipt.Serial
}

// trusted returns a past journal's entry, or nil if it does not verify.
func (r *Runner) trusted(j *journal.Journal, d secret.Declaration) *journal.Entry {
	if r.checkEnvironment(j) != nil || j == nil {
		return nil
	}
	entry, key := j.Find(d.ID, d.StoreName)
	if entry == nil || !r.Ring.Empty() && !j.Verifies(r.Ring, key, entry) {
		return nil
	}
	return entry
}

// elapsed returns the time since an earlier reading of the clock, by the wall
// clock or the monotonic clock, whichever says more. On some machines the
// monotonic clock stops while the machine is suspended, and the wall clock can be
// set back.
func elapsed(clock Clock, since time.Time) time.Duration {
	now := clock.Now()
	return max(now.Sub(since), now.Round(0).Sub(since.Round(0)))
}
