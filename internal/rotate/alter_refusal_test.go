package rotate_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
)

// An alteration that does not fit a secret's standing changes nothing, and the
// error says what would help.
func TestAlterRefused(t *testing.T) {
	kind := func(k plan.AlterationKind) plan.Alteration { return plan.Alteration{Kind: k} }
	product := func(w *world) {
		w.declared[0].Kind, w.declared[0].Ownership = secret.Generated, &secret.Ownership{OwnerProduct: "r2"}
	}
	static := func(w *world) {
		w.declared[0].Kind, w.declared[0].Bytes = secret.Static, 0
		w.day("05-10").altered(set("the-first-value-given"))
	}
	gone := func(w *world) { rotated(w); w.forget() }
	flying := func(w *world) {
		created(w)
		w.place.(*repository).locked = false
		w.day("06-01").effects.reset(3, true)
		_, _ = w.run(plan.Request{})
		w.effects.reset(0, false)
	}
	imported := `{"current":"v1","versions":{"v1":{"value":"another-first-value"}}}`
	for _, test := range []struct {
		name       string
		prepare    func(*world)
		alteration plan.Alteration
		want       string
	}{
		{"set of a product-owned secret", product, set(given), "belongs to r2"},
		{"adopt without a need", created, adopt(given), "needs no adoption"},
		{"discard without a need", created, kind(plan.Discard), "needs no adoption"},
		{"claim of an own secret", created, kind(plan.Claim), ""},
		{"restamp of a secret with its receipt", created, kind(plan.Restamp), "carries its receipt"},
		{"rewrite of a secret never written", func(w *world) { w.day("05-10").edit(0, theirs, "") }, kind(plan.Rewrite), "holds no version"},
		{"restamp of a secret never written", func(w *world) { w.day("05-10").edit(0, theirs, "") }, kind(plan.Restamp), "holds no version"},
		{"import over versions", created, set(imported), "has versions already"},
		{"import without retention", func(w *world) { w.declared[0].Rotation.Retain = latest }, set(imported), "keeps no old versions"},
		{"revoke of a version not held", created, plan.Alteration{Kind: plan.Revoke, Version: 7}, "does not hold v7\nit holds v1"},
		{"revoke before the first version", func(w *world) { w.day("05-10") }, plan.Alteration{Kind: plan.Revoke, Version: 1}, "no versions yet"},
		{"revoke of an operator's current value", static, plan.Alteration{Kind: plan.Revoke, Version: 1}, "set a new value first"},
		{"discard of an operator's value", func(w *world) { static(w); w.edit(0, theirs, "") }, kind(plan.Discard), "give its value instead"},
		{"set while another run may write", flying, set(given), "in_flight"},
		{"rewrite without a journal", gone, kind(plan.Rewrite), "journal_lost"},
		{"set of another journal's secret", func(w *world) { gone(w); w.place.(*repository).id = 4712 }, set(given), "foreign_owner"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := inRepository(t, "2026-05-01T00:00:00Z", monthly("cookies", overlap))
			w.place = &repository{locked: true}
			test.prepare(w)
			w.untouched(func() {
				if _, err := w.alter(test.alteration); err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("got %v, want %q", err, test.want)
				}
			})
		})
	}
}

// A retained value from outside is kept sealed. It is written again with all the
// others after the secret was deleted in the store.
func TestAlterValuesFromOutsideAreRebuilt(t *testing.T) {
	w := newWorld(t, "2026-05-10T03:00:00Z", supplied("payments", forever))
	for i, value := range []string{"the-first-value-given", "the-second-value-given", strings.Repeat("long ", 100)} {
		w.altered(set(value))
		if got := w.entry(0).State.Current; got != secret.Version(i+1) {
			t.Fatalf("the value is %s, want v%d", got, i+1)
		}
		w.later(secret.Day)
	}
	want := w.values()[w.name(0)]
	w.remove(0)
	w.must(plan.Request{})
	if got := w.values()[w.name(0)]; got != want {
		t.Error("the secret was recreated with other bytes")
	}
	w.want(0, "v3 v1 v2")
	w.checkPromises()
}

// A value from outside that is not retained is only in the store, and cannot be
// written again.
func TestAlterPlainValueFromOutsideIsLost(t *testing.T) {
	w := newWorld(t, "2026-05-10T03:00:00Z", supplied("payments", latest))
	w.altered(set(given))
	w.checkPromises()
	w.remove(0)
	w.blocked(0, plan.ExternalValueRequired, "secret set")
	w.altered(set(given + " again"))
	w.want(0, "v2")
	w.checkPromises()
}

// If a set is killed before its write and the value is not retained, the value is
// lost. The rotations of a generated secret must still go on.
func TestAlterKilledSetStopsNoRotation(t *testing.T) {
	w := newWorld(t, "2026-05-01T00:00:00Z", monthly("cookies", latest))
	created(w)
	w.effects.reset(3, true)
	_, _ = w.alter(set(given))
	w.effects.reset(0, false)
	w.day("06-01").must(plan.Request{})
	w.want(0, "v3") // v2 was announced and is void
	w.checkPromises()
}

// A refused adoption does not make a change by hand ours.
func TestAlterRefusedLeavesTheDrift(t *testing.T) {
	w := newWorld(t, "2026-05-01T00:00:00Z", monthly("cookies", overlap))
	rotated(w)
	w.day("06-05").edit(0, theirs, w.comment(0))
	w.later(secret.Day).blocked(0, plan.Drift, "secret adopt")
	w.fault = on(fake.KindChangeSecret, fake.StoreRefuses(http.StatusBadRequest, 1002, "secret_value_too_long"))
	result, err := w.alter(adopt(theirs))
	if err != nil || result.Outcomes[w.declared[0].ID].Result != rotate.Failed {
		t.Fatalf("%+v, %v", result.Outcomes, err)
	}
	w.blocked(0, plan.Drift, "secret adopt")
}

// A secret that an operator supplies can be taken over by giving its value, if its
// journal is lost or belongs to another repository.
func TestAlterSuppliedSecretWithoutJournal(t *testing.T) {
	for name, lose := range map[string]func(*world){
		"journal lost":      func(w *world) { w.forget() },
		"another journal's": func(w *world) { w.forget(); w.place.(*repository).id = 4712 },
	} {
		t.Run(name, func(t *testing.T) {
			w := inRepository(t, "2026-05-10T03:00:00Z", supplied("payments", latest))
			w.altered(set("the-first-value-given"))
			w.later(secret.Day).altered(set("the-second-value-given"))
			lose(w)
			w.later(secret.Day)
			ways := []plan.Alteration{adopt(given), set(given), {Kind: plan.Discard}, {Kind: plan.Claim}}
			var refusals []string
			for _, a := range ways {
				_, err := w.alter(a)
				if err == nil {
					w.want(0, "v3")
					w.checkPromises()
					return
				}
				refusals = append(refusals, err.Error())
			}
			t.Errorf("every alteration is refused:\n%s", strings.Join(refusals, "\n"))
		})
	}
}

// Versions and serials of a lost journal are not used again.
func TestAlterDiscardGoesAboveALostJournal(t *testing.T) {
	w := inRepository(t, "2026-05-01T00:00:00Z", monthly("cookies", latest))
	r := w.place.(*repository)
	created(w)
	r.merge()
	for _, day := range []string{"06-01", "07-01", "08-01"} {
		w.day(day).must(plan.Request{})
	}
	lost := w.entry(0)
	r.bot = ""
	r.prune()
	w.later(secret.Day).blocked(0, plan.JournalLost, "--discard-current")
	w.altered(plan.Alteration{Kind: plan.Discard})
	w.want(0, "v5")
	if got := w.entry(0); got.Lineage() == lost.Lineage() && got.Serial <= lost.Serial {
		t.Errorf("serial %d of the same lineage, which had reached %d", got.Serial, lost.Serial)
	}
	w.checkPromises()
}

// Importing a value does not expire a version that is published before its use.
func TestAlterImportKeepsWhatIsStaged(t *testing.T) {
	w := newWorld(t, "2026-05-10T03:00:00Z", supplied("payments", overlap))
	w.altered(set(`{"current":"v1","versions":{"v1":{"value":"the-first-value","activeFrom":"2026-05-01T00:00:00.000Z"},"v2":{"value":"the-second-value"}}}`))
	w.want(0, "v1 v2")
	w.later(secret.Day).must(plan.Request{})
	w.want(0, "v1 v2")
	w.checkPromises()
}

// Restamping leaves the value as it is. The next apply prunes a version that has
// expired meanwhile.
func TestAlterRestampLeavesPruning(t *testing.T) {
	w := newWorld(t, "2026-05-01T00:00:00Z", monthly("cookies", overlap))
	rotated(w)
	w.day("06-20").edit(0, w.values()[w.name(0)], "")
	w.altered(plan.Alteration{Kind: plan.Restamp})
	w.must(plan.Request{})
	w.want(0, "v2")
	w.checkPromises()
}

// A value from outside that was set without retention was not kept. When a
// retention is declared later, setting the value again must unblock the secret.
func TestAlterSetBeforeARetentionIsAllowed(t *testing.T) {
	w := newWorld(t, "2026-05-10T03:00:00Z", supplied("payments", latest))
	w.altered(set("the-first-value-given"))
	w.declared[0].Rotation = supplied("payments", overlap).Rotation
	w.later(secret.Day).blocked(0, plan.FormChange, "--allow-destructive")
	if e := w.planned(w.must(plan.Request{AllowDestructive: true}), 0); e.Status != plan.ExternalValueRequired || !strings.Contains(e.Advice, "secret set") {
		t.Fatalf("allowed, with a value that was not kept: %s/%s, %s", e.Action, e.Status, e.Advice)
	}
	w.altered(set(given))
	if got := w.values()[w.name(0)]; got != given {
		t.Errorf("readers of the plain value find another form: %q", got)
	}
	w.must(plan.Request{AllowDestructive: true})
	w.want(0, "v2")
	if got := w.values()[w.name(0)]; !strings.HasPrefix(got, "{") {
		t.Errorf("the change was allowed, and the value is still plain: %q", got)
	}
	w.checkPromises()
}
