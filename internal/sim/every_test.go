package sim_test

import (
	"fmt"
	"slices"
	"testing"
)

// ways are how one effect of a run can go wrong.
var ways = []fault{
	{Kind: killBefore}, {Kind: killAfter}, {Kind: stopBefore}, {Kind: stopAfter},
	{Kind: dropBefore}, {Kind: dropAfter}, {Kind: failBefore}, {Kind: failAfter},
	{Kind: limited, Wait: 3}, {Kind: down}, {Kind: denied}, {Kind: forbidden}, {Kind: delay, Wait: 8},
}

// step is a scenario whose last event goes wrong, once in every way at each of its
// effects.
type step struct {
	name    string
	secrets []secretSpec
	events  []event
}

// on is an event of a day.
func on(day int, e event) event {
	e.At = day * 24 * 60
	return e
}

func run(day int) event { return on(day, event{Do: doRun}) }

// killed is a run that is killed behind its nth effect, counted from the first
// one that changes anything.
func killed(day, n int) event {
	return on(day, event{Do: doRun, Fault: &fault{Kind: killAfter, Writing: true, At: n}})
}

func steps() []step {
	start := 31
	monthly := func(name, mode string, days int) secretSpec {
		return secretSpec{Name: name, Bytes: 32, Every: 30, StartAt: &start, Mode: mode, Days: days}
	}
	three := []secretSpec{monthly("latest", "none", 0), monthly("overlap", "retain_for", 14), monthly("for-ever", "retain_forever", 0)}
	var twenty []secretSpec
	for i := range 20 {
		twenty = append(twenty, monthly(fmt.Sprintf("key-%d", i), "retain_for", 14))
	}
	longer := monthly("overlap", "retain_for", 45)
	given := []secretSpec{{Name: "given", Static: true, Every: 90, StartAt: &start, Mode: "retain_for", Days: 14}}
	out := []step{
		{"creation", three, []event{run(1)}},
		{"rotation", three, []event{run(1), run(31)}},
		{"prune", three, []event{run(1), run(31), run(46)}},
		{"batch", twenty, []event{run(1), run(31)}},
		{"forced", three, []event{run(1), run(31), on(40, event{Do: doForce, Secret: 1, Choice: 1})}},
		{"revoke the current version", three, []event{run(1), run(31), on(40, event{Do: doRevoke, Secret: 2, Choice: 1})}},
		{"revoke an old version", three, []event{run(1), run(31), on(40, event{Do: doRevoke, Secret: 2})}},
		{"longer retention", three, []event{run(1), run(31), on(33, event{Do: doDeclare, Secret: 1, Spec: &longer}), run(34)}},
		{"set", given, []event{run(1), on(2, event{Do: doSet})}},
		{"adoption", three, []event{on(0, event{Do: doPut, Secret: 1}), run(1), on(2, event{Do: doAdopt, Secret: 1})}},
		{"deleted in the store", three, []event{run(1), run(31), on(40, event{Do: doRemove, Secret: 2}), run(41)}},
	}
	for n := 1; n <= 6; n++ {
		out = append(out, step{fmt.Sprintf("recovery after effect %d", n), three, []event{run(1), killed(31, n), run(32)}})
	}
	return out
}

// Wherever a run goes wrong, and however, the runs that follow bring all to what
// was declared, without help.
func TestEveryStep(t *testing.T) {
	t.Parallel()
	for _, step := range steps() {
		for _, file := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, file %t", step.name, file), func(t *testing.T) {
				t.Parallel()
				s := scenario{Seed: 1, Environments: []environmentSpec{{Name: "production", File: file, Secrets: step.secrets}}, Events: step.events}
				w, err := play(s, nil)
				if err != nil {
					t.Fatalf("with nothing in its way: %v", err)
				}
				effects := w.effects[len(step.events)-1]
				if effects < 3 {
					t.Fatalf("%d effects: this tests nothing", effects)
				}
				t.Logf("%d effects, %d ways", effects, len(ways))
				for n := 1; n <= effects; n++ {
					t.Run(fmt.Sprintf("effect %d", n), func(t *testing.T) {
						t.Parallel()
						for _, way := range ways {
							goWrong(t, s, n, way)
						}
					})
				}
			})
		}
	}
}

func goWrong(t *testing.T, s scenario, effect int, way fault) {
	t.Helper()
	way.At = effect
	s.Events = slices.Clone(s.Events)
	s.Events[len(s.Events)-1].Fault = &way
	if _, err := play(s, nil); err != nil {
		t.Errorf("%s: %v", way.Kind, err)
	}
}
