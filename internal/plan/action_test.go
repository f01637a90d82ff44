package plan_test

import (
	"testing"
	"time"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/secret"
)

// planned is one row of the tables below: what happened, and the plan for
// auth/session-key that must follow.
type planned struct {
	name  string
	world func(*world)
	want  string // action/status
	// current and next are the versions before and after. next is 0 if no
	// other version becomes current.
	current, next secret.Version
	journalOnly   bool // something is recorded, nothing written
}

func (c planned) check(t *testing.T) {
	t.Helper()
	w := newWorld(t, random(sessionKey, keep(14)))
	c.world(w)
	e := w.entry(sessionKey)
	if got := string(e.Action) + "/" + string(e.Status); got != c.want {
		t.Fatalf("got %s (%s), want %s", got, e.Reason, c.want)
	}
	if e.Current != c.current || e.Next != c.next {
		t.Errorf("from %s to %s, want %s to %s", e.Current, e.Next, c.current, c.next)
	}
	writes := e.Action == plan.Create || e.Action == plan.Rotate || e.Action == plan.Recover || e.Action == plan.Extend || e.Action == plan.Prune
	if changes := e.Change != nil; changes != writes {
		t.Errorf("an apply would change something: %v, want %v", changes, writes)
	}
	if writes && e.Writes() == c.journalOnly {
		t.Errorf("an apply would write to the store: %v, want %v", e.Writes(), !c.journalOnly)
	}
	if blocked := e.Action == plan.Blocked; blocked != (e.Advice != "") {
		t.Errorf("blocked: %v, advice %q", blocked, e.Advice)
	}
	if e.Reason == "" {
		t.Error("no reason is given")
	}
	if !writes {
		return
	}
	w.apply()
	if again := w.entry(sessionKey); again.Change != nil {
		t.Errorf("again after an apply: %s/%s (%s)", again.Action, again.Status, again.Reason)
	}
}

// docs/design/surface.md, "Actions and statuses", except the blocked ones.
func TestActions(t *testing.T) {
	d := random(sessionKey, keep(14))
	for _, c := range []planned{
		{name: "declared, never written",
			world: func(w *world) {}, want: "create/missing", next: 1},
		{name: "creation announced, not written, lapsed (fault 2)",
			world: func(w *world) { w.announce(); w.later(16 * time.Minute) }, want: "create/missing", next: 1},
		{name: "creation refused: its id is void",
			world: func(w *world) { w.announce(); w.refuse(sessionKey, "another cause") }, want: "create/missing", next: 2},

		{name: "slot reached",
			world: func(w *world) { w.apply(); w.at("1 Jun 03:00") }, want: "rotate/due", current: 1, next: 2},
		{name: "schedule off for 90 days: one rotation (fault 22)",
			world: func(w *world) { w.apply(); w.at("1 Sep") }, want: "rotate/due", current: 1, next: 2},
		{name: "forced",
			world: func(w *world) { w.apply(); w.at("11 May"); force(w, "run-2") }, want: "rotate/forced", current: 1, next: 2},
		{name: "forced, without a rotation",
			world: func(w *world) { w.declare(unrotated(d)).apply(); force(w, "run-2") }, want: "rotate/forced", current: 1, next: 2},
		{name: "forced when due: it takes the slot",
			world: func(w *world) { w.apply(); w.at("1 Jun"); force(w, "run-2") }, want: "rotate/due", current: 1, next: 2},
		{name: "announced, not written, lapsed (fault 2)",
			world: func(w *world) { w.apply(); w.at("1 Jun").announce(); w.later(15 * time.Minute) },
			want:  "rotate/unfinished_intent", current: 1, next: 2},
		{name: "announced, and its run sent nothing",
			world: func(w *world) { w.apply(); w.at("1 Jun").announce(); w.unsend(sessionKey) },
			want:  "rotate/unfinished_intent", current: 1, next: 2},
		{name: "announced, and the lock proves that its run has ended",
			world: func(w *world) { w.apply(); w.at("1 Jun").announce(); w.in.Exclusive = true },
			want:  "rotate/unfinished_intent", current: 1, next: 2},
		{name: "arrived late, after another run dated it again and was killed too (faults 2 and 15)",
			world: func(w *world) {
				w.apply()
				w.at("1 Jun").announce()
				w.later(16 * time.Minute).announce()
				w.later(16 * time.Minute).revert(3).write(sessionKey)
				w.revert(4)
			}, want: "rotate/unfinished_intent", current: 1, next: 2},
		{name: "rotation refused, its cause changed: its id is void",
			world: func(w *world) { w.apply(); w.at("1 Jun").announce(); w.refuse(sessionKey, "another cause") },
			want:  "rotate/due", current: 1, next: 3},
		{name: "written, not recorded, and due again",
			world: func(w *world) { w.apply(); w.at("1 Jun").announce(); w.write(sessionKey); w.at("1 Jul") },
			want:  "rotate/due", current: 2, next: 3},
		{name: "due, and the quota is full: it needs no more room",
			world: func(w *world) { w.apply(); w.at("1 Jun").in.Store.Quota = 1 }, want: "rotate/due", current: 1, next: 2},
		{name: "missing in the store, and due",
			world: func(w *world) { w.apply(); w.in.Store.Secrets = nil; w.at("1 Jun") }, want: "rotate/due", current: 1, next: 2},

		{name: "reverted to before the rotation (fault 11)",
			world: func(w *world) { w.apply(); w.at("1 Jun").apply(); w.revert(2).recover() },
			want:  "recover/receipt_ahead", current: 2, journalOnly: true},
		{name: "the whole journal lost (fault 29)",
			world: func(w *world) { w.apply(); w.revert(0).recover() },
			want:  "recover/receipt_ahead", current: 1, journalOnly: true},
		{name: "recovered, and due: both in one run",
			world: func(w *world) { w.apply(); w.revert(0).recover().at("1 Jun") }, want: "rotate/due", current: 1, next: 2},
		{name: "an older value restored in the store (fault 15)",
			world: func(w *world) {
				w.apply()
				old := *w.storedAs(sessionKey)
				w.at("1 Jun").apply()
				*w.storedAs(sessionKey) = old
				w.later(time.Hour).storedAs(sessionKey).Modified = w.in.Now
			}, want: "recover/receipt_behind", current: 2},
		{name: "deleted in the store (fault 29)",
			world: func(w *world) { w.apply(); w.in.Store.Secrets = nil }, want: "recover/missing", current: 1},
		{name: "written, not recorded: recorded at once (fault 3)",
			world: func(w *world) { w.apply(); w.at("1 Jun").announce(); w.write(sessionKey); w.later(time.Minute) },
			want:  "recover/unfinished_intent", current: 2, journalOnly: true},
		{name: "arrived late, after its intent had lapsed: written again, because a person may have changed it (faults 15 and 30)",
			world: func(w *world) { w.apply(); w.at("1 Jun").announce(); w.later(time.Hour).write(sessionKey) },
			want:  "recover/receipt_behind", current: 2},
		{name: "creation written, not recorded",
			world: func(w *world) { w.announce(); w.write(sessionKey); w.later(time.Minute) },
			want:  "recover/unfinished_intent", current: 1, journalOnly: true},

		{name: "retention lengthened",
			world: func(w *world) { w.apply(); w.at("1 Jun").apply(); w.at("2 Jun").declare(random(sessionKey, keep(30))) },
			want:  "extend/retention_extended", current: 2},
		{name: "an extension announced, not written, lapsed",
			world: func(w *world) {
				w.apply()
				w.at("1 Jun").apply()
				w.at("2 Jun").declare(random(sessionKey, keep(30))).announce()
				w.later(16 * time.Minute)
			}, want: "extend/retention_extended", current: 2},
		{name: "an extension announced, not written, and no longer declared",
			world: func(w *world) {
				w.apply()
				w.at("1 Jun").apply()
				w.at("2 Jun").declare(random(sessionKey, keep(30))).announce()
				w.later(16 * time.Minute).declare(d)
			}, want: "recover/unfinished_intent", current: 2, journalOnly: true},
		{name: "plain to versioned, allowed",
			world: func(w *world) {
				w.declare(random(sessionKey, none)).apply()
				w.at("2 Jun").apply()
				w.declare(d).in.Request.AllowDestructive = true
			}, want: "extend/form_change", current: 2},

		{name: "a version expired",
			world: func(w *world) { w.apply(); w.at("1 Jun").apply(); w.at("15 Jun 00:05") },
			want:  "prune/expired_versions", current: 2},
		{name: "retention ended, allowed",
			world: func(w *world) {
				w.apply()
				w.declare(random(sessionKey, none)).in.Request.AllowDestructive = true
			}, want: "prune/destructive_change", current: 1},

		{name: "between slots",
			world: func(w *world) { w.apply(); w.at("31 May 23:59") }, want: "none/not_due", current: 1},
		{name: "expired a moment ago: readers' clocks may be behind",
			world: func(w *world) { w.apply(); w.at("1 Jun").apply(); w.at("15 Jun 00:04") }, want: "none/not_due", current: 2},
		{name: "changed while a request of ours could still arrive",
			world: func(w *world) { w.apply(); w.storedAs(sessionKey).Modified = w.in.Now.Add(15 * time.Minute) },
			want:  "none/not_due", current: 1},
		{name: "without a rotation",
			world: func(w *world) { w.declare(unrotated(d)).apply(); w.at("1 Sep") }, want: "none/no_rotation", current: 1},
		{name: "in the store by hand, static, without a rotation",
			world: func(w *world) { s := unrotated(static(sessionKey)); w.declare(s).supply(s) }, want: "none/no_rotation"},
		{name: "made by a product, not due",
			world: func(w *world) { p := product(sessionKey); w.declare(p).supply(p) }, want: "none/not_due"},

		{name: "no longer declared",
			world: func(w *world) { w.apply(); w.declare().at("1 Jul") }, want: "orphaned/orphaned", current: 1},
	} {
		t.Run(c.name, c.check)
	}
}

// docs/design/surface.md, "Actions and statuses", the last table: a blocked
// secret is not written, and the plan says what to do.
func TestBlocked(t *testing.T) {
	d, supplied := random(sessionKey, keep(14)), fake.StaticSecret(sessionKey, 30, keep(14))
	for _, c := range []planned{
		{name: "static, absent",
			world: func(w *world) { w.declare(static(sessionKey)) }, want: "blocked/external_value_required"},
		{name: "static, due",
			world: func(w *world) { w.apply(); w.at("1 Jun").declare(supplied) }, want: "blocked/external_value_required", current: 1},
		{name: "static, deleted in the store, its value not kept",
			world: func(w *world) {
				w.declare(supplied).supply(d)
				adopt(w, d)
				w.in.Store.Secrets = nil
			}, want: "blocked/external_value_required", current: 1},
		{name: "product-owned, absent",
			world: func(w *world) { w.declare(product(sessionKey)) }, want: "blocked/provider_flow_required"},
		{name: "product-owned, due",
			world: func(w *world) { p := product(sessionKey); w.declare(p).supply(p).at("1 Jun") }, want: "blocked/provider_flow_required"},
		{name: "announced by a run that may still write",
			world: func(w *world) { w.apply(); w.at("1 Jun").announce(); w.later(15*time.Minute - time.Millisecond) },
			want:  "blocked/in_flight", current: 1},
		{name: "its creation announced by a run that may still write",
			world: func(w *world) { w.announce(); w.later(time.Minute) }, want: "blocked/in_flight"},
		{name: "the store is still deleting it",
			world: func(w *world) { w.apply(); w.storedAs(sessionKey).Status = "deleted" }, want: "blocked/in_flight", current: 1},
		{name: "in the store by hand",
			world: func(w *world) { w.supply(d) }, want: "blocked/adoption_required"},
		{name: "in the store by hand, static, with a rotation",
			world: func(w *world) { s := static(sessionKey); w.declare(s).supply(s) }, want: "blocked/adoption_required"},
		{name: "receipt wiped by hand (fault 29)",
			world: func(w *world) { w.apply(); w.storedAs(sessionKey).Comment = "mine" }, want: "blocked/adoption_required", current: 1},
		{name: "retention ended (fault 26)",
			world: func(w *world) { w.apply(); w.declare(random(sessionKey, none)) }, want: "blocked/destructive_change", current: 1},
		{name: "retention ended, and due: not rotated",
			world: func(w *world) { w.apply(); w.at("1 Jun").declare(random(sessionKey, none)) }, want: "blocked/destructive_change", current: 1},
		{name: "rotation removed, and the retention with it",
			world: func(w *world) { w.apply(); w.declare(unrotated(d)) }, want: "blocked/destructive_change", current: 1},
		{name: "from forever to days",
			world: func(w *world) { w.declare(random(sessionKey, forever)).apply(); w.declare(d) }, want: "blocked/destructive_change", current: 1},
		{name: "from forever to none",
			world: func(w *world) {
				w.declare(random(sessionKey, forever)).apply()
				w.declare(random(sessionKey, none))
			},
			want: "blocked/destructive_change", current: 1},
		{name: "plain to versioned (fault 41)",
			world: func(w *world) { w.declare(random(sessionKey, none)).apply(); w.declare(d) }, want: "blocked/form_change", current: 1},
		{name: "plain to versioned, kept forever",
			world: func(w *world) {
				w.declare(random(sessionKey, none)).apply()
				w.declare(random(sessionKey, forever))
			},
			want: "blocked/form_change", current: 1},
		{name: "the value would be too large (fault 32)",
			world: func(w *world) { w.apply(); w.at("1 Jun").in.Store.ValueLimit = 200 }, want: "blocked/value_too_large", current: 1},
		{name: "the quota is full (fault 32)",
			world: func(w *world) { w.supply(random("x/y", none)).in.Store.Quota = 1 }, want: "blocked/quota_exceeded"},
		{name: "deleted in the store, and the quota is full",
			world: func(w *world) {
				w.apply()
				w.in.Store.Secrets = nil
				w.supply(random("x/y", none)).in.Store.Quota = 1
			}, want: "blocked/quota_exceeded", current: 1},
		{name: "refused, and nothing changed since (fault 7)",
			world: func(w *world) {
				w.apply()
				p := w.at("1 Jun").announce()
				w.refuse(sessionKey, find(w.t, p, sessionKey).Change.Write.Cause)
				w.at("2 Jun")
			}, want: "blocked/write_refused", current: 1},
		{name: "value edited by hand (fault 30)",
			world: func(w *world) {
				w.apply()
				w.storedAs(sessionKey).Modified = w.in.Now.Add(15*time.Minute + time.Millisecond)
				w.at("11 May")
			}, want: "blocked/drift", current: 1},
		{name: "deleted and created again by hand, comment copied (fault 30)",
			world: func(w *world) { w.apply(); w.storedAs(sessionKey).ID = "ffffffffffffffffffffffffffffffff" }, want: "blocked/drift", current: 1},
		{name: "written for another repository (fault 16)",
			world: func(w *world) {
				w.apply()
				w.in.Journal = otherOwner(*w.in.Journal)
				w.commit(*w.in.Journal, sessionKey)
			}, want: "blocked/foreign_owner", current: 1},
		{name: "written for another repository, without an entry of ours",
			world: func(w *world) {
				w.apply()
				empty := *otherOwner(*w.in.Journal)
				empty.Entries = map[secret.ID]*journal.Entry{}
				w.in.Journal = &empty
			}, want: "blocked/foreign_owner"},
		{name: "no journal, and the receipt names another root key",
			world: func(w *world) { w.apply(); w.revert(0).in.Ring = fake.RootKeys(w.t, 'b') }, want: "blocked/foreign_owner"},
		{name: "another lineage of the secret",
			world: func(w *world) {
				w.apply()
				first := w.in.Store.Secrets
				w.in.Journal, w.in.Store.Secrets = nil, nil
				w.apply()
				w.in.Store.Secrets = first
			}, want: "blocked/foreign_owner", current: 1},
		{name: "journal and receipt disagree at one serial (fault 13)",
			world: func(w *world) {
				w.apply()
				w.at("1 Jun").apply()
				w.edit(sessionKey, func(e *journal.Entry) { e.State.Anchor = e.State.Anchor.Add(time.Second) }, true)
			}, want: "blocked/journal_conflict", current: 2},
		{name: "entry edited by hand (fault 12)",
			world: func(w *world) {
				w.apply()
				w.edit(sessionKey, func(e *journal.Entry) { e.State.SlotTaken = fake.Date(w.t, "9 May") }, false)
			},
			want: "blocked/journal_tampered", current: 1},
		{name: "root key replaced, the old one not given (fault 38)",
			world: func(w *world) { w.apply(); w.in.Ring = fake.RootKeys(w.t, 'b') }, want: "blocked/journal_tampered", current: 1},
		{name: "reverted, and the receipt's commit cannot be read",
			world: func(w *world) { w.apply(); w.at("1 Jun").apply(); w.revert(2) }, want: "blocked/journal_lost", current: 1},
		{name: "journal lost, and the receipt's commit cannot be read",
			world: func(w *world) { w.apply(); w.revert(0) }, want: "blocked/journal_lost"},
		{name: "the receipt's commit holds another entry",
			world: func(w *world) {
				w.apply()
				w.at("1 Jun").apply()
				w.revert(2).in.Recovered = map[secret.ID]*journal.Entry{sessionKey: w.commits[1].Entries[sessionKey]}
			}, want: "blocked/journal_lost", current: 1},
		{name: "the clock is before the last switch (faults 23 and 24)",
			world: func(w *world) { w.apply(); w.at("9 May 23:59") }, want: "blocked/clock_behind_journal", current: 1},
		{name: "the journal has entries dated in the future, and a slot is reached (fault 24)",
			world: func(w *world) {
				w.apply()
				w.at("1 Jun").edit(sessionKey, func(e *journal.Entry) { e.Events[0].At = fake.Date(w.t, "2 Jun") }, true)
			}, want: "blocked/clock_behind_journal", current: 1},
		{name: "a retained version needs the old root key (fault 38)",
			world: func(w *world) {
				w.apply()
				w.at("1 Jun").in.Ring = fake.RootKeys(w.t, 'b', 'a')
				w.apply()
				w.at("2 Jun").declare(random(sessionKey, keep(30))).in.Ring = fake.RootKeys(w.t, 'b')
			}, want: "blocked/root_key_required", current: 2},
	} {
		t.Run(c.name, c.check)
	}
}

func force(w *world, run string) {
	w.in.Request = plan.Request{Force: true, Reason: "leaked", Run: run}
}

// adopt records a value that only the store has.
func adopt(w *world, d secret.Declaration) {
	w.t.Helper()
	version := journal.Version{Number: 1, ActiveFrom: w.in.Now, Origin: journal.External, RootKey: w.in.Ring.First().Fingerprint()}
	entry := (&journal.Entry{Events: []journal.Event{}}).Announced(journal.Intent{
		Action: "adopt", Version: 1, SwitchAt: w.in.Now, WriteBefore: w.in.Now.Add(10 * time.Minute), Reason: "test", Run: "run-0",
		Next: &journal.State{
			StoreName: d.StoreName, Lineage: rootkey.NewLineage([16]byte{99}), Anchor: w.in.Now, Current: 1, LastVersion: 1,
			Policy: d.Rotation, Versions: journal.Versions{version},
		},
	})
	j := journal.New("production", "billing", journal.Owner{Host: "github.com", RepositoryID: 7}, journal.PlaceGitHub)
	w.commit(j.With(d.ID, entry), d.ID)
	s := w.storedAs(d.ID)
	s.Comment = journal.Comment(s.Comment, j.Receipt(*entry.Intent.Next, journal.NoCommit))
	w.record(d.ID)
}

func otherOwner(j journal.Journal) *journal.Journal {
	j.Owner.RepositoryID++
	return &j
}

// edit changes an entry by hand. A person who has the root key can sign it.
func (w *world) edit(id secret.ID, change func(*journal.Entry), sign bool) {
	w.t.Helper()
	file, err := journal.Format(*w.in.Journal)
	if err != nil {
		w.t.Fatal(err)
	}
	j, err := journal.Parse(file)
	if err != nil {
		w.t.Fatal(err)
	}
	change(j.Entries[id])
	w.in.Journal = &j
	if sign {
		w.commit(j, id)
	}
}
