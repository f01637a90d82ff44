package rotate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
)

// Values that people put into the store, or give to layer.
const (
	theirs = "what-a-person-put-there"
	given  = "what-the-operator-gives"
)

func set(value string) plan.Alteration {
	return plan.Alteration{Kind: plan.Set, Value: secret.NewValue(value)}
}

func adopt(value string) plan.Alteration {
	return plan.Alteration{Kind: plan.Adopt, Value: secret.NewValue(value)}
}

// way is an alteration that unblocks a status, or that answers a leak.
type way struct {
	name       string
	retain     secret.Retention
	static     bool
	prepare    func(*world)
	status     plan.Status // that it unblocks; "" if nothing is blocked
	alteration plan.Alteration
	want       string // the versions held after it
	value      string // of the current version; "" if it is new
}

func ways() []way {
	stranger := func(w *world) { w.day("05-10").edit(0, theirs, "a note") }
	drifted := func(w *world) { rotated(w); w.day("06-05").edit(0, theirs, w.comment(0)) }
	wiped := func(w *world) { rotated(w); w.day("06-05").edit(0, w.values()[w.name(0)], "a note") }
	unjournalled := func(w *world) { rotated(w); w.day("06-05").forget() }
	foreign := func(w *world) { unjournalled(w); w.place.(*repository).id = 4712 }
	leaked := func(v secret.Version) func(*world) {
		return func(w *world) { rotated(w); w.day("06-05").revoked(v) }
	}
	supplied := func(w *world) { w.day("05-10").altered(set("the-first-value-given")) }
	due := func(w *world) { supplied(w); w.day("06-01") }
	revoke := func(v secret.Version) plan.Alteration { return plan.Alteration{Kind: plan.Revoke, Version: v} }
	kind := func(k plan.AlterationKind) plan.Alteration { return plan.Alteration{Kind: k} }
	imported := `{"current":"v5","versions":{"v3":{"value":"the-third-value","activeFrom":"2026-04-01T00:00:00.000Z"},"v5":{"value":"the-fifth-value","activeFrom":"2026-05-01T00:00:00.000Z"}}}`
	return []way{
		{"adopt an unmanaged value", overlap, false, stranger, plan.AdoptionRequired, adopt(theirs), "v1", theirs},
		{"adopt an unmanaged value, plain", latest, false, stranger, plan.AdoptionRequired, adopt(theirs), "v1", theirs},
		{"adopt versioned JSON", forever, false, func(w *world) { w.day("05-10").edit(0, imported, "") }, plan.AdoptionRequired, adopt(imported), "v5 v3", "the-fifth-value"},
		{"set versioned JSON", forever, true, func(w *world) { w.day("05-10") }, plan.ExternalValueRequired, set(imported), "v5 v3", "the-fifth-value"},
		{"discard an unmanaged value", overlap, false, stranger, plan.AdoptionRequired, kind(plan.Discard), "v1", ""},
		{"adopt a drift", overlap, false, drifted, plan.Drift, adopt(theirs), "v3 v1 v2", theirs},
		{"discard a drift", overlap, false, drifted, plan.Drift, kind(plan.Discard), "v3 v1 v2", ""},
		{"rewrite a drift", overlap, false, drifted, plan.Drift, kind(plan.Rewrite), "v2 v1", ""},
		{"rewrite a drift, plain", latest, false, drifted, plan.Drift, kind(plan.Rewrite), "v2", ""},
		{"restamp a wiped receipt", overlap, false, wiped, plan.AdoptionRequired, kind(plan.Restamp), "v2 v1", ""},
		{"restamp a wiped receipt, plain", latest, false, wiped, plan.AdoptionRequired, kind(plan.Restamp), "v2", ""},
		{"rewrite after a wiped receipt", overlap, false, wiped, plan.AdoptionRequired, kind(plan.Rewrite), "v2 v1", ""},
		{"discard after a lost journal", latest, false, unjournalled, plan.JournalLost, kind(plan.Discard), "v3", ""},
		{"claim another journal's", latest, false, foreign, plan.ForeignOwner, kind(plan.Claim), "v3", ""},
		{"set the first value", overlap, true, func(w *world) { w.day("05-10") }, plan.ExternalValueRequired, set(given), "v1", given},
		{"set when due", overlap, true, due, plan.ExternalValueRequired, set(given), "v2 v1", given},
		{"set when due, plain", latest, true, due, plan.ExternalValueRequired, set(given), "v2", given},
		{"set over a generated value", overlap, false, rotated, "", set(given), "v3 v1 v2", given},
		{"set over a generated value, plain", latest, false, rotated, "", set(given), "v3", given},
		{"revoke a retained version", overlap, false, leaked(1), "", revoke(1), "v2", ""},
		{"revoke the current version", overlap, false, leaked(2), "", revoke(2), "v3 v1", ""},
		{"revoke the current version, plain", latest, false, leaked(2), "", revoke(2), "v3", ""},
		{"revoke in the middle", forever, false, func(w *world) { twice(w); w.revoked(2) }, "", revoke(2), "v3 v1", ""},
	}
}

// forget loses the journal and its history in git.
func (w *world) forget() { w.place = &repository{locked: true} }

func (y way) begin(t *testing.T) *world {
	d := monthly("cookies", y.retain)
	if y.static {
		d = supplied("cookies", y.retain)
	}
	w := inRepository(t, "2026-05-01T00:00:00Z", d)
	w.place = &repository{locked: true} // locked, as a file is for the command line
	y.prepare(w)
	return w
}

// altered carries out an alteration that must succeed.
func (w *world) altered(a plan.Alteration) {
	w.t.Helper()
	result, err := w.alter(a)
	if err != nil {
		w.t.Fatalf("%s: %v", a.Kind, err)
	}
	if o := result.Outcomes[w.declared[0].ID]; o.Result != rotate.Applied {
		w.t.Fatalf("%s: %+v", a.Kind, o)
	}
}

// current returns the current version's value.
func (w *world) current() string {
	ring := fake.NewReader(secret.NewValue(w.values()[w.name(0)]), "")
	return ring.CurrentVersion().Value.Reveal()
}

// taken fails unless the alteration is complete: the value is the one asked for,
// nothing blocks the secret, and it rotates a month later.
func (y way) taken(w *world, before string) {
	w.t.Helper()
	result := w.must(plan.Request{})
	if e := w.planned(result, 0); e.Action == plan.Blocked {
		w.t.Fatalf("blocked as %s: %s\n%s", e.Status, e.Reason, e.Advice)
	}
	if got := w.current(); y.value != "" && got != y.value {
		w.t.Errorf("the current value is not the one given, in %s", w.versions(0))
	}
	if got := w.versions(0); y.alteration.Kind == plan.Revoke && strings.Contains(got, y.alteration.Version.String()) {
		w.t.Errorf("%s is still held: %s", y.alteration.Version, got)
	}
	if y.alteration.Kind == plan.Discard && w.current() == before {
		w.t.Error("the value was not discarded")
	}
	w.checkPromises()
	last := w.entry(0).LastVersion()
	w.later(31 * secret.Day)
	if y.static {
		w.blocked(0, plan.ExternalValueRequired, "secret set")
		return
	}
	w.must(plan.Request{})
	if state := w.entry(0).State; state == nil || state.Current <= last {
		w.t.Errorf("it did not rotate a month later, above %s", last)
	}
}

func TestAlter(t *testing.T) {
	for _, y := range ways() {
		t.Run(y.name, func(t *testing.T) {
			w := y.begin(t)
			if y.status != "" {
				w.blocked(0, y.status, "")
			}
			before := w.current()
			w.altered(y.alteration)
			w.want(0, y.want)
			y.taken(w, before)
		})
	}
}

// A command that is killed at any of its effects, and run again at once or after
// an apply, is carried out. No id gets a second value on the way.
func TestAlterKilledAtEveryEffect(t *testing.T) {
	for _, y := range ways() {
		t.Run(y.name, func(t *testing.T) {
			for _, applied := range []bool{false, true} {
				t.Run(fmt.Sprintf("an apply between %v", applied), func(t *testing.T) {
					for kill := 1; kill <= 5; kill++ { // after an effect is before the next one
						t.Run(fmt.Sprintf("after effect %d", kill), func(t *testing.T) {
							t.Parallel()
							y.again(t, kill, applied)
						})
					}
				})
			}
		})
	}
}

// again kills the command after an effect, and runs it once more.
func (y way) again(t *testing.T, kill int, applied bool) {
	w := y.begin(t)
	before := w.current()
	w.effects.reset(kill, true)
	_, _ = w.alter(y.alteration)
	w.effects.reset(0, false)
	if applied {
		w.must(plan.Request{})
	}
	// The command fails if it was carried out the first time. It also fails if the
	// announced lineage is not the one in the store, which a claim resolves.
	if _, err := w.alter(y.alteration); err != nil && strings.Contains(err.Error(), "--claim") {
		w.altered(plan.Alteration{Kind: plan.Claim})
	}
	y.taken(w, before)
}
