package rotate

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/secret"
)

// announcement is a run's intents as they were committed.
type announcement struct {
	journal  journal.Journal
	revision string    // also the commit that receipts name
	before   time.Time // when writes must have been answered, by this machine's clock
	jobs     []job
	settled  []secret.ID // entries of which only the journal had to change
}

// job is one write to the store.
type job struct {
	id     secret.ID
	key    secret.ID // of its entry in the journal
	change plan.Change
	intent journal.Intent
}

// announce commits the intents of a plan, together with what was found of
// earlier ones. Where nothing changes, nothing is committed.
func (r *Runner) announce(ctx context.Context, read reading) (announcement, error) {
	out := announcement{revision: read.revision, before: r.Clock.Now().Add(plan.Window)}
	if read.journal != nil {
		out.journal = *read.journal
	} else {
		out.journal = journal.New(r.Document.Environment, r.Document.Project, r.Owner, r.HomeKind)
	}
	out.journal.Project = r.Document.Project
	var changed []secret.ID
	for _, e := range read.plan.Entries {
		if e.Change == nil {
			continue
		}
		entry, err := r.entry(e.ID, *e.Change)
		if err != nil {
			return announcement{}, err
		}
		var displaced secret.ID
		out.journal, displaced = out.journal.Place(e.Change.Key, entry)
		changed = append(changed, e.Change.Key)
		if displaced != "" {
			changed = append(changed, displaced)
		}
		if e.Change.Intent == nil {
			out.settled = append(out.settled, e.ID)
			continue
		}
		out.jobs = append(out.jobs, job{id: e.ID, key: e.Change.Key, change: *e.Change, intent: *entry.Intent})
	}
	if len(changed) == 0 {
		return out, nil
	}
	var err error
	if out.journal, err = out.journal.Sign(r.Ring.First(), changed...); err != nil {
		return announcement{}, fmt.Errorf("sign journal: %w", err)
	}
	message := fmt.Sprintf("rotation(%s): announce %d, settle %d", r.Document.Environment, len(out.jobs), len(out.settled))
	out.revision, err = r.Home.Write(ctx, read.revision, out.journal, message)
	return out, err
}

// entry is the journal's entry with the change announced.
func (r *Runner) entry(id secret.ID, change plan.Change) (*journal.Entry, error) {
	base := change.Base
	if base == nil {
		base = &journal.Entry{Events: []journal.Event{}}
	}
	if change.Intent == nil {
		return base, nil
	}
	intent, next := *change.Intent, *change.Intent.Next
	if next.Lineage == "" {
		var raw [rootkey.LineageSize]byte
		if _, err := io.ReadFull(r.Random, raw[:]); err != nil {
			return nil, fmt.Errorf("read randomness: %w", err)
		}
		next.Lineage = rootkey.NewLineage(raw)
	}
	if err := r.seal(id, &next, change.Supplied); err != nil {
		return nil, err
	}
	intent.Next, intent.Run = &next, r.Request.Run
	intent.WriteBefore = secret.At(r.Clock.Now().Add(r.skew() + plan.Window))
	return base.Announced(intent), nil
}

// seal encrypts the values from outside that a state will need again.
func (r *Runner) seal(id secret.ID, next *journal.State, supplied map[secret.Version]secret.Value) error {
	next.Versions = slices.Clone(next.Versions)
	for i := range next.Versions {
		v := &next.Versions[i]
		value, given := supplied[v.Number]
		if v.Origin != journal.Sealed || v.Sealed != "" || !given {
			continue
		}
		key, err := r.Ring.Key(v.RootKey)
		if err != nil {
			return fmt.Errorf("seal version %s: %w", v.Number, err)
		}
		if v.Sealed, err = key.Seal(plan.Context(r.Document.Environment, id, *next, v.Number), value, r.Random); err != nil {
			return fmt.Errorf("seal version %s: %w", v.Number, err)
		}
	}
	return nil
}
