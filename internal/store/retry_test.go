package store_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/layeron/rotate/internal/emulator"
	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/secret"
	"github.com/layeron/rotate/internal/store"
)

func limited(retryAfter string) fake.Fault {
	f := fake.StoreRefuses(http.StatusTooManyRequests, 10429, "rate_limited")
	if retryAfter != "" {
		f.Header.Set("Retry-After", retryAfter)
	}
	return f
}

// Fault 34: the store's rate limit lasts five minutes. The SDK's own policy
// ignores a Retry-After of a minute or more.
func TestRetryAfter(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"1":                             time.Second,
		"0":                             time.Second,
		"59":                            59 * time.Second,
		"300":                           5 * time.Minute,
		"Mon, 01 Jun 2026 03:04:00 GMT": 4 * time.Minute,
		"":                              30 * time.Second,
		"soon":                          30 * time.Second,
	} {
		for _, kind := range []fake.Kind{fake.KindCreateSecret, fake.KindChangeSecret, fake.KindListSecrets} {
			w := newWorld(t, options{fault: on(kind, 1, limited(text))})
			if err := w.do(t, kind); err != nil {
				t.Errorf("%s, Retry-After %q: %v", kind, text, err)
			}
			if w.clock.Slept() != want || w.store.Counts()[kind] != 2 {
				t.Errorf("%s, Retry-After %q: waited %s for %d attempts, want %s for 2", kind, text, w.clock.Slept(), w.store.Counts()[kind], want)
			}
		}
	}
}

// do calls the client so that it sends requests of a kind.
func (w *world) do(t *testing.T, kind fake.Kind) error {
	t.Helper()
	var err error
	switch kind {
	case fake.KindCreateSecret:
		_, err = w.create("NAME")
	case fake.KindChangeSecret:
		w.put(t, "NAME")
		_, err = w.change(t)
	case fake.KindListSecrets:
		_, err = w.List(context.Background())
	case fake.KindQuota:
		_, _, err = w.Quota(context.Background())
	}
	return err
}

// Fault 34: a wait that exceeds the budget does not start.
func TestRetryAfterBeyondBudget(t *testing.T) {
	for text, budget := range map[string]time.Duration{"300": 4 * time.Minute, "3600": 0, "99999999999999999999": 0, "361": 0} {
		w := newWorld(t, options{
			client: func(o *store.Options) { o.Retry.Budget = budget },
			fault:  always(fake.KindChangeSecret, limited(text)),
		})
		err := w.do(t, fake.KindChangeSecret)
		wantEffect(t, err, secret.EffectNone, "")
		if w.clock.Slept() != 0 || w.store.Counts()[fake.KindChangeSecret] != 1 {
			t.Errorf("Retry-After %s: waited %s for nothing", text, w.clock.Slept())
		}
		if !strings.Contains(err.Error(), "rate limited by Cloudflare") {
			t.Errorf("%q does not say why", err)
		}
	}
}

// The budget ends the wait for a rate limit that never ends.
func TestBudgetEnds(t *testing.T) {
	w := newWorld(t, options{fault: always(fake.KindListSecrets, limited("100"))})
	if err := w.do(t, fake.KindListSecrets); err == nil {
		t.Error("a list was read from a store that refuses everything")
	}
	if w.clock.Slept() != 5*time.Minute {
		t.Errorf("waited %s, want three waits of 100 s within 6 minutes", w.clock.Slept())
	}
}

// After one request is rate limited no other is sent: each would prolong the
// rate limit.
func TestRateLimitStopsAll(t *testing.T) {
	w := newWorld(t, options{fault: on(fake.KindQuota, 1, limited("300"))})
	w.clock.OnSleep = sync.OnceFunc(func() { // while the first one waits
		ctx, cancel := context.WithCancel(context.Background())
		w.clock.OnSleep = cancel
		if _, err := w.List(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("a second request did not wait: %v", err)
		}
		w.clock.OnSleep = nil
	})
	if err := w.do(t, fake.KindQuota); err != nil {
		t.Error(err)
	}
	if n := w.store.Counts()[fake.KindListSecrets]; n != 0 {
		t.Errorf("%d requests were sent during a rate limit", n)
	}
}

// A request that fails is repeated a few times, with growing pauses.
func TestBackoff(t *testing.T) {
	for jitter, want := range map[float64]time.Duration{0: 3750 * time.Millisecond, 1: 7500 * time.Millisecond} {
		w := newWorld(t, options{
			client: func(o *store.Options) { o.Retry.Jitter = func() float64 { return jitter } },
			fault:  always(fake.KindQuota, fake.StoreRefuses(500, 1000, "internal_error")),
		})
		err := w.do(t, fake.KindQuota)
		if err == nil || !strings.Contains(err.Error(), "HTTP 500") {
			t.Errorf("got %v", err)
		}
		if w.clock.Slept() != want || w.store.Counts()[fake.KindQuota] != 5 {
			t.Errorf("jitter %v: waited %s for %d attempts, want %s for 5", jitter, w.clock.Slept(), w.store.Counts()[fake.KindQuota], want)
		}
	}
}

// A store that says when it is back is not asked before that.
func TestUnavailableUntil(t *testing.T) {
	fault := fake.StoreRefuses(503, 1000, "internal_error")
	fault.Header.Set("Retry-After", "120")
	w := newWorld(t, options{fault: on(fake.KindQuota, 1, fault)})
	if err := w.do(t, fake.KindQuota); err != nil || w.clock.Slept() != 2*time.Minute {
		t.Errorf("waited %s, %v", w.clock.Slept(), err)
	}
}

// A refused request is not repeated.
func TestRefusalIsFinal(t *testing.T) {
	for _, status := range []int{400, 401, 403, 404, 405, 409, 422} {
		w := newWorld(t, options{fault: always(fake.KindListSecrets, fake.StoreRefuses(status, 1, "No"))})
		if err := w.do(t, fake.KindListSecrets); err == nil {
			t.Errorf("HTTP %d gave a list", status)
		}
		if n := w.store.Counts()[fake.KindListSecrets]; n != 1 || w.clock.Slept() != 0 {
			t.Errorf("HTTP %d: asked %d times", status, n)
		}
	}
}

// A program that waits for minutes without a word looks stuck.
func TestWaitIsAnnounced(t *testing.T) {
	var said []string
	w := newWorld(t, options{
		client: func(o *store.Options) {
			o.Retry.Waiting = func(d time.Duration, why string) { said = append(said, d.String()+": "+why) }
		},
		fault: on(fake.KindQuota, 1, limited("300")),
	})
	if err := w.do(t, fake.KindQuota); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(said, "\n"), "5m0s: rate limited by Cloudflare"; got != want {
		t.Errorf("announced %q, want %q", got, want)
	}
}

// Below the rate limit nothing waits.
func TestHundredWritesGoOutAtOnce(t *testing.T) {
	w := newWorld(t, options{})
	names := w.fill(t, 100)
	list, err := w.List(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		if _, err := w.Change(context.Background(), secret.Stored{ID: s.ID, Name: s.Name}, secret.NewValue(value), "receipt of "+s.Name, never); err != nil {
			t.Fatal(err)
		}
	}
	if w.clock.Slept() != 0 || w.store.Counts()[fake.KindChangeSecret] != len(names) {
		t.Errorf("waited %s for %d writes", w.clock.Slept(), w.store.Counts()[fake.KindChangeSecret])
	}
}

// The client itself stays within 1,200 requests in five minutes.
func TestRateLimitIsKept(t *testing.T) {
	w := newWorld(t, options{emulator: func(o *emulator.Options) { o.RateLimit = 1e6 }})
	for range 1200 {
		if err := w.do(t, fake.KindQuota); err != nil {
			t.Fatal(err)
		}
	}
	if w.clock.Slept() != 0 {
		t.Errorf("waited %s below the limit", w.clock.Slept())
	}
	if err := w.do(t, fake.KindQuota); err != nil || w.clock.Slept() < 5*time.Minute {
		t.Errorf("request 1,201 was sent after %s, %v", w.clock.Slept(), err)
	}
}

// If other users of the token leave few requests, the store's own count
// decides, for single requests and for eight at a time: no request is rate
// limited.
func TestRateLimitFollowsTheStoresCount(t *testing.T) {
	for _, parallel := range []int{1, 8} {
		w := newWorld(t, options{emulator: func(o *emulator.Options) { o.RateLimit = 50 }})
		if err := w.do(t, fake.KindQuota); err != nil { // learns the limit
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for range parallel {
			all.Go(func() {
				for range 160 / parallel {
					if _, _, err := w.Quota(context.Background()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		if n := w.store.Counts()[fake.KindQuota]; n != 161 {
			t.Errorf("%d at a time: %d requests for 161 calls: some were rate limited", parallel, n)
		}
		if w.clock.Slept() < 15*time.Minute {
			t.Errorf("%d at a time: 161 requests of 50 in five minutes took %s", parallel, w.clock.Slept())
		}
	}
}

// A cancelled run ends the pause before another attempt. The SDK's own policy
// does not.
func TestCancelDuringBackoff(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	w := newWorld(t, options{fault: always(fake.KindListSecrets, fake.StoreRefuses(500, 1, "internal_error"))})
	w.clock.OnSleep = cancel
	_, err := w.List(ctx)
	if !errors.Is(err, context.Canceled) || w.store.Counts()[fake.KindListSecrets] != 1 {
		t.Errorf("got %v after %d requests", err, w.store.Counts()[fake.KindListSecrets])
	}
}
