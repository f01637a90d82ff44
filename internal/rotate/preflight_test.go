package rotate_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/emulator"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
)

// What a run checks before its first write, and how many requests that takes.

// asking makes runs ask the account first, as real runs do.
func (w *world) asking() {
	w.adjust = func(r *rotate.Runner) { r.Store.Account = r.Store.Store.(rotate.Account) }
}

// A run whose clock is wrong by an hour or a year writes nothing. A few minutes are
// allowed.
func TestFault23_TheClockIsWrong(t *testing.T) {
	for _, test := range []struct {
		skew  time.Duration
		wrong bool
	}{
		{-365 * 24 * time.Hour, true}, {-time.Hour, true}, {-4 * time.Minute, false},
		{4 * time.Minute, false}, {time.Hour, true}, {365 * 24 * time.Hour, true},
	} {
		t.Run(test.skew.String(), func(t *testing.T) {
			w := served(t)
			w.skew = test.skew
			if !test.wrong {
				w.must(plan.Request{})
				w.want(0, "v2 v1")
				w.checkPromises()
				return
			}
			w.untouched(func() {
				if _, err := w.run(plan.Request{}); !errors.Is(err, rotate.ErrClock) {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

// Versions expire by the store's clock, because readers do not use this machine's.
func TestFault23_ExpiryIsByTheStoresClock(t *testing.T) {
	w := newWorld(t, "2026-05-01T00:00:00Z", monthly("cookies", overlap)).serve()
	rotated(w)
	w.now = at(t, "2026-06-15T02:58:00Z") // v1 is promised until 03:00
	w.skew = 4 * time.Minute
	w.must(plan.Request{})
	w.want(0, "v2 v1")
	w.later(3 * time.Minute).must(plan.Request{})
	w.want(0, "v2")
}

// Intents lapse by the store's clock: a machine whose clock is ahead does not take
// over too soon.
func TestFault23_AnIntentLapsesByTheStoresClock(t *testing.T) {
	w := inRepository(t, "2026-05-01T00:00:00Z", monthly("cookies", overlap))
	created(w)
	w.day("06-01").effects.reset(3, true)
	_, _ = w.run(plan.Request{})
	w.effects.reset(0, false)
	w.skew = 4 * time.Minute
	w.later(12*time.Minute).blocked(0, plan.InFlight, "run again")
}

// A token that may only read is enough for a check. An apply fails with it before
// it announces anything.
func TestTokenMayOnlyRead(t *testing.T) {
	w := emptyWorld(t, "2026-05-10T03:00:00Z", three()...)
	w.open(emulator.Options{Token: apiToken, ReadToken: "read-token-81ab"})
	w.serve().asking()
	w.token = "read-token-81ab"
	w.untouched(func() {
		result, err := w.start(t.Context(), w.effects, plan.Request{}, check)
		if err != nil || result.Plan.Count(plan.Create) != 3 {
			t.Errorf("a check plans %d creations, %v", result.Plan.Count(plan.Create), err)
		}
	})
	values, state := w.values(), w.place.state(t)
	_, err := w.run(plan.Request{})
	if err == nil || !strings.Contains(err.Error(), "Secrets Store › Edit") {
		t.Errorf("got %v", err)
	}
	if w.place.state(t) != state || !cmp.Equal(w.values(), values) {
		t.Error("something was announced or written")
	}
	w.token = apiToken
	w.must(plan.Request{})
	w.checkPromises()
}

// A run checks the quota of the whole account before its first write, because
// other stores use it too.
func TestQuotaOfTheAccount(t *testing.T) {
	w := emptyWorld(t, "2026-05-10T03:00:00Z", three()...)
	w.open(emulator.Options{Quota: 2})
	w.serve().asking()
	result := w.must(plan.Request{})
	if got := result.Plan.Count(plan.Create); got != 2 {
		t.Errorf("%d creations with room for 2", got)
	}
	w.blocked(2, plan.QuotaExceeded, "larger quota")
	w.checkPromises()
}

// A check sends one request for each hundred secrets, and one to find the store. An
// apply sends at most three more, and one for each secret that it changes.
func TestRequests(t *testing.T) {
	for _, n := range []int{1, 100, 101} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			var declared []secret.Declaration
			for i := range n {
				declared = append(declared, monthly(fmt.Sprintf("key-%d", i), latest))
			}
			w := inRepository(t, "2026-05-10T03:00:00Z", declared...)
			w.open(emulator.Options{Quota: 200})
			w.asking()
			w.storeID = ""
			w.must(plan.Request{})
			pages := (n + 99) / 100
			if got := w.requests(check); got > pages+1 {
				t.Errorf("a check of %d secrets takes %d requests, want %d", n, got, pages+1)
			}
			if got := w.requests(apply); got > pages+1 {
				t.Errorf("an apply that has nothing to do takes %d requests, want %d", got, pages+1)
			}
			changed := 0
			for i := 0; i < n; i += 10 {
				w.remove(i)
				changed++
			}
			if got, most := w.requests(apply), pages+1+3+changed; got > most {
				t.Errorf("an apply that changes %d of %d secrets takes %d requests, want %d at most", changed, n, got, most)
			}
		})
	}
}

// requests returns how many requests a run sends to the store.
func (w *world) requests(do act) int {
	w.t.Helper()
	total := func() (n int) {
		for _, count := range w.store.Counts() {
			n += count
		}
		return n
	}
	before := total()
	if _, err := w.start(context.Background(), &effects{}, plan.Request{}, do); err != nil {
		w.t.Fatal(err)
	}
	return total() - before
}
