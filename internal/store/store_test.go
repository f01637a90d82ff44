package store_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/layeron/rotate/internal/emulator"
	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/httpretry"
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
	never = time.Time{} // a write without a deadline
)

// world is a client and an emulated store on loopback.
type world struct {
	*store.Client
	clock   *fake.Clock
	store   *fake.Store
	options store.Options
}

// options change a world; nil leaves the default.
type options struct {
	emulator func(*emulator.Options)
	client   func(*store.Options)
	fault    func(fake.Request) fake.Fault
}

func newWorld(t *testing.T, o options) *world {
	t.Helper()
	w := &world{clock: fake.NewClock(start)}
	eo := emulator.Options{Now: w.clock.Now, Rand: rand.NewChaCha8(sha256.Sum256(nil)), Account: account, Token: token}
	if o.emulator != nil {
		o.emulator(&eo)
	}
	var server *httptest.Server
	w.store, server = fake.ServeStore(t, eo)
	w.store.SetFault(o.fault)
	w.options = store.Options{
		Token: secret.NewValue(token), Account: account, StoreID: emulator.DefaultStoreID, BaseURL: server.URL + "/client/v4",
		Transport: server.Client().Transport, Retry: httpretry.Policy{Clock: w.clock, Jitter: rand.Float64},
	}
	if o.client != nil {
		o.client(&w.options)
	}
	var err error
	if w.Client, err = store.New(w.options); err != nil {
		t.Fatal(err)
	}
	return w
}

// put adds secrets to the store without the client.
func (w *world) put(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := w.store.Put(name, "old", "old comment"); err != nil {
			t.Fatal(err)
		}
	}
}

// only returns the one secret in the store.
func (w *world) only(t *testing.T) emulator.Secret {
	t.Helper()
	all := w.store.Secrets()
	if len(all) != 1 {
		t.Fatalf("the store holds %d secrets, want one", len(all))
	}
	return all[0]
}

// stored returns the one secret in the store as a list shows it.
func (w *world) stored(t *testing.T) secret.Stored {
	t.Helper()
	s := w.only(t)
	return secret.Stored{ID: s.ID, Name: s.Name, Comment: s.Comment, Status: s.Status, Created: secret.At(s.Created), Modified: secret.At(s.Modified)}
}

func (w *world) create(name string) (secret.Stored, error) {
	return w.Create(context.Background(), name, secret.NewValue(value), "receipt", never)
}

// change changes the only secret.
func (w *world) change(t *testing.T) (secret.Stored, error) {
	t.Helper()
	return w.Change(context.Background(), w.stored(t), secret.NewValue(value), "receipt", never)
}

// on returns faults in which only the nth request of a kind fails.
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

// always returns faults in which every request of a kind fails.
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
