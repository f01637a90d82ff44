package rotate

import (
	"context"
	"fmt"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/secret"
)

// announcement is the intents of a run as it committed them.
type announcement struct {
	journal  journal.Journal
	revision string // also the commit that receipts name
	jobs     []job
	recorded []secret.ID // entries of which only the journal had to change
}

// job is one write to the store.
type job struct {
	id    secret.ID
	key   secret.ID // of its entry in the journal
	next  *journal.State
	write plan.Write
}

// announce commits the intents of a plan, and the outcomes found of earlier ones.
// If nothing changes, nothing is committed.
func (r *Runner) announce(ctx context.Context, read reading) (announcement, error) {
	out := announcement{revision: read.snapshot.Revision, journal: r.journal(read)}
	var changed []secret.ID
	for _, e := range read.plan.Entries {
		if e.Change == nil {
			continue
		}
		var displaced secret.ID
		out.journal, displaced = out.journal.Put(e.Change.Key, e.Change.Entry)
		changed = append(changed, e.Change.Key)
		if displaced != "" {
			changed = append(changed, displaced)
		}
		if !e.Writes() {
			out.recorded = append(out.recorded, e.ID)
			continue
		}
		out.jobs = append(out.jobs, job{id: e.ID, key: e.Change.Key, next: e.Change.Entry.Intent.Next, write: *e.Change.Write})
	}
	if len(changed) == 0 {
		return out, nil
	}
	var err error
	if out.journal, err = out.journal.Sign(r.Ring.First(), changed...); err != nil {
		return announcement{}, fmt.Errorf("sign journal: %w", err)
	}
	message := fmt.Sprintf("rotation(%s): announce %d, settle %d", r.Document.Environment, len(out.jobs), len(out.recorded))
	out.revision, err = r.Journal.Write(ctx, read.snapshot.Revision, out.journal, message)
	return out, err
}

// journal returns the journal that the run adds to.
func (r *Runner) journal(read reading) journal.Journal {
	if read.snapshot.Journal == nil {
		return journal.New(r.Document.Environment, r.Document.Project, r.Journal.Owner, r.Journal.Place)
	}
	j := *read.snapshot.Journal
	j.Project = r.Document.Project
	return j
}
