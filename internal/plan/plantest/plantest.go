// Package plantest carries plans out in memory, for the tests of packages that
// read plans.
package plantest

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
)

// World is one environment: declarations, journal, store and clock.
type World struct {
	In   plan.Input
	t    testing.TB
	made int // ids and lineages given out
}

// New returns a world in which nothing is written yet, on 10 May 2026.
func New(t testing.TB, declared ...secret.Declaration) *World {
	t.Helper()
	return &World{t: t, In: plan.Input{
		Document: Document(declared...),
		Ring:     fake.RootKeys(t, 'a'),
		Store:    &plan.Store{Name: "cloudflare", ValueLimit: 65_536, Quota: 100},
		Now:      fake.Date(t, "10 May"),
		Request:  plan.Request{Run: "run-1"},
	}}
}

// Document returns the compiled document of the declarations, for the project
// billing in production.
func Document(declared ...secret.Declaration) secret.Document {
	return secret.Document{Schema: 1, Project: "billing", Workspace: "default", Environment: "production", Secrets: declared}
}

// At sets the clock to a date as fake.Date parses it.
func (w *World) At(when string) *World {
	w.t.Helper()
	w.In.Now = fake.Date(w.t, when)
	return w
}

// Declare replaces the declarations.
func (w *World) Declare(declared ...secret.Declaration) *World {
	w.In.Document.Secrets = declared
	return w
}

// Plan returns the plan for the world's present time.
func (w *World) Plan() plan.Plan {
	w.made++
	w.In.Seed, w.In.WriteBefore = [32]byte{byte(w.made), byte(w.made >> 8)}, w.In.Now.Add(plan.Window)
	return plan.Make(w.In)
}

// Until applies on each of the dates.
func (w *World) Until(dates ...string) *World {
	w.t.Helper()
	for _, date := range dates {
		w.At(date).Apply()
	}
	return w
}

// Apply carries the plan out. The writes of the failing secrets fail.
func (w *World) Apply(failing ...secret.ID) rotate.Result {
	w.t.Helper()
	result := rotate.Result{Plan: w.Plan(), Outcomes: map[secret.ID]rotate.Outcome{}}
	j := journal.New("production", "billing", journal.Owner{Host: "github.com", RepositoryID: 7}, journal.PlaceGitHub)
	if w.In.Journal != nil {
		j = *w.In.Journal
	}
	for _, e := range result.Plan.Entries {
		switch {
		case e.Action == plan.Blocked:
			result.Outcomes[e.ID] = rotate.Outcome{Result: rotate.Skipped}
		case slices.Contains(failing, e.ID):
			result.Outcomes[e.ID] = rotate.Outcome{Result: rotate.Failed, Error: "change secret: the store answered 400: the token may not write (10001)"}
		case e.Writes():
			result.Outcomes[e.ID] = rotate.Outcome{Result: rotate.Applied}
			entry := w.write(*e.Change, j.Owner)
			j, _ = j.Put(e.Change.Key, entry)
		}
	}
	w.In.Journal = &j
	w.sign()
	return result
}

// write puts the receipt into the store, and returns the entry with its outcome.
func (w *World) write(change plan.Change, owner journal.Owner) *journal.Entry {
	w.made++
	announced := change.Entry
	stored := secret.Stored{ID: fmt.Sprintf("%032x", w.made), Name: announced.StoreName(), Status: "active", Created: w.In.Now}
	if change.Write.Stored != nil {
		stored = *change.Write.Stored
	}
	stored.Comment, stored.Modified = journal.Journal{Owner: owner, Environment: "production"}.Receipt(*announced.Intent.Next, journal.NoCommit).String(), w.In.Now
	w.put(stored)
	return announced.Recorded(journal.Observed{SecretID: stored.ID, Modified: stored.Modified})
}

func (w *World) put(s secret.Stored) {
	i := slices.IndexFunc(w.In.Store.Secrets, func(old secret.Stored) bool { return old.Name == s.Name })
	if i < 0 {
		w.In.Store.Secrets = append(w.In.Store.Secrets, s)
	} else {
		w.In.Store.Secrets[i] = s
	}
}

func (w *World) sign() {
	signed, err := w.In.Journal.Sign(w.In.Ring.First(), slices.Collect(maps.Keys(w.In.Journal.Entries))...)
	if err != nil {
		w.t.Fatal(err)
	}
	w.In.Journal = &signed
}
