package plan_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/secret"
)

// hints returns the secrets that the plan believes were renamed.
func hints(p plan.Plan) []string {
	var out []string
	for _, d := range p.Diagnostics {
		if d.Code == "looks_like_rename" && d.Severity == secret.Warning {
			_, new, _ := strings.Cut(d.Message, `"`)
			new, _, _ = strings.Cut(new, `"`)
			out = append(out, new)
		}
	}
	return out
}

// under returns a declaration with another store name.
func under(d secret.Declaration, storeName string) secret.Declaration {
	d.StoreName = storeName
	return d
}

// Fault 27: the old secret is orphaned and left as it is, the new one is created,
// and the plan says that this looks like a rename.
func TestFault27_Renamed(t *testing.T) {
	for _, c := range []struct {
		name          string
		before, after []secret.Declaration
		want, hints   []string
	}{
		{"name changed",
			[]secret.Declaration{random("auth/a", keep(14))}, []secret.Declaration{random("auth/b", keep(14))},
			[]string{"auth/b create/missing", "auth/a orphaned/orphaned"}, []string{"auth/b"}},
		{"namespace changed, of two secrets",
			[]secret.Declaration{random("auth/a", keep(14)), random("auth/b", keep(14))},
			[]secret.Declaration{random("web/a", keep(14)), random("web/b", keep(14))},
			[]string{"web/a create/missing", "web/b create/missing", "auth/a orphaned/orphaned", "auth/b orphaned/orphaned"}, []string{"web/a", "web/b"}},
		{"project and so store name changed",
			[]secret.Declaration{random("auth/a", keep(14))}, []secret.Declaration{under(random("auth/a", keep(14)), "lo_other")},
			[]string{"auth/a create/missing", displaced("auth/a") + " orphaned/orphaned"}, []string{"auth/a"}},
		{"project changed, with two secrets in a namespace",
			[]secret.Declaration{random("auth/a", keep(14)), random("auth/b", keep(14))},
			[]secret.Declaration{under(random("auth/a", keep(14)), "lo_a"), under(random("auth/b", keep(14)), "lo_b")},
			[]string{"auth/a create/missing", "auth/b create/missing", displaced("auth/a") + " orphaned/orphaned", displaced("auth/b") + " orphaned/orphaned"},
			[]string{"auth/a", "auth/b"}},
		{"one of two new secrets, because an operator supplies the other's value",
			[]secret.Declaration{random("auth/a", none)}, []secret.Declaration{random("auth/b", none), static("auth/c")},
			[]string{"auth/b create/missing", "auth/c blocked/external_value_required", "auth/a orphaned/orphaned"}, []string{"auth/b"}},
		{"one of two secrets, and either is possible",
			[]secret.Declaration{random("auth/a", none), random("auth/b", none)}, []secret.Declaration{random("auth/c", none)},
			[]string{"auth/c create/missing", "auth/a orphaned/orphaned", "auth/b orphaned/orphaned"}, []string{"auth/c", "auth/c"}},
		{"another retention: not the same secret",
			[]secret.Declaration{random("auth/a", keep(14))}, []secret.Declaration{random("auth/b", keep(30))},
			[]string{"auth/b create/missing", "auth/a orphaned/orphaned"}, nil},
		{"neither name nor namespace in common",
			[]secret.Declaration{random("auth/a", keep(14))}, []secret.Declaration{random("web/b", keep(14))},
			[]string{"web/b create/missing", "auth/a orphaned/orphaned"}, nil},
		{"removed",
			[]secret.Declaration{random("auth/a", keep(14))}, nil, []string{"auth/a orphaned/orphaned"}, nil},
		{"renamed under the store name it had",
			[]secret.Declaration{under(random("auth/a", keep(14)), "KEY")}, []secret.Declaration{under(random("auth/b", keep(14)), "KEY")},
			[]string{"auth/b blocked/journal_lost", "auth/a orphaned/orphaned"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, c.before...)
			w.apply()
			p := plan.Make(w.declare(c.after...).at("11 May").in)
			if diff := cmp.Diff(c.want, shown(p)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if diff := cmp.Diff(c.hints, hints(p)); diff != "" {
				t.Errorf("rename hints: -want +got\n%s", diff)
			}
			orphansLike := map[string]int{}
			for _, id := range c.hints {
				orphansLike[id]++
			}
			for _, e := range p.Entries {
				if e.Action == plan.Orphaned && e.Changes() {
					t.Errorf("%s is orphaned, yet would be changed", e.ID)
				}
				if one := orphansLike[string(e.ID)] == 1; one != (e.RenamedFrom != "") {
					t.Errorf("%s is renamed from %q, and looks like exactly one orphan: %t", e.ID, e.RenamedFrom, one)
				}
			}
		})
	}
}

// displaced returns the key of a secret whose id now has another store name.
func displaced(id secret.ID) string {
	return string(journal.Displaced(id, secret.StoreName("default", "billing", "production", id)))
}

// A value from an operator is not kept, so it has to be given again under the new
// name.
func TestStaticRenamed(t *testing.T) {
	before, after := static("payments/key"), static("payments/token")
	w := newWorld(t, before)
	given, err := plan.Alter(w.in, before, plan.Alteration{Kind: plan.Set, Value: secret.NewValue("given")})
	if err != nil {
		t.Fatal(err)
	}
	w.commit(journal.New("production", "billing", journal.Owner{Host: "github.com", RepositoryID: 7}, journal.PlaceGitHub).With(before.ID, given.Entries[0].Change.Entry), before.ID)
	w.in.Store.Secrets = []secret.Stored{{Name: before.StoreName, Comment: w.in.Journal.Receipt(*w.in.Journal.Entries[before.ID].Intent.Next, journal.NoCommit).String(), Modified: w.in.Now}}
	w.record(before.ID)
	if got := find(t, plan.Make(w.declare(after).at("11 May").in), after.ID); got.RenamedFrom != before.ID || got.Status != plan.ExternalValueRequired {
		t.Errorf("%s is renamed from %q, %s/%s", got.ID, got.RenamedFrom, got.Action, got.Status)
	}
}

// A project that is renamed and renamed back finds its secrets again. The entry is
// displaced, not lost, and neither secret takes the other's versions.
func TestFault27_RenamedAndBack(t *testing.T) {
	first, second := random(sessionKey, keep(14)), under(random(sessionKey, keep(14)), "lo_other")
	w := newWorld(t, first)
	w.apply()
	lineage := w.state(sessionKey).Lineage
	w.declare(second).at("11 May").apply()
	if w.state(sessionKey).Lineage == lineage || w.in.Journal.Entries[secret.ID(displaced(sessionKey))].State.Lineage != lineage {
		t.Fatal("the new secret continues the old one, or the old entry is lost")
	}
	if e := w.entry(sessionKey); e.Action != plan.None {
		t.Errorf("renamed: %s/%s", e.Action, e.Status)
	}
	w.declare(first)
	if e := w.entry(sessionKey); e.Action != plan.None || e.Current != 1 {
		t.Errorf("renamed back: %s/%s (%s)", e.Action, e.Status, e.Reason)
	}
	w.at("1 Jun").apply()
	if s := w.state(sessionKey); s.Lineage != lineage || s.Current != 2 {
		t.Errorf("renamed back, and rotated: lineage %s at %s, want %s at v2", s.Lineage, s.Current, lineage)
	}
	want := []string{"auth/session-key none/not_due", string(journal.Displaced(sessionKey, "lo_other")) + " orphaned/orphaned"}
	if diff := cmp.Diff(want, shown(plan.Make(w.in))); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// The open intent of a secret that is no longer declared is closed: as written if
// the receipt confirms it, else as void. Nothing is sent to the store.
func TestOrphanedIntent(t *testing.T) {
	for _, c := range []struct {
		name    string
		written bool
		after   time.Duration
		want    journal.Outcome
	}{
		{"still in flight", false, time.Minute, ""},
		{"never written", false, time.Hour, journal.Void},
		{"written", true, time.Hour, journal.Written},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, random(sessionKey, keep(14)))
			w.apply()
			w.at("1 Jun").announce()
			if c.written {
				w.write(sessionKey)
			}
			if e := find(t, w.declare().later(c.after).apply(), sessionKey); e.Action != plan.Orphaned || e.Writes() {
				t.Errorf("%s/%s, writes %v", e.Action, e.Status, e.Writes())
			}
			if got := w.in.Journal.Entries[sessionKey].Intent.Outcome; got != c.want {
				t.Errorf("the intent is closed as %q, want %q", got, c.want)
			}
			if e := w.entry(sessionKey); c.want != "" && e.Change != nil {
				t.Error("the next run changes the entry again")
			}
		})
	}
}

// A void version may have reached the store after all. A secret that is declared
// again gets a version above it.
func TestDeclaredAgainAfterVoid(t *testing.T) {
	w := newWorld(t, random(sessionKey, keep(14)))
	w.apply()
	w.at("1 Jun").announce()
	w.declare().later(time.Hour).apply()
	if e := w.declare(random(sessionKey, keep(14))).entry(sessionKey); e.Status != plan.Due || e.Next != 3 {
		t.Errorf("%s/%s, next %s, want v3: v2 is void", e.Action, e.Status, e.Next)
	}
}
