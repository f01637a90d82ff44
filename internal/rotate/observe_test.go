package rotate_test

import (
	"strings"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/keyring"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
)

var (
	overlap = fake.KeepDays(14)
	forever = fake.KeepForever
	latest  = fake.KeepNone
)

// monthly declares a generated secret that rotates every 30 days from 1 June.
func monthly(name string, retain secret.Retention) secret.Declaration {
	return fake.RandomSecret(secret.NewID("auth", name), 30, retain)
}

// supplied declares a secret whose value an operator supplies, due like monthly.
func supplied(name string, retain secret.Retention) secret.Declaration {
	return fake.StaticSecret(secret.NewID("auth", name), 30, retain)
}

// three declares one secret of each retention mode.
func three() []secret.Declaration {
	return []secret.Declaration{monthly("cookies", overlap), monthly("links", latest), monthly("records", forever)}
}

func (w *world) name(i int) string { return w.declared[i].StoreName }

// values returns what the store holds, by store name.
func (w *world) values() map[string]string {
	out := map[string]string{}
	for _, s := range w.store.Secrets() {
		out[s.Name] = s.Value
	}
	return out
}

// comments returns the comments in the store, by store name.
func (w *world) comments() map[string]string {
	out := map[string]string{}
	for _, s := range w.store.Secrets() {
		out[s.Name] = s.Comment
	}
	return out
}

func (w *world) comment(i int) string { return w.comments()[w.name(i)] }

// versions returns the ids that the value of a secret holds, the current one first.
func (w *world) versions(i int) string {
	value, there := w.values()[w.name(i)]
	if !there {
		return "none"
	}
	ring := keyring.Decode(secret.NewValue(value), "")
	if !ring.Versioned {
		receipt, _ := journal.ParseReceipt(w.comment(i))
		return receipt.Version.String()
	}
	ids := []string{ring.Current}
	for _, v := range ring.Versions {
		if v.ID != ring.Current && !v.Gone {
			ids = append(ids, v.ID)
		}
	}
	return strings.Join(ids, " ")
}

// want compares the versions of a secret.
func (w *world) want(i int, versions string) {
	w.t.Helper()
	if got := w.versions(i); got != versions {
		w.t.Errorf("at %s the store holds %s of %s, want %s", w.now, got, w.declared[i].ID, versions)
	}
}

func (w *world) journal() journal.Journal {
	w.t.Helper()
	j, err := journal.Parse(w.place.bytes(w.t))
	if err != nil {
		w.t.Fatal(err)
	}
	return j
}

func (w *world) entry(i int) *journal.Entry {
	w.t.Helper()
	j := w.journal()
	entry, _ := j.Find(w.declared[i].ID, w.name(i))
	if entry == nil {
		w.t.Fatalf("the journal has no entry for %s", w.declared[i].ID)
	}
	return entry
}

// edit puts a value or comment into the store by hand.
func (w *world) edit(i int, value, comment string) {
	w.t.Helper()
	w.byHand[w.name(i)] = value + comment
	if err := w.store.Put(w.name(i), value, comment); err != nil {
		w.t.Fatal(err)
	}
}

// remove deletes a secret in the store by hand.
func (w *world) remove(i int) {
	w.t.Helper()
	if err := w.store.Remove(w.name(i)); err != nil {
		w.t.Fatal(err)
	}
}

// planned returns the entry for a secret in the result's plan.
func (w *world) planned(result rotate.Result, i int) plan.Entry {
	w.t.Helper()
	for _, e := range result.Plan.Entries {
		if e.ID == w.declared[i].ID {
			return e
		}
	}
	w.t.Fatalf("the plan has no entry for %s", w.declared[i].ID)
	return plan.Entry{}
}

// blocked fails unless an apply leaves a secret alone under a status, says what
// to do, and changes nothing.
func (w *world) blocked(i int, status plan.Status, advice string) {
	w.t.Helper()
	w.untouched(func() {
		w.t.Helper()
		result, err := w.run(plan.Request{})
		if err != nil {
			w.t.Fatal(err)
		}
		e := w.planned(result, i)
		if e.Status != status || !strings.Contains(e.Advice, advice) {
			w.t.Errorf("got %s, advice %q; want %s, advice with %q", e.Status, e.Advice, status, advice)
		}
		if got := result.Outcomes[e.ID].Result; got != rotate.Skipped {
			w.t.Errorf("result %q, want %q", got, rotate.Skipped)
		}
	})
}
