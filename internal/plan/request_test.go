package plan_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/secret"
)

// shown returns a plan in short, with entries such as "auth/a create/missing".
func shown(p plan.Plan) []string {
	var out []string
	for _, e := range p.Entries {
		out = append(out, fmt.Sprintf("%s %s/%s", e.ID, e.Action, e.Status))
	}
	return out
}

// "Re-run jobs" starts a forced run again with the same id. That must not rotate
// a second time (fault 21).
func TestForceOncePerRun(t *testing.T) {
	w := newWorld(t, random(sessionKey, keep(14)))
	w.apply()
	w.at("20 May")
	force(w, "run-2")
	w.apply()
	if e := w.later(24 * time.Hour).entry(sessionKey); e.Action != plan.None {
		t.Errorf("the same run again: %s/%s", e.Action, e.Status)
	}
	force(w, "run-3")
	if e := w.entry(sessionKey); e.Status != plan.Forced || !strings.Contains(e.Reason, "leaked") {
		t.Errorf("another run: %s/%s (%s)", e.Action, e.Status, e.Reason)
	}
}

// A forced run that was killed after its write, and is started again, does not
// make a second version.
func TestForceOncePerRunThatWasKilled(t *testing.T) {
	w := newWorld(t, random(sessionKey, keep(14)))
	w.apply()
	w.at("20 May")
	force(w, "run-2")
	w.announce()
	w.write(sessionKey)
	if e := w.later(time.Minute).entry(sessionKey); e.Status != plan.UnfinishedIntent || e.Next != 0 {
		t.Errorf("the same run again: %s/%s, next %s", e.Action, e.Status, e.Next)
	}
}

// A secret whose value layer cannot make stays blocked when it is forced.
func TestForceLeavesSuppliedSecretsBlocked(t *testing.T) {
	for _, c := range []struct {
		name     string
		declared secret.Declaration
		want     plan.Status
	}{
		{"product-owned", product(sessionKey), plan.ProviderFlowRequired},
		{"product-owned, without a rotation", unrotated(product(sessionKey)), plan.ProviderFlowRequired},
		{"static", static(sessionKey), plan.ExternalValueRequired},
		{"static, without a rotation", unrotated(static(sessionKey)), plan.ExternalValueRequired},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, c.declared)
			w.supply(c.declared)
			if c.declared.External() {
				adopt(w, c.declared)
			}
			force(w, "run-2")
			if e := w.entry(sessionKey); e.Action != plan.Blocked || e.Status != c.want {
				t.Errorf("%s/%s (%s), want blocked/%s", e.Action, e.Status, e.Reason, c.want)
			}
		})
	}
}

// A static secret that an operator put into the store by hand cannot be forced
// either.
func TestForceOfAnUnmanagedStaticSecret(t *testing.T) {
	w := newWorld(t, unrotated(static(sessionKey)))
	w.supply(unrotated(static(sessionKey)))
	force(w, "run-2")
	if e := w.entry(sessionKey); e.Action != plan.Blocked {
		t.Errorf("%s/%s (%s), want it blocked", e.Action, e.Status, e.Reason)
	}
}

// `--only` filters entries and summary, and the other secrets take no room in the
// account.
func TestOnly(t *testing.T) {
	w := newWorld(t, random("auth/a", none), random("auth/b", none))
	w.in.Store.Quota = 1
	w.in.Request.Only = []secret.ID{"auth/b"}
	want := []string{"auth/b create/missing"}
	if diff := cmp.Diff(want, shown(plan.Make(w.in))); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestOnlyForcesNoOtherSecret(t *testing.T) {
	w := newWorld(t, random("auth/a", none), random("auth/b", none))
	w.apply()
	force(w, "run-2")
	w.in.Request.Only = []secret.ID{"auth/b"}
	w.apply()
	if a, b := w.state("auth/a").Current, w.state("auth/b").Current; a != 1 || b != 2 {
		t.Errorf("auth/a is at %s and auth/b at %s, want v1 and v2", a, b)
	}
}

// If the account has no room for all new secrets, the first by id get it.
func TestQuotaGoesToTheFirstByID(t *testing.T) {
	w := newWorld(t, random("auth/c", none), random("auth/a", none), random("auth/b", none))
	w.in.Store.Quota = 2
	want := []string{"auth/a create/missing", "auth/b create/missing", "auth/c blocked/quota_exceeded"}
	if diff := cmp.Diff(want, shown(plan.Make(w.in))); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	w.in.Store.Usage = 1 // secrets of other stores count too
	if n := plan.Make(w.in).Count(plan.Create); n != 1 {
		t.Errorf("with one secret in another store %d are created, want 1", n)
	}
	w.in.Store.Quota = 0
	if n := plan.Make(w.in).Count(plan.Create); n != 3 {
		t.Errorf("without a quota %d are created, want 3", n)
	}
}

// Each entry counts once, so the counts add up to the number of entries.
func TestSummary(t *testing.T) {
	w := newWorld(t,
		random("a/due", keep(14)), unrotated(random("a/once", none)), random("a/orphan", keep(3)))
	w.apply()
	w.declare(
		random("a/due", keep(14)), unrotated(random("a/once", none)), random("a/new", none), static("a/static"))
	p := plan.Make(w.at("1 Jun").in)
	want := []string{
		"a/due rotate/due", "a/new create/missing", "a/once none/no_rotation", "a/static blocked/external_value_required",
		"a/orphan orphaned/orphaned",
	}
	if diff := cmp.Diff(want, shown(p)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	sum := 0
	for _, action := range []plan.Action{plan.Create, plan.Rotate, plan.Recover, plan.Extend, plan.Prune, plan.None, plan.Orphaned, plan.Blocked} {
		sum += p.Count(action)
	}
	if sum != len(p.Entries) || p.Changes() != 2 || !p.Pending() {
		t.Errorf("the counts add up to %d of %d entries, %d changes, pending %v", sum, len(p.Entries), p.Changes(), p.Pending())
	}
	w.declare(unrotated(random("a/once", none)))
	if p := plan.Make(w.in); p.Pending() || p.Changes() != 0 {
		t.Errorf("nothing to do, yet pending %v: %s", p.Pending(), shown(p))
	}
}

// A check without credentials plans from the journal alone, and needs no root
// key.
func TestJournalOnlyCheck(t *testing.T) {
	declared := []secret.Declaration{
		random("a/due", keep(14)), unrotated(random("a/kept", none)), random("a/new", none), product("b/product"), static("b/static"), unrotated(static("b/there")),
	}
	w := newWorld(t, declared[:2]...)
	w.apply()
	w.at("1 Jun").declare(declared...)
	w.in.Store = nil
	want := []string{
		"a/due rotate/due", "a/kept none/no_rotation", "a/new create/missing", "b/product none/not_due", "b/static none/not_due", "b/there none/no_rotation",
	}
	for _, name := range []string{"with the root key", "without"} {
		p := plan.Make(w.in)
		if diff := cmp.Diff(want, shown(p)); diff != "" || p.Store != plan.NotConsulted {
			t.Errorf("%s: store %q, -want +got\n%s", name, p.Store, diff)
		}
		w.in.Ring = fake.RootKeys(t)
	}
}

// Without the root key a check cannot verify an entry, and plans it as it is.
func TestUnverifiedWithoutRootKey(t *testing.T) {
	w := newWorld(t, random(sessionKey, keep(14)))
	w.apply()
	w.in.Journal.Entries[sessionKey].HMAC = "none"
	if e := w.entry(sessionKey); e.Status != plan.JournalTampered {
		t.Errorf("with the root key: %s/%s", e.Action, e.Status)
	}
	w.in.Ring = fake.RootKeys(t)
	if e := w.entry(sessionKey); e.Status != plan.NotDue {
		t.Errorf("without: %s/%s (%s)", e.Action, e.Status, e.Reason)
	}
}

// The advice for a blocked secret can be pasted into a shell, whatever the
// secret's name (fault 39).
func TestAdviceCanBePasted(t *testing.T) {
	for id, want := range map[secret.ID]string{
		"auth/api-key":   "`layer secret set auth/api-key --value-env VAR --env production --local`",
		"auth/it's; rm":  `layer secret set 'auth/it'\''s; rm' --value-env VAR`,
		"-auth/api-key":  "layer secret set '-auth/api-key' --value-env VAR",
		"auth/$(whoami)": "layer secret set 'auth/$(whoami)' --value-env VAR",
	} {
		w := newWorld(t, static(id))
		w.in.Store.Name = plan.LocalStore
		if got := w.entry(id).Advice; !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
