package plan_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/keyring"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/plan/plantest"
	"github.com/layeron/rotate/internal/secret"
)

// world is one environment with its declarations, journal, store and clock. It
// carries plans out as a run does, step by step, so that a test can stop a run
// at any of them.
type world struct {
	t       *testing.T
	in      plan.Input
	values  map[string]secret.Value // what the store holds, which no plan sees
	commits []journal.Journal
	made    int // ids and lineages given out
}

// newWorld returns a world on 10 May 2026 in which nothing is written yet.
func newWorld(t *testing.T, declared ...secret.Declaration) *world {
	t.Helper()
	w := &world{t: t, values: map[string]secret.Value{}}
	w.in = plan.Input{
		Document:   plantest.Document(declared...),
		Ring:       fake.RootKeys(t, 'a'),
		Store:      &plan.Store{Name: "cloudflare", ValueLimit: 65_536, Quota: 100},
		Now:        fake.Date(t, "10 May"),
		PruneGrace: 5 * time.Minute,
		Request:    plan.Request{Run: "run-1"},
	}
	return w
}

const sessionKey = secret.ID("auth/session-key")

var (
	none    = fake.KeepNone
	forever = fake.KeepForever
	keep    = fake.KeepDays
)

// random declares a generated secret that rotates every 30 days from 1 June.
func random(id secret.ID, retain secret.Retention) secret.Declaration {
	return fake.RandomSecret(id, 30, retain)
}

func static(id secret.ID) secret.Declaration  { return fake.StaticSecret(id, 30, none) }
func product(id secret.ID) secret.Declaration { return fake.ProductSecret(id, 30, none) }

func unrotated(d secret.Declaration) secret.Declaration {
	d.Rotation = nil
	return d
}

func (w *world) at(when string) *world {
	w.t.Helper()
	w.in.Now = fake.Date(w.t, when)
	return w
}

func (w *world) later(d time.Duration) *world {
	w.in.Now = w.in.Now.Add(d)
	return w
}

// declare replaces the declarations.
func (w *world) declare(declared ...secret.Declaration) *world {
	w.in.Document.Secrets = declared
	return w
}

// entry plans, and returns the entry of one secret.
func (w *world) entry(id secret.ID) plan.Entry {
	w.t.Helper()
	return find(w.t, plan.Make(w.in), id)
}

func find(t *testing.T, p plan.Plan, id secret.ID) plan.Entry {
	t.Helper()
	i := slices.IndexFunc(p.Entries, func(e plan.Entry) bool { return e.ID == id })
	if i < 0 {
		t.Fatalf("the plan has no entry for %s", id)
	}
	return p.Entries[i]
}

// state returns the recorded state of a secret.
func (w *world) state(id secret.ID) journal.State {
	w.t.Helper()
	entry := w.in.Journal.Entries[id]
	if entry == nil || entry.State == nil {
		w.t.Fatalf("the journal holds no state of %s", id)
	}
	return *entry.State
}

// apply is a whole run.
func (w *world) apply() plan.Plan {
	w.t.Helper()
	p := w.announce()
	for _, e := range p.Entries {
		if e.Writes() {
			w.write(e.ID)
			w.record(e.ID)
		}
	}
	return p
}

// announce plans, and commits the intents and the outcomes found of earlier ones.
func (w *world) announce() plan.Plan {
	w.t.Helper()
	w.run()
	p := plan.Make(w.in)
	j := journal.New("production", "billing", journal.Owner{Host: "github.com", RepositoryID: 7}, journal.PlaceGitHub)
	if w.in.Journal != nil {
		j = *w.in.Journal
	}
	var changed []secret.ID
	for _, e := range p.Entries {
		if e.Change == nil {
			continue
		}
		placed, displaced := j.Put(e.Change.Key, e.Change.Entry)
		if j, changed = placed, append(changed, e.Change.Key); displaced != "" {
			changed = append(changed, displaced)
		}
	}
	if len(changed) > 0 {
		w.commit(j, changed...)
	}
	return p
}

// run sets the part of the input that differs in each run.
func (w *world) run() {
	w.made++
	w.in.Seed, w.in.WriteBefore = [32]byte{byte(w.made)}, w.in.Now.Add(plan.Window)
}

// commit signs entries, and passes the journal to the next run as a file.
func (w *world) commit(j journal.Journal, changed ...secret.ID) {
	w.t.Helper()
	signed, err := j.Sign(w.in.Ring.First(), changed...)
	if err != nil {
		w.t.Fatal(err)
	}
	file, err := journal.Format(signed)
	if err != nil {
		w.t.Fatal(err)
	}
	read, err := journal.Parse(file)
	if err != nil {
		w.t.Fatalf("the journal that was written cannot be read: %v", err)
	}
	w.in.Journal, w.commits = &read, append(w.commits, read)
}

// write sends the write that the intent of a secret announces.
func (w *world) write(id secret.ID) {
	w.t.Helper()
	next := w.in.Journal.Entries[id].Intent.Next
	receipt := w.in.Journal.Receipt(*next, fmt.Sprintf("%040x", len(w.commits)-1))
	s := w.stored(next.StoreName)
	if s == nil {
		w.made++
		w.in.Store.Secrets = append(slices.Clone(w.in.Store.Secrets), secret.Stored{
			ID: fmt.Sprintf("%032x", w.made), Name: next.StoreName, Status: "active", Created: w.in.Now,
		})
		s = w.stored(next.StoreName)
	}
	s.Comment, s.Modified = journal.Comment(s.Comment, receipt), w.in.Now
	w.values[s.Name] = w.value(id, *next)
}

// value rebuilds a stored value from journal and root key alone, as a run does.
func (w *world) value(id secret.ID, state journal.State) secret.Value {
	w.t.Helper()
	k, err := plan.Keyring(state, func(v journal.Version) (secret.Value, error) {
		key, err := w.in.Ring.Key(v.RootKey)
		if err != nil || v.Origin != journal.Derived {
			return secret.Value{}, fmt.Errorf("%s cannot be rebuilt: %w", v.Number, err)
		}
		return key.Value(plan.Context("production", id, state, v.Number), v.Bytes)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	value, err := keyring.Encode(k)
	if err != nil {
		w.t.Fatal(err)
	}
	return value
}

// record commits the outcome of a write.
func (w *world) record(id secret.ID) {
	w.t.Helper()
	entry := w.in.Journal.Entries[id]
	s := w.stored(entry.StoreName())
	w.commit(w.in.Journal.With(id, entry.Recorded(journal.Observed{SecretID: s.ID, Modified: s.Modified})), id)
}

// refuse commits that the store refused a write for good.
func (w *world) refuse(id secret.ID, cause string) {
	w.t.Helper()
	w.commit(w.in.Journal.With(id, w.in.Journal.Entries[id].Closed(journal.Refused, &journal.Refusal{Code: "secret_value_too_long", Cause: cause})), id)
}

// unsend commits that nothing was sent.
func (w *world) unsend(id secret.ID) {
	w.t.Helper()
	w.commit(w.in.Journal.With(id, w.in.Journal.Entries[id].Closed(journal.Unsent, nil)), id)
}

// stored returns a secret in the store, to be changed in place, or nil.
func (w *world) stored(name string) *secret.Stored {
	i := slices.IndexFunc(w.in.Store.Secrets, func(s secret.Stored) bool { return s.Name == name })
	if i < 0 {
		return nil
	}
	return &w.in.Store.Secrets[i]
}

// storedAs returns the secret of an id in the store.
func (w *world) storedAs(id secret.ID) *secret.Stored {
	w.t.Helper()
	s := w.stored(w.in.Journal.Entries[id].StoreName())
	if s == nil {
		w.t.Fatalf("the store does not hold %s", id)
	}
	return s
}

// supply puts a secret into the store by hand.
func (w *world) supply(d secret.Declaration) *world {
	w.made++
	w.in.Store.Secrets = append(w.in.Store.Secrets, secret.Stored{
		ID: fmt.Sprintf("%032x", w.made), Name: d.StoreName, Comment: "made by hand", Status: "active", Created: w.in.Now, Modified: w.in.Now,
	})
	return w
}

// revert sets the journal back to an earlier commit, or to none for 0.
func (w *world) revert(commits int) *world {
	w.in.Journal = nil
	if commits > 0 {
		w.in.Journal = &w.commits[commits-1]
	}
	return w
}

// recover reads the commits that receipts name.
func (w *world) recover() *world {
	w.t.Helper()
	w.in.Recovered = map[secret.ID]*journal.Entry{}
	for _, d := range w.in.Document.Secrets {
		s := w.stored(d.StoreName)
		if s == nil {
			continue
		}
		receipt, ok := journal.ParseReceipt(s.Comment)
		var commit int
		if _, err := fmt.Sscanf(receipt.Commit, "%x", &commit); !ok || err != nil {
			w.t.Fatalf("%s carries no receipt", d.ID)
		}
		w.in.Recovered[d.ID], _ = w.commits[commit].Find(d.ID, d.StoreName)
	}
	return w
}
