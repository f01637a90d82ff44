package plan_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/secret"
)

// snapshot copies the parts of an input that planning could change.
func snapshot(t *testing.T, in plan.Input) []string {
	t.Helper()
	var out []string
	for _, part := range []any{in.Document, in.Journal, in.Recovered, in.Store, in.Request} {
		encoded, err := json.Marshal(part)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(encoded))
	}
	return out
}

// The same input gives the same plan, and planning changes nothing, so that a
// check shows what the next apply does.
func TestPure(t *testing.T) {
	for _, c := range []struct {
		name  string
		world func(*world)
	}{
		{"create", func(*world) {}},
		{"rotate, extend, prune and an orphan", func(w *world) {
			w.declare(random("auth/a", keep(14)), random("auth/b", keep(14)), random("auth/c", keep(40)), random("auth/d", none)).apply()
			w.at("1 Jun").apply()
			w.at("1 Jul").declare(random("auth/e", none), random("auth/c", keep(60)), random("auth/b", keep(14)), static("auth/x"))
		}},
		{"recovered", func(w *world) { w.apply(); w.at("1 Jun").apply(); w.revert(2).recover().at("1 Jul") }},
		{"unfinished", func(w *world) { w.apply(); w.at("1 Jun").announce(); w.later(time.Hour) }},
		{"written, not recorded", func(w *world) { w.apply(); w.at("1 Jun").announce(); w.write(sessionKey) }},
		{"an orphan's intent", func(w *world) { w.apply(); w.at("1 Jun").announce(); w.declare().later(time.Hour) }},
		{"allowed to destroy", func(w *world) {
			w.apply()
			w.at("1 Jun").apply()
			w.declare(random(sessionKey, none)).in.Request.AllowDestructive = true
		}},
		{"the quota is full", func(w *world) { w.in.Store.Quota = 1; w.supply(random("x/y", none)) }},
		{"one of several", func(w *world) {
			w.declare(random("auth/a", none), random("auth/b", none)).in.Request.Only = []secret.ID{"auth/b"}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, random(sessionKey, keep(14)))
			c.world(w)
			before := snapshot(t, w.in)
			first, second := plan.Make(w.in), plan.Make(w.in)
			if diff := cmp.Diff(first, second); diff != "" {
				t.Errorf("two plans of the same input differ:\n%s", diff)
			}
			if diff := cmp.Diff(before, snapshot(t, w.in)); diff != "" {
				t.Errorf("planning changed its input:\n%s", diff)
			}
		})
	}
}

// A run carries out the entries of a plan one by one. That changes neither the
// plan nor the journal that it was made from.
func TestCarryingOutChangesNeitherPlanNorJournal(t *testing.T) {
	w := newWorld(t, random(sessionKey, keep(60)))
	w.apply()
	w.at("1 Jun").apply()
	w.at("1 Jul")
	in := w.in
	before := snapshot(t, in)
	p := plan.Make(in)
	again := plan.Make(in)
	w.apply()
	if diff := cmp.Diff(again, p); diff != "" {
		t.Errorf("carrying it out changed the plan:\n%s", diff)
	}
	after := snapshot(t, in)
	after[3] = before[3] // the store has changed, as it should
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("carrying it out changed the journal it was made from:\n%s", diff)
	}
	if in.Journal.Entries[sessionKey].Intent.Outcome != journal.Written {
		t.Error("the old journal's intent was modified")
	}
}
