package store_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/secret"
	"github.com/layeron/rotate/internal/store"
)

// lost are the ways in which one answer is lost, after the effect and before
// it.
var lost = map[string]fake.Fault{
	"dropped after the effect":  {Drop: true},
	"dropped before the effect": {Skip: true, Drop: true},
	"500 after the effect":      fake.StoreFails(500, 1000, "internal_error"),
	"503 before the effect":     fake.StoreRefuses(503, 1000, "internal_error"),
	"gateway page after it":     {Status: 502, Body: "<html>bad gateway</html>", Header: header("Content-Type", "text/html")},
	"gateway page before it":    {Skip: true, Status: 504, Body: "<html>timeout</html>", Header: header("Content-Type", "text/html")},
	"200 with half an answer":   {Status: 200, Body: `{"success":true,"result":[{"id":`},
	"200 with a login page":     {Skip: true, Status: 200, Body: "<html>", Header: header("Content-Type", "text/html")},
}

// Fault 4: after a creation without an answer the client reads the list, and
// sends the creation again only if the secret was not made.
func TestCreateWithLostAnswer(t *testing.T) {
	for name, fault := range lost {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, options{fault: on(fake.KindCreateSecret, 1, fault)})
			w.put(t, "NAME2", "NAM") // found by a search for NAME, but not it
			made, err := w.create("NAME")
			if err != nil {
				t.Fatal(err)
			}
			want := map[fake.Kind]int{"create": 1, "list": 1}
			if fault.Skip {
				want["create"] = 2
			}
			if diff := cmp.Diff(want, w.store.Counts()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
			got := w.store.Secrets()[1]
			if got.ID != made.ID || got.Value != value || got.Comment != "receipt" || made.Comment != "receipt" {
				t.Errorf("stored %+v, returned %+v", got, made)
			}
		})
	}
}

// Fault 43: after a change without an answer, the client reads the secret. It
// sends the change again only if the secret has not changed.
func TestFault43_ChangeWithLostAnswer(t *testing.T) {
	for name, fault := range lost {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, options{fault: on(fake.KindChangeSecret, 1, fault)})
			w.put(t, "NAME")
			if _, err := w.change(t); err != nil {
				t.Fatal(err)
			}
			want := map[fake.Kind]int{"change": 1, "get": 1}
			if fault.Skip {
				want["change"] = 2
			}
			if diff := cmp.Diff(want, w.store.Counts()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
			if got := w.only(t); got.Value != value || got.Comment != "receipt" {
				t.Errorf("stored %+v", got)
			}
		})
	}
}

// Fault 43: another run changes the secret before the second attempt: it found
// the receipt of the first and rotated again, or a person edited the secret. The
// client drops the second attempt, which would replace a newer value with an
// older one.
func TestFault43_ChangedBeforeTheSecondAttempt(t *testing.T) {
	limits := map[string]fake.Fault{"429": limited("100"), "429 without a time": fake.StoreRefuses(429, 1, "rate limited")}
	for name, fault := range maps.All(lost) {
		limits[name] = fault
	}
	for name, fault := range limits {
		for _, annotate := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, comment only: %t", name, annotate), func(t *testing.T) {
				w := newWorld(t, options{fault: on(fake.KindChangeSecret, 1, fault)})
				w.put(t, "NAME")
				was := w.stored(t)
				w.clock.OnSleep = sync.OnceFunc(func() {
					w.clock.Advance(time.Second)
					if err := w.store.Put("NAME", "newer", "receipt of a newer version"); err != nil {
						t.Error(err)
					}
				})
				var err error
				if annotate {
					_, err = w.Annotate(t.Context(), was, "receipt", never)
				} else {
					_, err = w.Change(t.Context(), was, secret.NewValue(value), "receipt", never)
				}
				effect := secret.EffectUnknown
				if strings.HasPrefix(name, "429") {
					effect = secret.EffectNone
				}
				wantEffect(t, err, effect, "")
				if got := w.only(t); got.Value != "newer" || w.store.Counts()[fake.KindChangeSecret] != 1 {
					t.Errorf("stored %+v after %v", got, w.store.Counts())
				}
			})
		}
	}
}

// Another writer took the name while the answer was lost: its secret stays.
func TestLostCreateFindsAnotherSecret(t *testing.T) {
	var w *world
	w = newWorld(t, options{fault: on(fake.KindCreateSecret, 1, fake.Fault{Skip: true, Drop: true, Before: func(context.Context) { w.put(t, "NAME") }})})
	_, err := w.create("NAME")
	wantEffect(t, err, secret.EffectUnknown, "")
	if !strings.Contains(err.Error(), "another comment") || w.only(t).Value != "old" {
		t.Errorf("got %v, store %v", err, w.only(t))
	}
}

// The first attempt takes effect after the list was read. The second is
// refused, and the secret is made nevertheless.
func TestLostCreateTakesEffectLate(t *testing.T) {
	var w *world
	w = newWorld(t, options{fault: func(r fake.Request) fake.Fault {
		switch r.Number {
		case 1:
			return fake.Fault{Skip: true, Drop: true}
		case 3: // 2 is the list
			return fake.Fault{Before: func(context.Context) {
				if err := w.store.Put("NAME", value, "receipt"); err != nil {
					t.Error(err)
				}
			}}
		}
		return fake.Fault{}
	}})
	made, err := w.create("NAME")
	if err != nil || made.ID != w.only(t).ID {
		t.Errorf("got %+v, %v", made, err)
	}
}

// A name may be taken although the list does not show its secret: a deletion is
// not finished, or the list is out of date. The creation is sent again.
func TestLostCreateFindsNameTaken(t *testing.T) {
	faults := []fake.Fault{{Skip: true, Drop: true}, fake.StoreRefuses(409, 1001, "secret_name_already_exists"), {}}
	creates := 0
	w := newWorld(t, options{fault: func(r fake.Request) fake.Fault {
		if r.Kind != fake.KindCreateSecret {
			return fake.Fault{}
		}
		creates++
		return faults[creates-1]
	}})
	if made, err := w.create("NAME"); err != nil || made.ID != w.only(t).ID || creates != 3 {
		t.Errorf("got %+v, %v after %d requests", made, err, creates)
	}
}

// If every answer is lost the effect is unknown, and the caller has to look for
// its receipt.
func TestEveryAnswerLost(t *testing.T) {
	for _, kind := range []fake.Kind{fake.KindCreateSecret, fake.KindChangeSecret} {
		w := newWorld(t, options{fault: always(kind, fake.Fault{Skip: true, Drop: true})})
		var err error
		if kind == fake.KindCreateSecret {
			_, err = w.create("NAME")
		} else {
			w.put(t, "NAME")
			_, err = w.change(t)
		}
		wantEffect(t, err, secret.EffectUnknown, "")
		if n := w.store.Counts()[kind]; n != 5 {
			t.Errorf("%s: tried %d times, want 5", kind, n)
		}
	}
}

// After a lost answer, a refusal of the next attempt proves nothing about the
// first, and neither does a list that cannot be read.
func TestUnknownEffectStaysUnknown(t *testing.T) {
	w := newWorld(t, options{fault: func(r fake.Request) fake.Fault {
		if r.Number == 1 {
			return fake.Fault{Drop: true}
		}
		return fake.StoreRefuses(403, 10000, "Authentication error")
	}})
	w.put(t, "NAME")
	_, err := w.change(t)
	wantEffect(t, err, secret.EffectUnknown, "")

	w = newWorld(t, options{fault: func(r fake.Request) fake.Fault {
		if r.Kind == fake.KindListSecrets {
			return fake.StoreRefuses(403, 10000, "Authentication error")
		}
		return fake.Fault{Drop: true}
	}})
	_, err = w.create("NAME")
	wantEffect(t, err, secret.EffectUnknown, "")
}

// docs/design/protocol.md, "The steps of an apply": a run that stalled must not
// send a write that another run may have taken over by now.
func TestDeadlineOfAWrite(t *testing.T) {
	unavailable := fake.StoreRefuses(503, 1000, "Unavailable")
	limited := fake.StoreRefuses(429, 10429, "rate_limited")
	limited.Header.Set("Retry-After", "300")
	for name, test := range map[string]struct {
		fault  fake.Fault
		left   time.Duration
		sent   int
		effect secret.Effect // of the error; -1 for none
	}{
		"time for an answer":        {fake.Fault{}, 30 * time.Second, 1, -1},
		"no time for an answer":     {fake.Fault{}, 30*time.Second - time.Millisecond, 0, secret.EffectNone},
		"long past":                 {fake.Fault{}, -time.Hour, 0, secret.EffectNone},
		"no time for a second try":  {unavailable, 30 * time.Second, 1, secret.EffectUnknown},
		"rate limited for too long": {limited, 5 * time.Minute, 1, secret.EffectNone},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, options{fault: always(fake.KindChangeSecret, test.fault)})
			w.put(t, "NAME")
			_, err := w.Change(context.Background(), w.stored(t), secret.NewValue(value), "receipt", start.Add(test.left))
			if test.effect >= 0 {
				wantEffect(t, err, test.effect, "")
			} else if err != nil {
				t.Error(err)
			}
			if n := w.store.Counts()[fake.KindChangeSecret]; n != test.sent || w.clock.Slept() != 0 {
				t.Errorf("sent %d, want %d; waited %s for nothing", n, test.sent, w.clock.Slept())
			}
		})
	}
}

// A cancelled run finishes the write that was sent, so that it can be recorded,
// and starts no other.
func TestCancelDuringWrite(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	w := newWorld(t, options{fault: on(fake.KindCreateSecret, 1, fake.Fault{Before: func(context.Context) { cancel() }})})
	if _, err := w.Create(ctx, "NAME", secret.NewValue(value), "receipt", never); err != nil {
		t.Errorf("the write that was sent was interrupted: %v", err)
	}
	_, err := w.Create(ctx, "NAME2", secret.NewValue(value), "receipt", never)
	wantEffect(t, err, secret.EffectNone, "")
	if w.only(t).Name != "NAME" {
		t.Error("a write started after the run was cancelled")
	}
}

// A cancelled run does not wait.
func TestCancelDuringWait(t *testing.T) {
	for status, effect := range map[int]secret.Effect{429: secret.EffectNone, 503: secret.EffectUnknown} {
		ctx, cancel := context.WithCancel(context.Background())
		w := newWorld(t, options{fault: always(fake.KindChangeSecret, fake.StoreRefuses(status, 1, "later"))})
		w.put(t, "NAME")
		w.clock.OnSleep = cancel
		_, err := w.Change(ctx, w.stored(t), secret.NewValue(value), "receipt", never)
		wantEffect(t, err, effect, "")
		if n := w.store.Counts()[fake.KindChangeSecret]; n != 1 {
			t.Errorf("HTTP %d: sent %d times after the run was cancelled", status, n-1)
		}
	}
}

// A server that accepts a request and never answers.
func TestStalledAnswer(t *testing.T) {
	stall := fake.Fault{Skip: true, Before: func(ctx context.Context) { <-ctx.Done() }}
	w := newWorld(t, options{
		client: func(o *store.Options) { o.Retry.AttemptTimeout = 50 * time.Millisecond },
		fault:  on(fake.KindChangeSecret, 1, stall),
	})
	w.put(t, "NAME")
	if _, err := w.change(t); err != nil || w.only(t).Value != value {
		t.Errorf("got %v, store %+v", err, w.only(t))
	}
}

// Without a connection nothing was sent, and the next run need not wait to find
// out.
func TestNoConnection(t *testing.T) {
	w := newWorld(t, options{client: func(o *store.Options) {
		o.Transport, o.BaseURL = &http.Transport{}, "http://127.0.0.1:1/client/v4"
	}})
	_, err := w.create("NAME")
	wantEffect(t, err, secret.EffectNone, "")
	if !strings.Contains(err.Error(), "no connection") {
		t.Error(err)
	}
}
