package rotate_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
)

// The faults of several runs (faults 14 to 16 and 18). Each run acts as its own
// process. At a given effect of one run, another run begins and ends.

// meeting is the work that several runs find at the same time.
type meeting struct {
	name    string
	secrets int
	prepare func(*world)
	request plan.Request
}

func meetings() []meeting {
	forced := plan.Request{Force: true, Reason: "leaked", Run: "re-run"}
	return []meeting{
		{"creation", 3, func(w *world) { w.day("05-10") }, plan.Request{}},
		{"rotation", 3, func(w *world) { created(w); w.day("06-01") }, plan.Request{}},
		{"prune", 3, func(w *world) { twice(w); w.day("07-16") }, plan.Request{}},
		{"one forced run, run twice", 3, func(w *world) { rotated(w); w.day("06-10") }, forced},
		{"recreation", 3, func(w *world) { rotated(w); w.day("06-10").remove(2) }, plan.Request{}},
	}
}

// begin returns the world in which runs meet.
func (m meeting) begin(t *testing.T) *world {
	w := inRepository(t, "2026-05-01T00:00:00Z", three()[:m.secrets]...)
	m.prepare(w)
	return w
}

// alone returns how many effects a run has that meets no other, and the versions
// after it.
func (m meeting) alone(t *testing.T) (effects int, versions string) {
	w := m.begin(t)
	w.effects.reset(0, false)
	w.must(m.request)
	return w.effects.count, w.allVersions()
}

// allVersions returns the versions that the store holds of each secret.
func (w *world) allVersions() string {
	var all []string
	for i := range w.declared {
		all = append(all, w.versions(i))
	}
	return strings.Join(all, ", ")
}

// meet fails unless runs that meet leave the versions that one run alone leaves,
// and write each secret at most once.
func (w *world) meet(versions string, runs func()) {
	w.t.Helper()
	before := w.writes
	w.writes = map[string]int{}
	runs()
	for name, n := range w.writes {
		if n > 1 {
			w.t.Errorf("%s was written %d times", name, n)
		}
	}
	w.writes = before
	w.later(lapsed).must(plan.Request{})
	if got := w.allVersions(); got != versions {
		w.t.Errorf("the store holds %s, want %s", got, versions)
	}
	w.checkPromises()
}

// whole runs from beginning to end, possibly in the middle of another run. Nothing
// that it writes may fail.
func (w *world) whole(e *effects, request plan.Request) {
	w.t.Helper()
	result, err := w.start(w.t.Context(), e, request, apply)
	if err != nil {
		w.t.Errorf("at %s: %v", w.now, err)
	}
	for id, o := range result.Outcomes {
		if o.Result == rotate.Failed {
			w.t.Errorf("at %s: %s: %s", w.now, id, o.Error)
		}
	}
}

// eachEffect calls a test for before and after each of n effects.
func eachEffect(t *testing.T, effects int, test func(t *testing.T, at int, after bool)) {
	for at := 1; at <= effects; at++ {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("effect %d, after %v", at, after), func(t *testing.T) { t.Parallel(); test(t, at, after) })
		}
	}
}

func TestFault14_TwoRunsAtOnce(t *testing.T) {
	for _, m := range meetings() {
		t.Run(m.name, func(t *testing.T) {
			count, versions := m.alone(t)
			eachEffect(t, count, func(t *testing.T, at int, after bool) {
				w := m.begin(t)
				w.meet(versions, func() {
					w.whole(hooked(at, after, func() error { w.whole(&effects{}, m.request); return nil }), m.request)
				})
			})
		})
	}
}

func TestFault14_ThreeRunsAtOnce(t *testing.T) {
	for _, m := range meetings()[:2] {
		m.secrets = 1 // there are as many meetings as effects, squared
		t.Run(m.name, func(t *testing.T) {
			count, versions := m.alone(t)
			eachEffect(t, count, func(t *testing.T, at int, after bool) {
				for inner := 1; inner <= count; inner++ {
					w := m.begin(t)
					third := func() error { w.whole(&effects{}, m.request); return nil }
					second := func() error { w.whole(hooked(inner, after, third), m.request); return nil }
					w.meet(versions, func() { w.whole(hooked(at, after, second), m.request) })
				}
			})
		})
	}
}

// If a command meets a scheduled run, the command is carried out or refused, never
// in part, and never with an id that the run gives to another value.
func TestFault14_ACommandMeetsARun(t *testing.T) {
	command := func(w *world, e *effects) bool {
		result, err := w.start(w.t.Context(), e, plan.Request{Reason: "asked for"}, func(ctx context.Context, r *rotate.Runner) (rotate.Result, error) {
			return r.Alter(ctx, w.declared[0], set(given))
		})
		return err == nil && result.Outcomes[w.declared[0].ID].Result == rotate.Applied
	}
	for name, meet := range map[string]func(w *world, at int, after bool) bool{
		"the command inside": func(w *world, at int, after bool) (done bool) {
			w.whole(hooked(at, after, func() error { done = command(w, &effects{}); return nil }), plan.Request{})
			return done
		},
		"the run inside": func(w *world, at int, after bool) bool {
			return command(w, hooked(at, after, func() error { w.whole(&effects{}, plan.Request{}); return nil }))
		},
	} {
		t.Run(name, func(t *testing.T) {
			carriedOut := make([]bool, 10)
			for at := range carriedOut {
				for _, after := range []bool{false, true} {
					w := inRepository(t, "2026-05-01T00:00:00Z", monthly("cookies", forever))
					created(w)
					w.day("06-01")
					done := meet(w, at, after)
					w.later(lapsed).must(plan.Request{})
					if held := strings.Contains(w.values()[w.name(0)], given); held != done {
						t.Errorf("effect %d, after %v: carried out %v, held %v", at, after, done, held)
					}
					carriedOut[at] = carriedOut[at] || done
					w.checkPromises()
				}
			}
			if !slices.Contains(carriedOut, true) {
				t.Error("the command was never carried out")
			}
		})
	}
}

// A run that stalls for an hour at any effect, while another one does the work,
// sends nothing late. If a request that it sent before arrives late, the next apply
// repairs the secret.
func TestFault15_ARunStalls(t *testing.T) {
	m := meetings()[1]
	count, versions := m.alone(t)
	eachEffect(t, count, func(t *testing.T, at int, after bool) {
		w := m.begin(t)
		var others, receipts map[string]string
		stall := hooked(at, after, func() error {
			w.later(time.Hour)
			w.whole(&effects{}, plan.Request{})
			others, receipts = w.values(), w.comments()
			return nil
		})
		_, _ = w.start(t.Context(), stall, plan.Request{}, apply) // it may fail because it is too late
		arrived := !cmp.Equal(receipts, w.comments())
		if asked := at >= 4 && at < 4+m.secrets && !after; arrived != asked { // the requests that were sent when it stalled
			t.Errorf("arrived late: %v, want %v", arrived, asked)
		}
		w.later(lapsed).must(plan.Request{})
		if diff := cmp.Diff(others, w.values()); diff != "" {
			t.Errorf("a late write was not repaired: -want +got\n%s", diff)
		}
		if got := w.allVersions(); got != versions {
			t.Errorf("the store holds %s, want %s", got, versions)
		}
		w.checkPromises()
	})
}

// A run that stalled sends nothing late, even if no other run has taken over.
func TestFault15_LateWritesAreNotSent(t *testing.T) {
	m := meetings()[1]
	for at := 3; at <= 6; at++ { // after the intent, and after each write but the last
		w := m.begin(t)
		var sent string
		stall := hooked(at, true, func() error { w.later(time.Hour); sent = fmt.Sprint(w.writes); return nil })
		if _, err := w.start(t.Context(), stall, plan.Request{}, apply); err != nil {
			t.Error(err)
		}
		if got := fmt.Sprint(w.writes); got != sent {
			t.Errorf("effect %d: writes were %s before the stall, and are %s", at, sent, got)
		}
		w.must(plan.Request{}) // at once: the stalled run recorded that it sent nothing
		if got := w.allVersions(); got != "v2 v1, v2, v2 v1" {
			t.Errorf("effect %d: the store holds %s", at, got)
		}
		w.checkPromises()
	}
}

// The same, and the run that took over is killed before it could write.
func TestFault15_ARunStallsAndTheOtherIsKilled(t *testing.T) {
	m := meetings()[1]
	m.secrets = 1
	count, versions := m.alone(t)
	eachEffect(t, count, func(t *testing.T, at int, after bool) {
		for kill := 1; kill <= count; kill++ {
			w := m.begin(t)
			stall := hooked(at, after, func() error {
				w.later(time.Hour)
				killed := &effects{}
				killed.reset(kill, true)
				_, _ = w.start(t.Context(), killed, plan.Request{}, apply)
				return nil
			})
			_, _ = w.start(t.Context(), stall, plan.Request{}, apply)
			w.later(lapsed).must(plan.Request{})
			if got := w.allVersions(); got != versions {
				t.Errorf("killed at %d: the store holds %s, want %s", kill, got, versions)
			}
			w.checkPromises()
		}
	})
}

// neighbour returns another world with its own journal and the same store.
func (w *world) neighbour(r *repository) *world {
	other := emptyWorld(w.t, w.now.String(), w.declared...)
	other.place, other.store, other.wire, other.url = r, w.store, w.wire, w.url
	return other
}

func TestFault16_AnothersSecret(t *testing.T) {
	for name, newcomer := range map[string]func(*world) *world{
		"another repository": func(w *world) *world { return w.neighbour(&repository{id: 4712}) },
		"with another root key": func(w *world) *world {
			other := w.neighbour(&repository{id: 4712})
			other.ring = fake.RootKeys(t, 'b')
			return other
		},
		"with its own journal": func(w *world) *world {
			other := w.neighbour(&repository{id: 4712})
			mine := journal.New("production", "billing", journal.Owner{Host: "github.com", RepositoryID: 4712, ProjectPath: "."}, journal.PlaceGitHub)
			data, err := journal.Format(mine)
			if err != nil {
				t.Fatal(err)
			}
			r := other.place.(*repository)
			r.base = r.commit(data)
			return other
		},
		"another environment": func(w *world) *world {
			other := w.neighbour(&repository{})
			other.environment = "staging"
			return other
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := inRepository(t, "2026-05-01T00:00:00Z", three()...).serve()
			rotated(w)
			w.day("07-01")
			other := newcomer(w)
			for i := range other.declared {
				other.blocked(i, plan.ForeignOwner, "--claim")
			}
			w.must(plan.Request{})
			w.checkPromises()
		})
	}
}

// A fork, and a copy of a template, begin with a copy of the journal.
func TestFault16_AFork(t *testing.T) {
	w := inRepository(t, "2026-05-01T00:00:00Z", three()...)
	rotated(w)
	r := w.day("07-01").place.(*repository)
	r.merge()
	fork := w.neighbour(&repository{id: 4712, base: r.base, commits: map[string][]byte{r.base: r.commits[r.base]}})
	fork.untouched(func() {
		if _, err := fork.run(plan.Request{}); !errors.Is(err, rotate.ErrOwner) {
			t.Errorf("got %v", err)
		}
	})
}

// A repository that was renamed or transferred keeps its number.
func TestFault16_ARenamedRepository(t *testing.T) {
	w := inRepository(t, "2026-05-01T00:00:00Z", three()...)
	rotated(w)
	r := w.day("07-01").place.(*repository)
	r.merge()
	renamed := w.neighbour(&repository{base: r.base, bot: r.bot, commits: r.commits, made: r.made})
	renamed.must(plan.Request{})
	renamed.want(2, "v3 v1 v2")
	renamed.checkPromises()
}

// moving returns effects that push another commit to the bot branch before writes
// of the journal: as often as times, after the first few writes, which pass.
func (w *world) moving(pass, times int) *effects {
	r := w.place.(*repository)
	e := &effects{}
	e.onWrite = func() {
		if pass--; pass < 0 && times > 0 {
			times--
			r.bot = r.commit(r.commits[r.head()])
		}
	}
	return e
}

func TestFault18_TheHeadMoves(t *testing.T) {
	for _, test := range []struct {
		name        string
		pass, times int
		wantError   string
	}{
		{"once before the intent", 0, 1, ""},
		{"four times before the intent", 0, 4, ""},
		{"always before the intent", 0, 99, "nothing was changed"},
		{"once before the outcome", 1, 1, ""},
		{"four times before the outcome", 1, 4, ""},
		{"always before the outcome", 1, 99, "the values are written"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := inRepository(t, "2026-05-01T00:00:00Z", three()...)
			created(w)
			w.day("06-01")
			_, err := w.start(t.Context(), w.moving(test.pass, test.times), plan.Request{}, apply)
			if (err == nil) != (test.wantError == "") || err != nil && !strings.Contains(err.Error(), test.wantError) {
				t.Errorf("got %v, want %q", err, test.wantError)
			}
			want := "v2 v1"
			if test.pass == 0 && test.wantError != "" {
				want = "v1"
			}
			w.want(0, want)
			w.must(plan.Request{}) // at once: a write that its receipt confirms needs no waiting
			w.want(0, "v2 v1")
			w.checkPromises()
		})
	}
}

// A deleted secret may keep its name taken for a while. The next run creates the
// secret with the same version.
func TestFault18_TheNameIsTaken(t *testing.T) {
	w := newWorld(t, "2026-05-10T03:00:00Z", three()...).serve()
	w.fault = on(fake.KindCreateSecret, fake.StoreRefuses(http.StatusConflict, 1002, "secret_name_already_exists"))
	result, err := w.run(plan.Request{})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{rotate.Failed, rotate.Applied, rotate.Applied} {
		if got := result.Outcomes[w.declared[i].ID]; got.Result != want {
			t.Errorf("%s: %+v, want %s", w.declared[i].ID, got, want)
		}
	}
	w.must(plan.Request{})
	w.want(0, "v1")
	w.checkPromises()
}
