package report_test

import (
	"testing"

	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/plan/plantest"
	"github.com/layeron/rotate/internal/report"
	"github.com/layeron/rotate/internal/secret"
)

// The date that is announced is the slot at which the planner, in the end,
// blocks the rotation. Large weekly values make that a matter of months.
func TestFullWhenAnnounced(t *testing.T) {
	for name, retain := range map[string]secret.Retention{"for ever": forever, "for longer than fits": keep(3650)} {
		d := random("auth/session-key", 7, retain)
		d.Bytes = 1024
		w := plantest.New(t, d).Until("10 May", "1 Jun")
		full := report.Room(w.Plan(), w.In.Document, report.Limits{ValueBytes: 65_536}).Full
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
	static := random("billing/payment-key", 30, forever)
	static.Kind, static.Bytes = secret.Static, 0
	for name, d := range map[string]secret.Declaration{
		"as many expire as come": random("auth/session-key", 30, keep(14)),
		"one value only":         random("auth/session-key", 7, none),
		"size not known":         static,
	} {
		w := plantest.New(t, d).Until("10 May", "1 Jun")
		if got := report.Room(w.Plan(), w.In.Document, report.Limits{ValueBytes: 65_536}); len(got.Full) > 0 {
			t.Errorf("%s: full at %s", name, got.Full[0].At.Text())
		}
	}
}

func TestNear(t *testing.T) {
	now := date(t, "1 Jun")
	c := report.Capacity{Full: []report.Full{{ID: "a/soon", At: now.Add(700 * secret.Day)}, {ID: "a/late", At: now.Add(750 * secret.Day)}}}
	if got := c.Near(now); len(got) != 1 || got[0].ID != "a/soon" {
		t.Errorf("got %v", got)
	}
}

func TestQuotaNear(t *testing.T) {
	p := plan.Plan{Entries: []plan.Entry{{Action: plan.Create}, {Action: plan.Create}, {Action: plan.None}}}
	for _, c := range []struct {
		limits report.Limits
		used   int
		near   bool
	}{
		{report.Limits{Quota: 100, Usage: 88}, 90, true},
		{report.Limits{Quota: 100, Usage: 87}, 89, false},
		{report.Limits{Quota: 3}, 3, true}, // the account was not asked
		{report.Limits{Usage: 500}, 502, false},
	} {
		got := report.Room(p, secret.Document{}, c.limits)
		if got.Used != c.used || got.QuotaNear() != c.near {
			t.Errorf("%+v: used %d, near %v; want %d, %v", c.limits, got.Used, got.QuotaNear(), c.used, c.near)
		}
	}
}
