package rotate_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/layeron/rotate/internal/emulator"
	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/journalfile"
	"github.com/layeron/rotate/internal/keyring"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
	"github.com/layeron/rotate/internal/store"
)

// world is one environment: declarations, a journal in a file, the store's
// emulator behind the real client, and a clock that only the test moves.
type world struct {
	t        *testing.T
	now      secret.Instant
	declared []secret.Declaration
	journal  string
	ring     rootkey.Ring
	random   *rand.ChaCha8
	store    *emulator.Emulator
	effects  *effects
	seen     map[string]string         // store name and version id → value
	promised map[string]secret.Instant // the same → until when; zero: for ever
	released bool                      // what was kept for ever need not be, for the user allowed it
	runs     int
}

func newWorld(t *testing.T, start string, declared ...secret.Declaration) *world {
	t.Helper()
	ring, err := rootkey.Parse(secret.NewValue(rootkey.Prefix + "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		t: t, now: at(t, start), declared: declared, ring: ring, random: rand.NewChaCha8([32]byte{1}),
		journal: journalfile.Path(filepath.Join(t.TempDir(), ".layeron"), "production"),
		effects: &effects{}, seen: map[string]string{}, promised: map[string]secret.Instant{},
	}
	w.store, err = emulator.New(emulator.Options{
		Now: w.clock().Now, Rand: w.random,
		Fault: func(r emulator.Request) emulator.Fault { w.observe(); return emulator.Fault{} },
	})
	if err != nil {
		t.Fatal(err)
	}
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

// random declares a generated secret of 32 bytes.
func random(name string, everyDays int, startAt secret.Instant, retain secret.Retention) secret.Declaration {
	id := secret.NewID("auth", name)
	return secret.Declaration{
		ID: id, Kind: secret.Random, Bytes: 32, StoreName: secret.StoreName("default", "billing", "production", id),
		Rotation: &secret.Rotation{EveryDays: everyDays, StartAt: startAt, Retain: retain},
	}
}

// clock is the world's; sleeping passes no time, for nobody waits in a test.
func (w *world) clock() worldClock { return worldClock{w} }

type worldClock struct{ w *world }

func (c worldClock) Now() time.Time                                   { return c.w.now.Time() }
func (c worldClock) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

// run is one run of the tool, as another process would make it: it shares
// nothing with the last one but journal and store.
func (w *world) run(request plan.Request) (rotate.Result, error) {
	w.t.Helper()
	w.runs++
	home := journalfile.Open(w.journal)
	if err := home.Lock(w.t.Context(), w.clock().Sleep); err != nil {
		w.t.Fatal(err)
	}
	defer home.Unlock()
	client, err := store.New(store.Options{
		Token: secret.NewValue("token"), Account: "0123456789abcdef0123456789abcdef", StoreID: emulator.DefaultStoreID,
		Transport: w.effects.transport(emulator.Transport(w.store)), Clock: w.clock(), Jitter: func() float64 { return 0 },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if request.Run == "" {
		request.Run = fmt.Sprintf("run-%d", w.runs)
	}
	runner := rotate.Runner{
		Document: secret.Document{Schema: 1, Project: "billing", Workspace: "default", Environment: "production", Secrets: w.declared},
		Request:  request, Ring: w.ring, Home: w.effects.home(home), Clock: w.clock(), Random: w.random,
		Store: client, StoreName: plan.LocalStore, ValueLimit: 65536, Parallel: 1,
		Owner: journal.Owner{File: "owner"}, HomeKind: journal.HomeFile,
	}
	result, err := runner.Apply(w.t.Context())
	w.observe()
	return result, err
}

// must is a run that has to succeed.
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

// observe holds what the store holds now against all that it held before: one
// id has one value (P3), and what was promised is still there (P2).
func (w *world) observe() {
	if w.store == nil {
		return
	}
	for _, s := range w.store.Secrets() {
		ring := keyring.Decode(secret.NewValue(s.Value), keyring.Base64URL)
		receipt, ok := journal.ParseReceipt(s.Comment)
		if !ok {
			w.t.Errorf("%s carries no receipt: %q", s.Name, s.Comment)
		}
		held := map[string]bool{}
		for _, v := range ring.Versions {
			id := v.ID
			if !ring.Versioned {
				id = receipt.Version.String()
			}
			key := s.Name + " " + id
			held[key] = true
			if old, ok := w.seen[key]; ok && !v.Gone && old != v.Value.Reveal() {
				w.t.Errorf("%s stands for two values", key)
			}
			w.seen[key] = v.Value.Reveal()
			if id != ring.Current && ring.Versioned {
				w.promised[key] = v.ExpiresAt
			}
		}
		for key, until := range w.promised {
			var name, id string
			if _, err := fmt.Sscan(key, &name, &id); err != nil {
				w.t.Fatal(err)
			}
			promised := until.IsZero() && !w.released || w.now.Before(until)
			if name == s.Name && !held[key] && promised {
				w.t.Errorf("at %s %s is lost, promised until %s", w.now, key, until)
			}
		}
	}
}

// values are what the store holds, by store name.
func (w *world) values() map[string]string {
	out := map[string]string{}
	for _, s := range w.store.Secrets() {
		out[s.Name] = s.Value
	}
	return out
}

func (w *world) journalBytes() []byte {
	data, err := os.ReadFile(w.journal)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		w.t.Fatal(err)
	}
	return data
}

// settled runs once more and fails if that changes anything (P6).
func (w *world) settled() {
	w.t.Helper()
	values, bytesBefore := w.values(), w.journalBytes()
	w.must(plan.Request{})
	for name, value := range w.values() {
		if values[name] != value {
			w.t.Errorf("running again changed %s", name)
		}
	}
	if !bytes.Equal(bytesBefore, w.journalBytes()) {
		w.t.Error("running again changed the journal")
	}
}

// errKilled is what everything answers after the process was killed.
var errKilled = errors.New("killed")

// effects counts what a run does to the world, and kills it at one of them:
// from then on nothing it does has an effect.
type effects struct {
	count  int
	killAt int  // 1 is the first effect; 0: never
	after  bool // the effect at which it is killed still happens
	dead   bool
}

func (e *effects) reset(killAt int, after bool) { *e = effects{killAt: killAt, after: after} }

// do performs an effect unless the process is dead.
func (e *effects) do(effect func() error) error {
	if e.dead {
		return errKilled
	}
	e.count++
	e.dead = e.count == e.killAt
	if e.dead && !e.after {
		return errKilled
	}
	if err := effect(); err != nil {
		return err
	}
	if e.dead {
		return errKilled
	}
	return nil
}

func (e *effects) transport(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (answer *http.Response, err error) {
		err = e.do(func() error { answer, err = next.RoundTrip(r); return err })
		if err != nil {
			return nil, err
		}
		return answer, nil
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func (e *effects) home(f *journalfile.File) rotate.Home { return killable{f, e} }

// killable is a journal file whose writes count as effects.
type killable struct {
	*journalfile.File
	effects *effects
}

func (k killable) Write(ctx context.Context, revision string, j journal.Journal, message string) (next string, err error) {
	err = k.effects.do(func() error { next, err = k.File.Write(ctx, revision, j, message); return err })
	return next, err
}
