package forecast_test

import (
	"testing"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/forecast"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/plan/plantest"
	"github.com/layeron/rotate/internal/secret"
)

// The date that is announced is the slot at which the planner, in the end,
// blocks the rotation. Large weekly values make that a matter of months.
func TestFullWhenAnnounced(t *testing.T) {
	for name, retain := range map[string]secret.Retention{"for ever": fake.KeepForever, "for longer than fits": fake.KeepDays(3650)} {
		d := fake.RandomSecret("auth/session-key", 7, retain)
		d.Bytes = 1024
		w := plantest.New(t, d).Until("10 May", "1 Jun")
		full := forecast.CapacityOf(w.Plan(), w.In.Document, forecast.Limits{ValueBytes: 65_536}).Full
		if len(full) != 1 {
			t.Fatalf("%s: announced %v", name, full)
		}
		for range 200 {
			e := w.Plan().Entries[0]
			if e.Status == plan.ValueTooLarge {
				if !full[0].At.Equal(e.DueAt) {
					t.Errorf("%s: announced for %s, and blocked at %s", name, full[0].At.Text(), e.DueAt.Text())
				}
				break
			}
			w.Apply()
			w.In.Now = e.NextDueAt
		}
		if got := w.Plan().Entries[0].Status; got != plan.ValueTooLarge {
			t.Errorf("%s: never too large, but %s", name, got)
		}
	}
}

func TestRoomThatLasts(t *testing.T) {
	static := fake.RandomSecret("billing/payment-key", 30, fake.KeepForever)
	static.Kind, static.Bytes = secret.Static, 0
	for name, d := range map[string]secret.Declaration{
		"as many expire as come": fake.RandomSecret("auth/session-key", 30, fake.KeepDays(14)),
		"one value only":         fake.RandomSecret("auth/session-key", 7, fake.KeepNone),
		"size not known":         static,
	} {
		w := plantest.New(t, d).Until("10 May", "1 Jun")
		if got := forecast.CapacityOf(w.Plan(), w.In.Document, forecast.Limits{ValueBytes: 65_536}); len(got.Full) > 0 {
			t.Errorf("%s: full at %s", name, got.Full[0].At.Text())
		}
	}
}

func TestNear(t *testing.T) {
	now := fake.Date(t, "1 Jun")
	c := forecast.Capacity{Full: []forecast.Full{{ID: "a/soon", At: now.Add(700 * secret.Day)}, {ID: "a/late", At: now.Add(750 * secret.Day)}}}
	if got := c.Near(now); len(got) != 1 || got[0].ID != "a/soon" {
		t.Errorf("got %v", got)
	}
}

func TestQuotaNear(t *testing.T) {
	p := plan.Plan{Entries: []plan.Entry{{Action: plan.Create}, {Action: plan.Create}, {Action: plan.None}}}
	for _, c := range []struct {
		limits forecast.Limits
		used   int
		near   bool
	}{
		{forecast.Limits{Quota: 100, Usage: 88}, 90, true},
		{forecast.Limits{Quota: 100, Usage: 87}, 89, false},
		{forecast.Limits{Quota: 3}, 3, true}, // the account was not asked
		{forecast.Limits{Usage: 500}, 502, false},
	} {
		got := forecast.CapacityOf(p, secret.Document{}, c.limits)
		if got.Used != c.used || got.QuotaNear() != c.near {
			t.Errorf("%+v: used %d, near %v; want %d, %v", c.limits, got.Used, got.QuotaNear(), c.used, c.near)
		}
	}
}

// The next value from outside is taken to be as long as those held.
func TestFullOfValuesFromOutside(t *testing.T) {
	d := fake.RandomSecret("billing/payment-key", 7, fake.KeepForever)
	d.Kind, d.Bytes = secret.Static, 0
	now := fake.Date(t, "1 Jun")
	p := plan.Plan{GeneratedAt: now, Entries: []plan.Entry{{
		ID: d.ID, Action: plan.None, Current: 2, Bytes: 1000, NextDueAt: now.Add(7 * secret.Day), Retain: d.Retain(),
		After: []plan.Version{{ID: 1, State: "retained", ActiveFrom: now}, {ID: 2, State: "current", ActiveFrom: now}},
	}}}
	full := forecast.CapacityOf(p, plantest.Document(d), forecast.Limits{ValueBytes: 2000}).Full
	if want := now.Add(3 * 7 * secret.Day); len(full) != 1 || !full[0].At.Equal(want) { // about 1500, 2000 and 2500 bytes
		t.Errorf("got %v, want %s", full, want.Text())
	}
}
