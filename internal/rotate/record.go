package rotate

import (
	"context"
	"errors"
	"fmt"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/secret"
)

// maxRecords is how often recording is tried while other runs commit.
const maxRecords = 5

// record commits the outcomes. If another run has changed the journal meanwhile,
// they are added to the new journal, for the intents of ours that it still holds.
func (r *Runner) record(ctx context.Context, a announcement, results []written) error {
	j, revision := &a.journal, a.revision
	for range maxRecords {
		next, changed := *j, []secret.ID{}
		for i, job := range a.jobs {
			entry := outcome(a.journal.Entries[job.key], job, results[i])
			if entry != nil && sameEntry(j, a.journal, job.key) {
				next = next.With(job.key, entry)
				changed = append(changed, job.key)
			}
		}
		if len(changed) == 0 {
			return nil
		}
		next, err := next.Sign(r.Ring.First(), changed...)
		if err != nil {
			return fmt.Errorf("sign journal: %w", err)
		}
		message := fmt.Sprintf("rotation(%s): record %d", r.Document.Environment, len(changed))
		_, err = r.Journal.Write(ctx, revision, next, message)
		if err == nil {
			return nil
		}
		if !errors.Is(err, journal.ErrMoved) {
			return unrecorded(err)
		}
		now, err := r.Journal.Read(ctx)
		if err != nil {
			return unrecorded(err)
		}
		if j, revision = now.Journal, now.Revision; j == nil { // the branch was deleted: the receipts name its commit
			return nil
		}
	}
	return unrecorded(journal.ErrMoved)
}

// outcome returns an entry after its write, or nil if the outcome is not known
// yet.
func outcome(entry *journal.Entry, job job, result written) *journal.Entry {
	if result.err == nil {
		return entry.Recorded(journal.Observed{SecretID: result.stored.ID, Modified: result.stored.Modified})
	}
	switch effect, code := result.effect(); effect {
	case secret.EffectRefused:
		return entry.Closed(journal.Refused, &journal.Refusal{Code: code, Cause: job.write.Cause, Used: job.write.Used})
	case secret.EffectNone:
		return entry.Closed(journal.Unsent, nil)
	}
	return nil
}

// unrecorded says that nothing is lost: the next run reads the receipts.
func unrecorded(err error) error {
	return fmt.Errorf("record the outcome: %w\nthe values are written, and the next run records them from their receipts", err)
}
