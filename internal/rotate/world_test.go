package rotate_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/layeron/rotate/internal/emulator"
	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/httpretry"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
	"github.com/layeron/rotate/internal/store"
)

// world is one environment: declarations, a journal, the store's emulator behind
// the real client, and a clock that only moves when the test moves it or a run
// waits.
type world struct {
	t           *testing.T
	now         secret.Instant
	environment string
	declared    []secret.Declaration
	ring        rootkey.Ring
	random      *rand.ChaCha8
	place       place // of the journal
	store       *fake.Store
	wire        http.RoundTripper // to the store
	url         string            // of the store; "" is the real one's
	token       string
	storeID     string
	effects     *effects // of the next run
	runs        int
	promises

	// What is different about a world or its next run; each may be nil.
	adjust func(*rotate.Runner)
	fault  func(fake.Request) fake.Fault
	skew   time.Duration  // by which the machine's clock is ahead
	writes map[string]int // requests that would change a secret, by store name
}

const apiToken = "api-token-4f1d9c"

func newWorld(t *testing.T, start string, declared ...secret.Declaration) *world {
	t.Helper()
	w := emptyWorld(t, start, declared...)
	w.open(emulator.Options{})
	return w
}

// emptyWorld returns a world without a store.
func emptyWorld(t *testing.T, start string, declared ...secret.Declaration) *world {
	t.Helper()
	return &world{
		t: t, environment: "production", now: at(t, start), declared: declared, ring: fake.RootKeys(t, 'a'), random: rand.NewChaCha8([32]byte{1}),
		place: newFolder(t), effects: &effects{}, promises: newPromises(), writes: map[string]int{},
		token: apiToken, storeID: emulator.DefaultStoreID,
	}
}

// inRepository returns a world whose journal is on a git host, where nothing
// proves that no other run is active.
func inRepository(t *testing.T, start string, declared ...secret.Declaration) *world {
	t.Helper()
	w := newWorld(t, start, declared...)
	w.place = &repository{}
	return w
}

// open opens the store's account.
func (w *world) open(o emulator.Options) {
	w.t.Helper()
	o.Now, o.Rand = func() time.Time { return w.now.Time() }, w.random
	fault := func(r fake.Request) fake.Fault {
		w.observe()
		if r.Kind == fake.KindCreateSecret || r.Kind == fake.KindChangeSecret && r.Name != "" {
			w.writes[r.Name]++ // a change without a name only tests the token
		}
		if w.fault != nil {
			return w.fault(r)
		}
		return fake.Fault{}
	}
	var err error
	if w.store, err = fake.NewStore(o); err != nil {
		w.t.Fatal(err)
	}
	w.store.SetFault(fault)
	w.wire = emulator.Transport(w.store)
}

// serve puts the store behind a real server on loopback.
func (w *world) serve() *world {
	var turn sync.Mutex // orders memory accesses even if a connection is lost
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		turn.Lock()
		defer turn.Unlock()
		w.store.ServeHTTP(rw, r)
	}))
	w.t.Cleanup(server.Close)
	wire := &http.Transport{DisableKeepAlives: true}
	w.url = server.URL + "/client/v4"
	w.wire = roundTripper(func(r *http.Request) (*http.Response, error) {
		answer, err := wire.RoundTrip(r)
		turn.Lock()
		defer turn.Unlock()
		return answer, err
	})
	return w
}

func at(t *testing.T, s string) secret.Instant {
	t.Helper()
	i, err := secret.ParseInstant(s)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// day moves the clock to a day of 2026, at three in the morning.
func (w *world) day(s string) *world {
	w.now = at(w.t, "2026-"+s+"T03:00:00Z")
	return w
}

func (w *world) later(d time.Duration) *world {
	w.now = w.now.Add(d)
	return w
}

// lapsed is how long after its announcement an intent no longer binds other runs.
const lapsed = 15*time.Minute + time.Second

// clock is the clock of a run. Sleeping moves the world's time, unless the run is
// dead.
type clock struct {
	w    *world
	e    *effects
	skew time.Duration // by which it is ahead
}

func (c clock) Now() time.Time { return c.w.now.Add(c.skew).Time() }

func (c clock) Sleep(ctx context.Context, d time.Duration) error {
	if !c.e.dead {
		c.w.later(d)
	}
	return ctx.Err()
}

// act is what a run does.
type act func(context.Context, *rotate.Runner) (rotate.Result, error)

func apply(ctx context.Context, r *rotate.Runner) (rotate.Result, error) { return r.Apply(ctx) }
func check(ctx context.Context, r *rotate.Runner) (rotate.Result, error) { return r.Check(ctx) }

// start makes one run of the tool as its own process would. It shares only journal
// and store with earlier runs.
func (w *world) start(ctx context.Context, e *effects, request plan.Request, do act) (rotate.Result, error) {
	w.t.Helper()
	w.runs++
	if request.Run == "" {
		request.Run = fmt.Sprintf("run-%d", w.runs)
	}
	c := clock{w: w, e: e, skew: w.skew}
	client, err := store.New(store.Options{
		Token: secret.NewValue(w.token), Account: "0123456789abcdef0123456789abcdef", StoreID: w.storeID, BaseURL: w.url,
		Transport: e.transport(w.wire), Retry: httpretry.Policy{Clock: c, Jitter: func() float64 { return 0 }},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	journals, leave := w.place.enter(w.t, c)
	defer leave()
	runner := rotate.Runner{
		Document: secret.Document{Schema: 1, Project: "billing", Workspace: "default", Environment: w.environment, Secrets: w.declared},
		Request:  request, Ring: w.ring, Journal: rotate.Journal{JournalStore: counted{journals, e}}, Clock: c, Random: w.random,
		Store: &rotate.OpenStore{Store: client, Name: plan.LocalStore, ValueLimit: 65536, Parallel: 1},
	}
	w.place.own(&runner)
	if w.adjust != nil {
		w.adjust(&runner)
	}
	result, err := do(ctx, &runner)
	w.observe()
	w.silent(fmt.Sprintf("%+v %v", result, err))
	return result, err
}

// run applies.
func (w *world) run(request plan.Request) (rotate.Result, error) {
	w.t.Helper()
	return w.start(w.t.Context(), w.effects, request, apply)
}

// alter carries out an alteration of the first declared secret.
func (w *world) alter(a plan.Alteration) (rotate.Result, error) {
	w.t.Helper()
	return w.start(w.t.Context(), w.effects, plan.Request{Reason: "asked for"}, func(ctx context.Context, r *rotate.Runner) (rotate.Result, error) {
		return r.Alter(ctx, w.declared[0], a)
	})
}

// must applies, and fails the test if the run or any write fails.
func (w *world) must(request plan.Request) rotate.Result {
	w.t.Helper()
	result, err := w.run(request)
	if err != nil {
		w.t.Fatalf("at %s: %v", w.now, err)
	}
	for id, o := range result.Outcomes {
		if o.Result == rotate.Failed {
			w.t.Fatalf("at %s: %s failed: %s", w.now, id, o.Error)
		}
	}
	return result
}
