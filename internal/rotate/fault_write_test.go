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
	"github.com/layeron/rotate/internal/secret"
)

// The faults of writing (faults 2 to 7), with the store behind a real server.

// served returns a world with v1 of three secrets, which are due.
func served(t *testing.T) *world {
	w := newWorld(t, "2026-05-01T00:00:00Z", three()...).serve()
	created(w)
	return w.day("06-01")
}

// on answers the first requests of a kind with faults, in order.
func on(kind fake.Kind, faults ...fake.Fault) func(fake.Request) fake.Fault {
	return func(r fake.Request) fake.Fault {
		if r.Kind != kind || len(faults) == 0 {
			return fake.Fault{}
		}
		f := faults[0]
		faults = faults[1:]
		return f
	}
}

// always answers all requests of a kind with a fault.
func always(kind fake.Kind, f fake.Fault) func(fake.Request) fake.Fault {
	return func(r fake.Request) fake.Fault {
		if r.Kind != kind {
			return fake.Fault{}
		}
		return f
	}
}

func TestFault02_KilledBeforeTheWrite(t *testing.T) {
	w := served(t)
	w.effects.reset(3, true) // the list, the journal's read and the intent
	_, _ = w.run(plan.Request{})
	w.effects.reset(0, false)
	before := w.entry(0).Open()
	if before == nil || before.Version != 2 {
		t.Fatalf("the run was not killed after its intent: %+v", before)
	}
	announced, err := w.value("auth/cookies", *before.Next, before.Next.Versions[1])
	if err != nil {
		t.Fatal(err)
	}
	w.later(time.Hour).must(plan.Request{})
	w.want(0, "v2 v1")
	if got := w.seen[held{w.name(0), "v2"}]; got != announced.Reveal() {
		t.Error("v2 was announced with another value than it was written with")
	}
	if got := w.entry(0).State.Versions[1].ActiveFrom; got != w.now {
		t.Errorf("v2 is dated %s, but became current at %s", got, w.now)
	}
	w.checkPromises()
}

// If no lock proves that the run which announced an intent has ended, no other run
// takes over before the intent has lapsed.
func TestFault02_NoRunTakesOverTooSoon(t *testing.T) {
	w := inRepository(t, "2026-05-01T00:00:00Z", three()...).serve()
	created(w)
	w.day("06-01").effects.reset(3, true)
	_, _ = w.run(plan.Request{})
	w.effects.reset(0, false)
	w.later(14*time.Minute).blocked(0, plan.InFlight, "run again")
	w.want(0, "v1")
	w.later(time.Minute + time.Second).must(plan.Request{})
	for i := range w.declared {
		if got := w.entry(i).State.Current; got != 2 {
			t.Errorf("%s is at %s, want v2", w.declared[i].ID, got)
		}
	}
	w.checkPromises()
}

func TestFault03_KilledBeforeTheOutcome(t *testing.T) {
	w := served(t)
	w.effects.reset(6, true) // read, list, intent and three writes
	_, _ = w.run(plan.Request{})
	w.effects.reset(0, false)
	values, writes := w.values(), fmt.Sprint(w.writes)
	if w.entry(2).Open() == nil {
		t.Fatal("the run was not killed before its outcome")
	}
	w.later(time.Hour)
	result := w.must(plan.Request{})
	for i := range w.declared {
		if e := w.planned(result, i); e.Action != plan.Recover || e.Status != plan.UnfinishedIntent {
			t.Errorf("%s: %s/%s, want the write to be recorded", e.ID, e.Action, e.Status)
		}
		if got := w.entry(i); got.Intent.Outcome != journal.Written || got.State.Current != 2 {
			t.Errorf("%s: intent %q, current %s", w.declared[i].ID, got.Intent.Outcome, got.State.Current)
		}
	}
	if fmt.Sprint(w.writes) != writes || fmt.Sprint(w.values()) != fmt.Sprint(values) {
		t.Error("what was written was written again")
	}
	w.checkPromises()
}

// A write that took effect is recorded in the same run, even if its answer was
// lost.
func TestFault04_TheAnswerIsLost(t *testing.T) {
	timedOut := func(w *world) {
		w.effects.after = func(n int) error {
			if n == 4 {
				return context.DeadlineExceeded
			}
			return nil
		}
	}
	lost := func(kind fake.Kind, faults ...fake.Fault) func(*world) {
		return func(w *world) { w.fault = on(kind, faults...) }
	}
	hangUp, broken := fake.Fault{Drop: true}, fake.StoreFails(http.StatusBadGateway, 1000, "internal_error")
	cut := fake.Fault{Status: http.StatusOK, Body: `{"success":true,"res`}
	for _, test := range []struct {
		name     string
		creation bool
		fault    func(*world)
	}{
		{"a change answered 502", false, lost(fake.KindChangeSecret, broken)},
		{"a change answered 502 every time", false, lost(fake.KindChangeSecret, broken, broken, broken, broken, broken)},
		{"a change without an answer", false, lost(fake.KindChangeSecret, hangUp)},
		{"a change without an answer every time", false, lost(fake.KindChangeSecret, hangUp, hangUp, hangUp, hangUp, hangUp)},
		{"a change timed out", false, timedOut},
		{"a change with half an answer", false, lost(fake.KindChangeSecret, cut)},
		{"a creation answered 502", true, lost(fake.KindCreateSecret, broken)},
		{"a creation without an answer", true, lost(fake.KindCreateSecret, hangUp)},
		{"a creation timed out", true, timedOut},
		{"a creation with half an answer", true, lost(fake.KindCreateSecret, cut)},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, "2026-05-01T00:00:00Z", three()...).serve()
			want := secret.Version(1)
			if w.day("06-01"); !test.creation {
				created(w)
				w.day("06-01")
				want = 2
			}
			w.effects.reset(0, false)
			test.fault(w)
			w.must(plan.Request{})
			for i := range w.declared {
				if e := w.entry(i); e.Intent.Outcome != journal.Written || e.State.Current != want {
					t.Errorf("%s: intent %q, current %s", w.declared[i].ID, e.Intent.Outcome, e.State.Current)
				}
			}
			w.effects.reset(0, false)
			w.checkPromises()
		})
	}
}

// If the store does not answer when the run asks whether a write took effect, the
// next run asks.
func TestFault04_TheOutcomeIsNotKnown(t *testing.T) {
	w := served(t)
	listed := false
	w.fault = func(r fake.Request) fake.Fault {
		if listed { // nothing is answered after the run's first list
			return fake.StoreFails(http.StatusBadGateway, 1000, "internal_error")
		}
		listed = true
		return fake.Fault{}
	}
	result, err := w.run(plan.Request{})
	if err != nil {
		t.Fatal(err)
	}
	if got := result.Outcomes["auth/cookies"]; got.Result != rotate.Failed {
		t.Errorf("the outcome is not known, yet the run says %+v", got)
	}
	w.fault = nil
	w.must(plan.Request{})
	w.want(0, "v2 v1")
	w.want(2, "v2 v1")
	w.checkPromises()
}

func TestFault05_AnAnswerThatProvesNothing(t *testing.T) {
	other := `{"success":true,"errors":[],"messages":[],"result":{"id":"0123456789abcdef0123456789abcdef","name":"other","status":"active","created":"2026-06-01T03:00:00Z","modified":"2026-06-01T03:00:00Z"}}`
	for name, fault := range map[string]fake.Fault{
		"success false": fake.StoreRefuses(http.StatusOK, 1000, "internal_error"),
		"another id":    {Skip: true, Status: http.StatusOK, Body: other},
	} {
		t.Run(name, func(t *testing.T) {
			w := served(t)
			w.fault = on(fake.KindChangeSecret, fault)
			result, err := w.run(plan.Request{})
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range []string{rotate.Failed, rotate.Applied, rotate.Applied} {
				if got := result.Outcomes[w.declared[i].ID].Result; got != want {
					t.Errorf("%s: %q, want %q", w.declared[i].ID, got, want)
				}
			}
			if e := w.entry(0); e.State.Current != 1 || e.Intent.Outcome == journal.Written {
				t.Errorf("recorded as applied: current %s, intent %q", e.State.Current, e.Intent.Outcome)
			}
			w.want(0, "v1")
			w.must(plan.Request{})
			w.want(0, "v2 v1")
			w.checkPromises()
		})
	}
}

func TestFault06_KilledInTheMiddleOfABatch(t *testing.T) {
	w := served(t)
	w.effects.reset(5, false) // before the second write
	_, _ = w.run(plan.Request{})
	w.effects.reset(0, false)
	finished := w.values()[w.name(0)]
	w.must(plan.Request{})
	if w.values()[w.name(0)] != finished {
		t.Error("what was finished was written again")
	}
	for i := range w.declared {
		if got := w.entry(i).State.Current; got != 2 {
			t.Errorf("%s is at %s, want v2", w.declared[i].ID, got)
		}
		if got := w.writes[w.name(i)]; got != 2 {
			t.Errorf("%s was written %d times, want 2", w.declared[i].ID, got)
		}
	}
	w.checkPromises()
}

// A refusal closes the intent and makes its version void. Nothing is committed
// until something that the write depends on has changed.
func TestFault07_RefusedForGood(t *testing.T) {
	w := served(t)
	w.fault = on(fake.KindChangeSecret, fake.StoreRefuses(http.StatusBadRequest, 1002, "secret_value_too_long"))
	result, err := w.run(plan.Request{})
	if err != nil {
		t.Fatal(err)
	}
	if got := result.Outcomes["auth/cookies"]; got.Result != rotate.Failed || !strings.Contains(got.Error, "secret_value_too_long") {
		t.Errorf("%+v", got)
	}
	if got := w.entry(0).Intent; got.Outcome != journal.Refused || got.Refusal.Code != "secret_value_too_long" {
		t.Errorf("intent %q, %+v", got.Outcome, got.Refusal)
	}
	w.later(time.Hour).blocked(0, plan.WriteRefused, "change what the store refused")
	w.later(secret.Day).blocked(0, plan.WriteRefused, "")
	w.adjust = func(r *rotate.Runner) { r.Store.ValueLimit = 131072 } // the store's limit was raised
	w.must(plan.Request{})
	w.want(0, "v3 v1") // v2 is void
	w.checkPromises()
}

// The quota may be full by the time a creation arrives. When a person makes room,
// the creation is tried again.
func TestFault07_RefusedForLackOfRoom(t *testing.T) {
	w := emptyWorld(t, "2026-05-10T03:00:00Z", three()[0])
	w.open(emulator.Options{Quota: 2})
	w.serve()
	w.adjust = func(r *rotate.Runner) { r.Store.Quota = 2 }
	w.fault = on(fake.KindCreateSecret, fake.StoreRefuses(http.StatusBadRequest, 1002, "maximum_secrets_exceeded"))
	w.byHand["other"] = "theirs"
	if err := w.store.Put("other", "theirs", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := w.run(plan.Request{}); err != nil {
		t.Fatal(err)
	}
	w.want(0, "none")
	w.blocked(0, plan.WriteRefused, "")
	if err := w.store.Remove("other"); err != nil {
		t.Fatal(err)
	}
	w.must(plan.Request{})
	w.want(0, "v2")
	w.checkPromises()
}
