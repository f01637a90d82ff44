package store_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/layeron/rotate/internal/emulator"
	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/secret"
	"github.com/layeron/rotate/internal/store"
)

const (
	account = "0123456789abcdef0123456789abcdef"
	token   = "token-that-must-not-show"
	value   = "value-that-must-not-show"
)

var (
	start = time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC)
	never = time.Time{} // a write without deadline
)

// clock jumps instead of sleeping.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	slept time.Duration
	onNap func() // runs when a sleep begins
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	if c.onNap != nil {
		c.onNap()
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now, c.slept = c.now.Add(d), c.slept+d
	return nil
}

// world is a client that talks to an emulator over loopback.
type world struct {
	*store.Client
	clock   *clock
	store   *fake.Store
	options store.Options
}

// options of a world; what is nil stays as it is by default.
type options struct {
	emulator func(*emulator.Options)
	client   func(*store.Options)
	fault    func(fake.Request) fake.Fault
}

func newWorld(t *testing.T, o options) *world {
	t.Helper()
	w := &world{clock: &clock{now: start}}
	eo := emulator.Options{Now: w.clock.Now, Rand: rand.NewChaCha8(sha256.Sum256(nil)), Account: account, Token: token}
	if o.emulator != nil {
		o.emulator(&eo)
	}
	var err error
	if w.store, err = fake.NewStore(eo); err != nil {
		t.Fatal(err)
	}
	w.store.SetFault(o.fault)
	server := httptest.NewServer(w.store)
	t.Cleanup(server.Close)
	w.options = store.Options{
		Token: secret.NewValue(token), Account: account, StoreID: emulator.DefaultStoreID, BaseURL: server.URL + "/client/v4",
		Transport: server.Client().Transport, Clock: w.clock, Jitter: rand.Float64,
	}
	if o.client != nil {
		o.client(&w.options)
	}
	if w.Client, err = store.New(w.options); err != nil {
		t.Fatal(err)
	}
	return w
}

// put fills the store by hand.
func (w *world) put(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := w.store.Put(name, "old", "old comment"); err != nil {
			t.Fatal(err)
		}
	}
}

// only is the one secret in the store.
func (w *world) only(t *testing.T) emulator.Secret {
	t.Helper()
	all := w.store.Secrets()
	if len(all) != 1 {
		t.Fatalf("the store holds %d secrets, want one", len(all))
	}
	return all[0]
}

func (w *world) create(name string) (secret.Stored, error) {
	return w.Create(context.Background(), name, secret.NewValue(value), "receipt", never)
}

// change changes the only secret.
func (w *world) change(t *testing.T) (secret.Stored, error) {
	t.Helper()
	return w.Change(context.Background(), w.only(t).ID, secret.NewValue(value), "receipt", never)
}

// on makes a fault of the nth request of a kind only.
func on(kind fake.Kind, nth int, f fake.Fault) func(fake.Request) fake.Fault {
	seen := 0
	return func(r fake.Request) fake.Fault {
		if r.Kind == kind {
			if seen++; seen == nth {
				return f
			}
		}
		return fake.Fault{}
	}
}

// always makes a fault of every request of a kind.
func always(kind fake.Kind, f fake.Fault) func(fake.Request) fake.Fault {
	return func(r fake.Request) fake.Fault {
		if r.Kind == kind {
			return f
		}
		return fake.Fault{}
	}
}

// wantEffect checks what a failed write says of its effect.
func wantEffect(t *testing.T, err error, effect secret.Effect, code string) {
	t.Helper()
	var w *secret.WriteError
	if !errors.As(err, &w) {
		t.Fatalf("got error %v, want a *secret.WriteError", err)
	}
	if w.Effect != effect || w.Code != code {
		t.Errorf("got effect %d, code %q, want %d, %q: %v", w.Effect, w.Code, effect, code, err)
	}
}

func header(name, value string) http.Header { return http.Header{name: {value}} }
