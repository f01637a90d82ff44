package rotate_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/keyring"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/secret"
)

// scenario is the history before a run, and the run's request.
type scenario struct {
	name    string
	prepare func(w *world)
	request plan.Request
}

func created(w *world) { w.day("05-10").must(plan.Request{}) }
func rotated(w *world) { created(w); w.day("06-01").must(plan.Request{}) }
func twice(w *world)   { rotated(w); w.day("07-01").must(plan.Request{}) }

func scenarios() []scenario {
	return []scenario{
		{"creation", func(w *world) { w.day("05-10") }, plan.Request{}},
		{"rotation", func(w *world) { created(w); w.day("06-01") }, plan.Request{}},
		{"second rotation", func(w *world) { rotated(w); w.day("07-01") }, plan.Request{}},
		{"prune", func(w *world) { twice(w); w.day("07-16") }, plan.Request{}},
		{"forced", func(w *world) { rotated(w); w.day("06-10") }, plan.Request{Force: true, Reason: "leaked", Run: "forced"}},
		{"extended retention", func(w *world) { rotated(w); w.day("06-05"); w.declared[0].Rotation.Retain.Days = 30 }, plan.Request{}},
		{"allowed destruction", func(w *world) { twice(w); w.day("07-05"); w.declared[2].Rotation.Retain, w.released = overlap, true }, plan.Request{AllowDestructive: true}},
		{"deleted in the store", func(w *world) { rotated(w); w.day("06-10"); w.remove(2) }, plan.Request{}},
	}
}

// A run that is killed after any of its effects loses nothing. The next run, at
// once or a day later, ends with the versions and bytes of a run that was not
// killed.
func TestKilledAtEveryEffect(t *testing.T) {
	for _, s := range scenarios() {
		t.Run(s.name, func(t *testing.T) {
			whole := newWorld(t, "2026-05-01T00:00:00Z", three()...)
			s.prepare(whole)
			whole.effects.reset(0, false)
			whole.must(s.request)
			effects, want := whole.effects.count, whole.values()
			if effects < 3 {
				t.Fatalf("only %d effects: the scenario does not test anything", effects)
			}
			for kill := 1; kill <= effects; kill++ { // after one effect is before the next
				for _, wait := range []bool{false, true} {
					t.Run(fmt.Sprintf("after effect %d, a day later %v", kill, wait), func(t *testing.T) {
						t.Parallel()
						killed(t, s, kill, wait, want)
					})
				}
			}
		})
	}
}

func killed(t *testing.T, s scenario, kill int, wait bool, want map[string]string) {
	w := newWorld(t, "2026-05-01T00:00:00Z", three()...)
	s.prepare(w)
	w.effects.reset(kill, true)
	_, _ = w.run(s.request) // a killed process returns nothing
	w.effects.reset(0, false)
	if wait {
		w.later(secret.Day)
	}
	w.must(s.request)
	w.checkPromises()
	got := w.values()
	if wait { // an unfinished write gets new dates and keeps its values
		got, want = ids(got), ids(want)
	}
	if s.name == "creation" { // a creation that was not announced gets another lineage
		got, want = shape(got), shape(want)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-not killed +killed\n%s", diff)
	}
}

// ids returns the version ids and values of stored values, without their dates.
func ids(values map[string]string) map[string]string {
	return each(values, func(v keyring.Version) string { return v.ID + "=" + v.Value.Reveal() })
}

// shape returns the version ids of stored values.
func shape(values map[string]string) map[string]string {
	return each(values, func(v keyring.Version) string { return v.ID })
}

func each(values map[string]string, show func(keyring.Version) string) map[string]string {
	out := map[string]string{}
	for name, value := range values {
		for _, v := range keyring.Decode(secret.NewValue(value), "").Versions {
			out[name] += show(v) + " "
		}
	}
	return out
}
