package plan_test

import (
	"testing"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/secret"
)

// DueAt is the slot that makes a secret due, NextDueAt the slot after the planned
// action. An apply must keep to both.
func TestDates(t *testing.T) {
	for _, c := range []struct {
		name      string
		world     func(*world)
		due, next string // "" is none
	}{
		{"created before startAt", func(*world) {}, "", "1 Jun"},
		{"created at startAt: v1 takes it", func(w *world) { w.at("1 Jun") }, "", "1 Jul"},
		{"created after startAt", func(w *world) { w.at("10 Jun") }, "", "1 Jul"},
		{"created, without startAt", func(w *world) { w.declare(anchored(random(sessionKey, keep(14)))) }, "", "9 Jun"},
		{"created, without a rotation", func(w *world) { w.declare(unrotated(random(sessionKey, none))) }, "", ""},
		{"waiting", func(w *world) { w.apply(); w.at("20 May") }, "", "1 Jun"},
		{"due", func(w *world) { w.apply(); w.at("1 Jun 03:00") }, "1 Jun", "1 Jul"},
		{"late: the slots stay", func(w *world) { w.apply(); w.at("9 Jun") }, "1 Jun", "1 Jul"},
		{"late: the next slot comes too soon", func(w *world) { w.apply(); w.at("28 Jun") }, "1 Jun", "31 Jul"},
		{"after an outage: the latest slot", func(w *world) { w.apply(); w.at("20 Aug") }, "31 Jul", "30 Aug"},
		{"passed over", func(w *world) { w.apply(); w.at("28 Jun").apply(); w.at("2 Jul") }, "", "31 Jul"},
		{"forced between slots", func(w *world) { w.apply(); w.at("1 Jun").apply(); w.at("29 Jun"); force(w, "run-2") }, "", "1 Jul"},
		{"forced just after a slot", func(w *world) { w.apply(); w.at("1 Jun").apply(); w.at("1 Jul 01:00"); force(w, "run-2") }, "1 Jul", "31 Jul"},
		{"forced in place of a slot", func(w *world) {
			w.apply()
			w.at("31 May 12:00")
			force(w, "run-2")
			w.apply()
			w.at("1 Jun")
		}, "1 Jun", "1 Jul"},
		{"blocked: still due", func(w *world) { w.apply(); w.at("1 Jun").storedAs(sessionKey).Comment = "" }, "1 Jun", "1 Jul"},
		{"written and not recorded: the slot is taken", func(w *world) { w.apply(); w.at("1 Jun").announce(); w.write(sessionKey) }, "", "1 Jul"},
		{"everyDays shortened: a slot before the switch counts for nothing", func(w *world) {
			w.apply()
			w.at("1 Jun").apply()
			w.at("2 Jun").declare(fake.RandomSecret(sessionKey, 7, keep(14))) // slots 1, 8, 15 June
		}, "", "8 Jun"},
		{"everyDays shortened: a slot was passed", func(w *world) {
			w.apply()
			w.at("1 Jun").apply()
			w.at("9 Jun").declare(fake.RandomSecret(sessionKey, 7, keep(14)))
		}, "8 Jun", "15 Jun"},
		{"everyDays lengthened", func(w *world) {
			w.apply()
			w.at("1 Jun").apply()
			w.at("2 Jul").declare(fake.RandomSecret(sessionKey, 45, keep(14)))
		}, "", "16 Jul"},
		{"startAt moved into the future", func(w *world) { w.apply(); w.at("1 Jul").declare(startAt(t, "1 Sep")) }, "", "1 Sep"},
		{"startAt removed: from v1's switch", func(w *world) {
			w.apply()
			w.at("1 Jun").apply()
			w.declare(anchored(random(sessionKey, keep(14))))
		}, "", "9 Jun"},
		{"product-owned: from its last change in the store", func(w *world) {
			p := product(sessionKey)
			w.declare(p).at("2 Jun").supply(p).at("10 Jun")
		}, "", "1 Jul"},
		{"product-owned, due", func(w *world) { p := product(sessionKey); w.declare(p).supply(p).at("2 Jun") }, "1 Jun", "1 Jul"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, random(sessionKey, keep(14)))
			c.world(w)
			e := w.entry(sessionKey)
			if want := fake.Date(t, c.due); !e.DueAt.Equal(want) {
				t.Errorf("due at %s, want %s", e.DueAt.Text(), want.Text())
			}
			if want := fake.Date(t, c.next); !e.NextDueAt.Equal(want) {
				t.Errorf("next due at %s, want %s", e.NextDueAt.Text(), want.Text())
			}
			if !e.Writes() {
				return
			}
			if got := e.Change.Entry.Intent.Slot; !got.Equal(e.DueAt) {
				t.Errorf("the intent records slot %s, want %s", got.Text(), e.DueAt.Text())
			}
			w.apply()
			if after := w.entry(sessionKey).NextDueAt; !after.Equal(e.NextDueAt) {
				t.Errorf("after the action it is next due at %s, the plan said %s", after.Text(), e.NextDueAt.Text())
			}
		})
	}
}

// anchored returns a declaration without startAt.
func anchored(d secret.Declaration) secret.Declaration {
	rotation := *d.Rotation
	rotation.StartAt = secret.Instant{}
	d.Rotation = &rotation
	return d
}

func startAt(t *testing.T, when string) secret.Declaration {
	d := random(sessionKey, keep(14))
	d.Rotation.StartAt = fake.Date(t, when)
	return d
}

// One slot gives at most one rotation (P4), even if the outcome was not recorded.
func TestASlotRotatesOnce(t *testing.T) {
	w := newWorld(t, random(sessionKey, keep(14)))
	w.apply()
	w.at("1 Jun").announce()
	w.write(sessionKey)
	w.at("2 Jun").apply()
	if e := w.entry(sessionKey); e.Action != plan.None || e.Current != 2 {
		t.Errorf("%s/%s at %s, want none at v2", e.Action, e.Status, e.Current)
	}
	events := w.in.Journal.Entries[sessionKey].Events
	if last := events[len(events)-1]; !last.Slot.Equal(fake.Date(t, "1 Jun")) || last.Version != 2 {
		t.Errorf("the journal records %s for slot %s, want v2 for 1 June", last.Version, last.Slot.Text())
	}
}

// A clock behind the journal blocks every entry. Entries that do not verify are
// left out, because otherwise one edit could stop all rotation.
func TestClockBehindJournal(t *testing.T) {
	w := newWorld(t, random("a/new", none), random(sessionKey, keep(14)), static("z/static"))
	w.apply()
	w.declare(random("a/other", none), random("a/new", none), product("z/product"))
	for _, e := range plan.Make(w.at("9 May").in).Entries {
		if e.Status != plan.ClockBehindJournal || e.Change != nil {
			t.Errorf("%s: %s/%s, want it blocked", e.ID, e.Action, e.Status)
		}
	}
	w = newWorld(t, random("a/new", none), random(sessionKey, keep(14)))
	w.apply()
	entry := *w.in.Journal.Entries[sessionKey]
	state := *entry.State
	state.Versions = append(state.Versions[:0:0], state.Versions...)
	state.Versions[0].ActiveFrom = fake.Date(t, "1 Dec")
	entry.State = &state
	edited := w.in.Journal.With(sessionKey, &entry)
	w.in.Journal = &edited
	if e := w.entry("a/new"); e.Action != plan.None {
		t.Errorf("a/new: %s/%s, though only the edited entry is dated in the future", e.Action, e.Status)
	}
	if e := w.entry(sessionKey); e.Status != plan.JournalTampered {
		t.Errorf("the edited entry: %s/%s", e.Action, e.Status)
	}
}

// With a new root key before the old one, old versions stay as they are and new
// ones are derived from the new key (fault 38).
func TestRootKeyReplaced(t *testing.T) {
	w := newWorld(t, random(sessionKey, keep(14)))
	w.apply()
	old := w.in.Ring.First().Fingerprint()
	w.at("1 Jun").in.Ring = fake.RootKeys(t, 'b', 'a')
	if e := w.entry(sessionKey); e.Status != plan.Due {
		t.Fatalf("%s/%s (%s), want it to rotate", e.Action, e.Status, e.Reason)
	}
	w.apply()
	versions := w.state(sessionKey).Versions
	if versions[0].RootKey != old || versions[1].RootKey != w.in.Ring.First().Fingerprint() {
		t.Errorf("v1 names key %s and v2 %s, want the old and the new one", versions[0].RootKey, versions[1].RootKey)
	}
	w.in.Ring = fake.RootKeys(t, 'b')
	if e := w.at("2 Jun").entry(sessionKey); e.Action != plan.None {
		t.Errorf("%s/%s, want none: there is nothing to write", e.Action, e.Status)
	}
	w.at("16 Jun").apply()
	if got, want := w.held(sessionKey), "v2"; got != want {
		t.Errorf("without the old key, which only v1 needed: held %s, want %s", got, want)
	}
}
