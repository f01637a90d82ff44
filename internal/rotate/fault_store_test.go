package rotate_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/layeron/rotate/internal/emulator"
	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
)

// The faults of the store (faults 30 to 34), behind a real server.

func TestFault30_ChangedByHand(t *testing.T) {
	for name, hand := range map[string]func(*world){
		"value edited":          func(w *world) { w.edit(0, "by hand", w.comment(0)) },
		"deleted and recreated": func(w *world) { c := w.comment(0); w.remove(0); w.edit(0, "by hand", c) },
	} {
		t.Run(name, func(t *testing.T) {
			w := served(t)
			w.must(plan.Request{})
			w.day("06-10")
			hand(w)
			w.blocked(0, plan.Drift, "--rewrite")
			w.day("07-02") // the others go on
			result, err := w.run(plan.Request{})
			if err != nil || w.planned(result, 0).Status != plan.Drift {
				t.Errorf("%s, %v", w.planned(result, 0).Status, err)
			}
			if got := w.values()[w.name(0)]; got != "by hand" {
				t.Errorf("the change was overwritten unasked by %q", got)
			}
			w.want(2, "v3 v1 v2")
			if _, err := w.alter(plan.Alteration{Kind: plan.Rewrite}); err != nil {
				t.Fatal(err)
			}
			w.must(plan.Request{})
			w.want(0, "v3 v2")
			w.checkPromises()
		})
	}
}

// An incomplete list stops the run: a secret that is missing from it must not be
// created.
func TestFault31_TheListIsIncomplete(t *testing.T) {
	pages := map[string]func(*fake.Page){
		"one secret fewer": func(p *fake.Page) { p.Secrets = p.Secrets[:min(2, len(p.Secrets))] },
		"all missing":      func(p *fake.Page) { p.Secrets = nil },
		"one shown twice":  func(p *fake.Page) { p.Secrets = append(p.Secrets[:2:2], p.Secrets[0]) },
		"total too large":  func(p *fake.Page) { p.Total++ },
		"total too small":  func(p *fake.Page) { p.Total-- },
		"two of a name":    func(p *fake.Page) { p.Secrets[1].Name = p.Secrets[0].Name },
	}
	for name, edit := range pages {
		t.Run(name, func(t *testing.T) {
			w := served(t)
			w.fault = always(fake.KindListSecrets, fake.EditPage(edit))
			w.untouched(func() {
				if _, err := w.run(plan.Request{}); err == nil || !strings.Contains(err.Error(), "does not add up") {
					t.Errorf("got %v", err)
				}
			})
			w.fault = on(fake.KindListSecrets, fake.EditPage(edit)) // once only: it is read again
			w.must(plan.Request{})
			w.want(0, "v2 v1")
			w.checkPromises()
		})
	}
}

func TestFault32_NoRoom(t *testing.T) {
	t.Run("in the account", func(t *testing.T) {
		w := emptyWorld(t, "2026-05-10T03:00:00Z", three()...)
		w.open(emulator.Options{Quota: 2})
		w.serve()
		w.adjust = func(r *rotate.Runner) { r.Store.Quota = 2 }
		w.must(plan.Request{})
		if w.versions(0) == "none" || w.versions(1) == "none" {
			t.Error("the quota blocks secrets that there is room for")
		}
		w.blocked(2, plan.QuotaExceeded, "larger quota")
	})
	t.Run("in the value", func(t *testing.T) {
		w := newWorld(t, "2026-05-01T00:00:00Z", three()...).serve()
		created(w)
		w.adjust = func(r *rotate.Runner) { r.Store.ValueLimit = 350 } // two versions, not three
		w.day("06-01").must(plan.Request{})
		w.day("07-01").must(plan.Request{})
		w.blocked(2, plan.ValueTooLarge, "fewer versions")
		w.want(2, "v2 v1")
		w.checkPromises()
	})
}

// A token that expires or loses its permission during a run stops the run. What
// was written is recorded, and the next run with a token writes the rest.
func TestFault33_TheTokenExpires(t *testing.T) {
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			w := served(t)
			w.fault = on(fake.KindChangeSecret, fake.Fault{}, fake.StoreRefuses(status, 10000, "Authentication error"))
			result, err := w.run(plan.Request{})
			if err != nil {
				t.Fatal(err)
			}
			if got := result.Outcomes["auth/links"]; got.Result != rotate.Failed || !strings.Contains(got.Error, "Secrets Store › Edit") {
				t.Errorf("%+v", got)
			}
			if got := w.writes[w.name(2)]; got != 1 {
				t.Errorf("the run went on without a token: %d writes of auth/records", got-1)
			}
			for i, want := range []journal.Outcome{journal.Written, journal.Unsent, journal.Unsent} {
				if got := w.entry(i).Intent.Outcome; got != want {
					t.Errorf("%s: intent %q, want %q", w.declared[i].ID, got, want)
				}
			}
			w.must(plan.Request{}) // at once: nothing was sent
			for i := range w.declared {
				if got := w.entry(i).State.Current; got != 2 {
					t.Errorf("%s is at %s, want v2", w.declared[i].ID, got)
				}
			}
			w.checkPromises()
		})
	}
}

func limited(seconds string) fake.Fault {
	f := fake.StoreRefuses(http.StatusTooManyRequests, 10429, "rate_limited")
	f.Header.Set("Retry-After", seconds)
	return f
}

// A run waits out the store's rate limit if its writes can still be in time, and
// leaves them to the next run if not. Before the first write it always waits.
func TestFault34_RateLimited(t *testing.T) {
	for _, test := range []struct {
		name    string
		kind    fake.Kind
		seconds string
		want    string // result of the first secret
	}{
		{"listing, for five minutes", fake.KindListSecrets, "300", rotate.Applied},
		{"writing, for five minutes", fake.KindChangeSecret, "300", rotate.Applied},
		{"writing, for longer than a run may wait", fake.KindChangeSecret, "3600", rotate.Failed},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := served(t)
			w.fault = on(test.kind, limited(test.seconds))
			result, err := w.run(plan.Request{})
			if err != nil {
				t.Fatal(err)
			}
			if got := result.Outcomes["auth/cookies"]; got.Result != test.want {
				t.Errorf("%+v, want %s", got, test.want)
			}
			w.later(time.Hour).must(plan.Request{})
			w.want(0, "v2 v1")
			w.checkPromises()
		})
	}
}

// If the store limits the list for longer than a run may wait, the run ends before
// it announces anything.
func TestFault34_RateLimitedThroughout(t *testing.T) {
	w := served(t)
	w.fault = always(fake.KindListSecrets, limited("300"))
	w.untouched(func() {
		if _, err := w.run(plan.Request{}); err == nil || !strings.Contains(err.Error(), "rate limit") {
			t.Errorf("got %v", err)
		}
	})
	w.fault = nil
	w.must(plan.Request{})
	w.want(0, "v2 v1")
	w.checkPromises()
}

// While a run waits for the rate limit, a person may change a secret that the run
// has already read. The run must not overwrite that change.
func TestFault34_ChangedWhileWaiting(t *testing.T) {
	w := served(t)
	w.fault = func(r fake.Request) fake.Fault {
		if r.Kind != fake.KindChangeSecret || r.Name != w.name(0) {
			return fake.Fault{}
		}
		w.fault = nil
		f := limited("120")
		f.Before = func(context.Context) { w.edit(1, "by hand", w.comment(1)) }
		return f
	}
	result, err := w.run(plan.Request{})
	if err != nil {
		t.Fatal(err)
	}
	if got := result.Outcomes["auth/links"]; got.Result != rotate.Failed {
		t.Errorf("%+v: the change was overwritten", got)
	}
	if got := w.values()[w.name(1)]; got != "by hand" {
		t.Errorf("the change was overwritten by %q", got)
	}
	w.want(0, "v2 v1")
}
