package plan_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/keyring"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/secret"
)

// held returns the versions that a reader finds in the store now, as
// "v2 v1<15 Jun": the current one first, then those that still validate, and until
// when.
func (w *world) held(id secret.ID) string {
	w.t.Helper()
	ring := fake.NewReader(w.values[w.storedAs(id).Name], keyring.Base64URL)
	var out []string
	for _, v := range ring.Active(w.in.Now) {
		switch {
		case !ring.Versioned:
			out = append(out, "plain")
		case v.ExpiresAt.IsZero():
			out = append(out, v.ID)
		default:
			out = append(out, v.ID+"<"+strings.TrimSuffix(v.ExpiresAt.Time().Format("2 Jan 15:04"), " 00:00"))
		}
	}
	return strings.Join(out, " ")
}

// docs/design/schedule.md, "Retention": which versions stay when the declaration
// changes. Each case begins with v1 of 10 May and v2 of 1 June.
func TestFault26_Retention(t *testing.T) {
	for _, c := range []struct {
		name     string
		from, to secret.Retention
		allow    bool
		when     string // of the change and the next run
		action   plan.Action
		want     string // held after it
	}{
		{"unchanged", keep(14), keep(14), false, "2 Jun", plan.None, "v2 v1<15 Jun"},
		{"shortened: the promise stays", keep(14), keep(1), false, "5 Jun", plan.None, "v2 v1<15 Jun"},
		{"shortened, and a rotation", keep(60), keep(1), false, "1 Jul", plan.Rotate, "v3 v2<2 Jul v1<31 Jul"},
		{"lengthened: from the switch, not from now", keep(14), keep(30), false, "5 Jun", plan.Extend, "v2 v1<1 Jul"},
		{"lengthened, and a rotation", keep(40), keep(60), false, "1 Jul", plan.Rotate, "v3 v2<30 Aug v1<31 Jul"},
		{"lengthened the moment before expiry", keep(14), keep(30), false, "14 Jun 23:59", plan.Extend, "v2 v1<1 Jul"},
		{"lengthened at expiry: it never returns", keep(14), keep(30), false, "15 Jun", plan.None, "v2"},
		{"lengthened after expiry: it never returns", keep(14), keep(30), false, "16 Jun", plan.Prune, "v2"},
		{"to forever", keep(14), forever, false, "5 Jun", plan.Extend, "v2 v1"},
		{"to forever after expiry", keep(14), forever, false, "16 Jun", plan.Prune, "v2"},
		{"to forever, and a rotation", keep(40), forever, false, "1 Jul", plan.Rotate, "v3 v2 v1"},
		{"back from forever, not allowed", forever, keep(14), false, "5 Jun", plan.Blocked, "v2 v1"},
		{"back from forever: the version's own days", forever, keep(14), true, "5 Jun", plan.Prune, "v2 v1<15 Jun"},
		{"back from forever: not before the change", forever, keep(14), true, "20 Jun", plan.Prune, "v2"},
		{"back from forever, and a rotation", forever, keep(60), true, "1 Jul", plan.Rotate, "v3 v2<30 Aug v1<31 Jul"},
		{"from forever to none, not allowed", forever, none, false, "5 Jun", plan.Blocked, "v2 v1"},
		{"from forever to none", forever, none, true, "5 Jun", plan.Prune, "plain"},
		{"from days to none, not allowed", keep(14), none, false, "5 Jun", plan.Blocked, "v2 v1<15 Jun"},
		{"from days to none", keep(14), none, true, "5 Jun", plan.Prune, "plain"},
		{"from days to none, and a rotation", keep(60), none, true, "1 Jul", plan.Rotate, "plain"},
		{"from none to days, not allowed", none, keep(14), false, "5 Jun", plan.Blocked, "plain"},
		{"from none to days", none, keep(14), true, "5 Jun", plan.Extend, "v2"},
		{"from none to days, and a rotation", none, keep(14), true, "1 Jul", plan.Rotate, "v3 v2<15 Jul"},
		{"from none to forever", none, forever, true, "5 Jun", plan.Extend, "v2"},
		{"allowed where nothing is destroyed", keep(14), keep(14), true, "5 Jun", plan.None, "v2 v1<15 Jun"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, random(sessionKey, c.from))
			w.apply()
			w.at("1 Jun").apply()
			w.at(c.when).declare(random(sessionKey, c.to)).in.Request.AllowDestructive = c.allow
			e := find(t, w.apply(), sessionKey)
			if e.Action != c.action {
				t.Errorf("%s/%s (%s), want %s", e.Action, e.Status, e.Reason, c.action)
			}
			if got := w.held(sessionKey); got != c.want {
				t.Errorf("held after it: %s, want %s", got, c.want)
			}
			if again := w.entry(sessionKey); again.Change != nil {
				t.Errorf("the next run changes it again: %s/%s (%s)", again.Action, again.Status, again.Reason)
			}
		})
	}
}

// A reader that asks for the version of a time when a removed version was current
// must learn that it is gone, and not get the version before it.
func TestFault41_ARemovedVersionKeepsItsTime(t *testing.T) {
	w := newWorld(t, random(sessionKey, keep(90)))
	w.apply()
	w.at("1 Jun").apply()                                      // v1 until 30 August
	w.at("1 Jul").declare(random(sessionKey, keep(7))).apply() // v2 until 8 July
	if e := find(t, w.at("9 Jul").apply(), sessionKey); e.Status != plan.ExpiredVersions {
		t.Fatalf("%s/%s, want v2 pruned", e.Action, e.Status)
	}
	ring := fake.NewReader(w.values[w.storedAs(sessionKey).Name], "")
	if _, err := ring.At(fake.Date(t, "15 Jun"), w.in.Now); err != fake.ErrNoLongerRetained {
		t.Errorf("current on 15 June: %v, want no longer retained", err)
	}
	if v, err := ring.At(fake.Date(t, "20 May"), w.in.Now); err != nil || v.ID != "v1" {
		t.Errorf("current on 20 May: %s, %v, want v1", v.ID, err)
	}
	if got := len(w.entry(sessionKey).Versions); got != 2 {
		t.Errorf("the plan shows %d versions, want the two that are held", got)
	}
	w.at("31 Jul").apply()
	w.at("1 Sep").apply()
	if v := w.state(sessionKey).Versions[0]; v.Gone {
		t.Errorf("the state still lists %s, which is gone and has no older version behind it", v.Number)
	}
}

// When retain_forever ends, no version expires in the past: a reader whose clock
// is a little behind may still use it.
func TestBackFromForeverExpiresNowAtTheEarliest(t *testing.T) {
	w := newWorld(t, random(sessionKey, forever))
	w.apply()
	w.at("1 Jun").apply()
	w.at("20 Jun").declare(random(sessionKey, keep(14))).in.Request.AllowDestructive = true
	w.apply()
	ring := fake.NewReader(w.values[w.storedAs(sessionKey).Name], "")
	if _, err := ring.Version("v1", w.in.Now.Add(-time.Minute)); err != nil {
		t.Errorf("a minute before the change: %v", err)
	}
	if _, err := ring.Version("v1", w.in.Now); err != fake.ErrNoLongerRetained {
		t.Errorf("from the change on: %v, want no longer retained", err)
	}
}

// A plain value holds one version. A version that had just expired when the
// retention ended must not cause a second write.
func TestNothingIsPrunedFromAPlainValue(t *testing.T) {
	w := newWorld(t, random(sessionKey, keep(14)))
	w.apply()
	w.at("1 Jun").apply()
	w.at("15 Jun 00:02").declare(random(sessionKey, none)).in.Request.AllowDestructive = true
	w.apply()
	if e := w.at("15 Jun 00:10").entry(sessionKey); e.Action != plan.None {
		t.Errorf("%s/%s (%s), want none: the store holds the plain value", e.Action, e.Status, e.Reason)
	}
}

// A secret that was deleted in the store is written again with the same bytes and
// dates.
func TestRecoveryRebuildsTheSameValue(t *testing.T) {
	w := newWorld(t, random(sessionKey, keep(90)))
	w.apply()
	w.at("1 Jun").apply()
	w.at("1 Jul").apply()
	name := w.storedAs(sessionKey).Name
	before := w.values[name].Reveal()
	w.in.Store.Secrets, w.values = nil, map[string]secret.Value{}
	if e := find(t, w.at("10 Jul").apply(), sessionKey); e.Action != plan.Recover || e.Next != 0 {
		t.Errorf("%s to %s, want recover without a new version", e.Action, e.Next)
	}
	if diff := cmp.Diff(before, w.values[name].Reveal()); diff != "" {
		t.Errorf("the recovered value differs: -before +after\n%s", diff)
	}
}

// An unfinished rotation gets new dates and keeps its value (fault 2), because the
// value may have been sent and read already.
func TestRedatedKeepsItsValue(t *testing.T) {
	w := newWorld(t, random(sessionKey, keep(14)))
	w.apply()
	w.at("1 Jun").announce()
	announced := w.in.Journal.Entries[sessionKey].Intent.Next
	longer := random(sessionKey, keep(30))
	longer.Bytes = 64
	w.at("2 Jun").declare(longer).in.Ring = fake.RootKeys(t, 'b', 'a')
	w.apply()
	next := w.state(sessionKey)
	was, _ := announced.Versions.Find(2)
	is, _ := next.Versions.Find(2)
	if is.Bytes != was.Bytes || is.RootKey != was.RootKey || next.Lineage != announced.Lineage || next.StoreName != announced.StoreName {
		t.Errorf("v2 has another value: %+v, announced was %+v", is, was)
	}
	if got, want := w.held(sessionKey), "v2 v1<2 Jul"; got != want || !is.ActiveFrom.Equal(w.in.Now) {
		t.Errorf("held %s, want %s; v2 active from %s, want the day it was written", got, want, is.ActiveFrom)
	}
	if w.in.Journal.Entries[sessionKey].Serial <= announced.Serial {
		t.Error("the serial of the announced write is used again")
	}
}

// `bytes` changes at the next rotation, and the old version keeps its length.
func TestFault26_BytesChangeAtTheNextRotation(t *testing.T) {
	w := newWorld(t, random(sessionKey, keep(14)))
	w.apply()
	longer := random(sessionKey, keep(14))
	longer.Bytes = 64
	if e := w.declare(longer).entry(sessionKey); e.Action != plan.None {
		t.Errorf("%s/%s at once", e.Action, e.Status)
	}
	w.at("1 Jun").apply()
	versions := w.state(sessionKey).Versions
	if versions[0].Bytes != 32 || versions[1].Bytes != 64 {
		t.Errorf("v1 has %d bytes and v2 %d, want 32 and 64", versions[0].Bytes, versions[1].Bytes)
	}
}

// A version id that the store refused stays void, whatever is written next.
// Otherwise one id could have two values (P3).
func TestARefusedVersionIsNeverUsedAgain(t *testing.T) {
	w := newWorld(t, random(sessionKey, keep(14)))
	w.apply()
	w.at("1 Jun").apply()
	w.at("2 Jun")
	force(w, "run-2")
	refused := find(t, w.announce(), sessionKey)
	w.refuse(sessionKey, refused.Change.Write.Cause)
	w.in.Request = plan.Request{Run: "run-3"}
	w.at("3 Jun").declare(random(sessionKey, keep(30)))
	if e := find(t, w.apply(), sessionKey); e.Action != plan.Extend {
		t.Fatalf("%s/%s, want extend", e.Action, e.Status)
	}
	if e := w.at("1 Jul").entry(sessionKey); e.Next <= refused.Next {
		t.Errorf("next is %s, though %s was refused and is void", e.Next, refused.Next)
	}
}

// A refused write is tried again only when something it depends on has changed.
func TestRefusedIsTriedAgain(t *testing.T) {
	refused := func(t *testing.T) *world {
		w := newWorld(t, random(sessionKey, keep(14)))
		w.apply()
		p := w.at("1 Jun").announce()
		w.refuse(sessionKey, find(t, p, sessionKey).Change.Write.Cause)
		return w.later(time.Hour)
	}
	for _, c := range []struct {
		name   string
		change func(*world)
		want   plan.Status
	}{
		{"nothing changed", func(*world) {}, plan.WriteRefused},
		{"moved in the source", func(w *world) { w.in.Document.Secrets[0].Source.Line = 40 }, plan.WriteRefused},
		{"another secret was added", func(w *world) { w.supply(random("x/y", none)) }, plan.WriteRefused},
		{"fewer bytes declared", func(w *world) { w.in.Document.Secrets[0].Bytes = 16 }, plan.Due},
		{"retention changed", func(w *world) { w.declare(random(sessionKey, keep(7))) }, plan.Due},
		{"the store's limit changed", func(w *world) { w.in.Store.ValueLimit = 1 << 20 }, plan.Due},
		{"the quota changed", func(w *world) { w.in.Store.Quota = 200 }, plan.Due},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := refused(t)
			c.change(w)
			if e := w.entry(sessionKey); e.Status != c.want {
				t.Errorf("%s/%s (%s), want %s", e.Action, e.Status, e.Reason, c.want)
			}
		})
	}
}
