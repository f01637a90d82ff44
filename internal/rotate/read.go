package rotate

import (
	"context"
	"time"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/secret"
)

// reading is what a run knows before it decides.
type reading struct {
	at       time.Time
	journal  *journal.Journal
	revision string
	stored   []secret.Stored
	plan     plan.Plan
}

// read reads journal and store, and plans.
func (r *Runner) read(ctx context.Context) (reading, error) {
	read, in, err := r.look(ctx)
	if err != nil {
		return reading{}, err
	}
	read.plan = plan.Make(in)
	return read, nil
}

// readToWrite reads, decides, and checks all that can be checked before the
// first write.
func (r *Runner) readToWrite(ctx context.Context, decide func(plan.Input) (plan.Plan, error)) (reading, error) {
	read, in, err := r.look(ctx)
	if err != nil {
		return reading{}, err
	}
	if err := r.checkHome(read.journal); err != nil {
		return reading{}, err
	}
	if err := r.checkClock(); err != nil {
		return reading{}, err
	}
	if err := r.checkKey(read.journal); err != nil {
		return reading{}, err
	}
	if read.plan, err = decide(in); err != nil || read.plan.Changes() == 0 {
		return read, err
	}
	if r.Ready != nil {
		if err := r.Ready(ctx); err != nil {
			return read, err
		}
	}
	if !read.plan.Writes() || r.Account == nil {
		return read, nil
	}
	if err := r.Account.CheckWrite(ctx); err != nil {
		return read, err
	}
	if in.Store.Quota, in.Store.Usage, err = r.Account.Quota(ctx); err != nil {
		return read, err
	}
	read.plan, err = decide(in)
	return read, err
}

// look reads journal and store.
func (r *Runner) look(ctx context.Context) (reading, plan.Input, error) {
	read := reading{at: r.Clock.Now()}
	var err error
	if read.journal, read.revision, err = r.Home.Read(ctx); err != nil {
		return reading{}, plan.Input{}, err
	}
	if err := r.checkEnvironment(read.journal); err != nil {
		return reading{}, plan.Input{}, err
	}
	in := plan.Input{
		Document: r.Document, Journal: read.journal, Owner: r.Owner, Ring: r.Ring, Now: secret.At(read.at),
		Exclusive: r.Home.Exclusive(), PruneGrace: r.PruneGrace, Request: r.Request,
	}
	if branches, ok := r.Home.(interface{ Conflicts() journal.Conflicts }); ok {
		in.Conflicts = branches.Conflicts()
	}
	if r.Store == nil {
		return read, in, nil
	}
	if read.stored, err = r.Store.List(ctx); err != nil {
		return reading{}, plan.Input{}, err
	}
	read.journal, in.Conflicts = plan.Settle(read.journal, in.Conflicts, read.stored, r.Ring)
	in.Journal = read.journal
	in.Store = &plan.Store{Name: r.StoreName, Secrets: read.stored, ValueLimit: r.ValueLimit, Quota: r.Quota}
	in.Now = secret.At(read.at.Add(r.skew())) // every date is by the store's clock
	in.Recovered, err = r.recover(ctx, read)
	return read, in, err
}

// recover fetches entries that the journal does not have and the commits named
// in receipts do: after a revert, a deleted branch, a closed pull request.
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
		if !ok || !missing(read.journal, d, receipt) {
			continue
		}
		if _, asked := past[receipt.Commit]; !asked {
			j, err := r.Home.Past(ctx, receipt.Commit)
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

// missing tells whether a receipt names something later than the journal holds.
func missing(j *journal.Journal, d secret.Declaration, receipt journal.Receipt) bool {
	if j == nil {
		return true
	}
	entry, _ := j.Find(d.ID, d.StoreName)
	return entry == nil || entry.Serial < receipt.Serial
}

// trusted is a past journal's entry, unless it does not verify.
func (r *Runner) trusted(j *journal.Journal, d secret.Declaration) *journal.Entry {
	if r.checkEnvironment(j) != nil || j == nil {
		return nil
	}
	entry, key := j.Find(d.ID, d.StoreName)
	if entry == nil || !r.Ring.Empty() && j.Tampered(r.Ring)[key] {
		return nil
	}
	return entry
}

// elapsed is how long ago an instant of the clock was: by the wall or by the
// monotonic reading, whichever says more. A machine that slept moved only the
// one, a clock that was set only the other.
func elapsed(clock Clock, since time.Time) time.Duration {
	now := clock.Now()
	return max(now.Sub(since), now.Round(0).Sub(since.Round(0)))
}
