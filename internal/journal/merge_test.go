package journal_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/secret"
)

const merging = secret.ID("auth/session-key")

var day = secret.At(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC))

// chain is the history of a secret with one lineage.
type chain struct {
	entry   *journal.Entry
	lineage byte
	store   string
}

// begin returns a chain without an announcement.
func begin(lineage byte) chain { return beginAs(lineage, "lo_store") }

func beginAs(lineage byte, storeName string) chain {
	return chain{&journal.Entry{Events: []journal.Event{}}, lineage, storeName}
}

// open announces the next version in a run.
func (c chain) open(run string) chain {
	v := c.entry.LastVersion() + 1
	c.entry = c.entry.Announced(journal.Intent{Action: "rotate", Version: v, SwitchAt: day.Add(time.Duration(v) * secret.Day), Run: run, Next: &journal.State{
		StoreName: c.store, Lineage: rootkey.NewLineage([16]byte{c.lineage}), Current: v, LastVersion: v,
		Versions: journal.Versions{{Number: v, ActiveFrom: day, Origin: journal.Derived, Bytes: 32, RootKey: "0123456789abcdef"}},
	}})
	return c
}

func (c chain) written() chain {
	c.entry = c.entry.Recorded(journal.Observed{SecretID: "1", Modified: day})
	return c
}

func (c chain) closed(o journal.Outcome) chain {
	c.entry = c.entry.Closed(o, nil)
	return c
}

func (c chain) edited() chain {
	e := *c.entry
	e.HMAC = "edited"
	c.entry = &e
	return c
}

func (c chain) in() *journal.Journal {
	j := journal.New("production", "billing", journal.Owner{RepositoryID: 1}, journal.PlaceGitHub)
	if c.entry != nil {
		j = j.With(merging, c.entry)
	}
	return &j
}

// Which side is the base makes no difference, except that a conflict keeps the
// bot branch's entry.
func TestMergeEntries(t *testing.T) {
	one := begin(1).open("one").written()
	for name, test := range map[string]struct {
		winner, loser chain
		conflict      bool
	}{
		"only one side":                   {one, chain{}, false},
		"the same":                        {one, one, false},
		"higher serial":                   {one.open("two"), one, false},
		"higher serial, two ahead":        {one.open("two").written().open("three"), one, false},
		"higher serial, older was open":   {one.open("two").written(), begin(1).open("one"), false},
		"higher serial, older was edited": {one.open("two"), one.edited(), false},
		"written beats open":              {one.open("two").written(), one.open("two"), false},
		"refused beats open":              {one.open("two").closed(journal.Refused), one.open("two"), false},
		"void beats open":                 {one.open("two").closed(journal.Void), one.open("two"), false},
		"unsent beats open":               {one.open("two").closed(journal.Unsent), one.open("two"), false},
		"first version written":           {one, begin(1).open("one"), false},
		"written against refused":         {one.open("two").written(), one.open("two").closed(journal.Refused), true},
		"two open ones":                   {one.open("two"), one.open("other"), true},
		"written against another's open":  {one.open("two").written(), one.open("other"), true},
		"an edit":                         {one, one.edited(), true},
		"another lineage":                 {begin(1).open("one"), begin(2).open("one"), true},
		"another lineage, higher serial":  {one.open("two"), begin(2).open("one"), true},
		"another store name":              {chain{one.entry, 1, ""}, beginAs(1, "lo_other").open("one"), true},
	} {
		t.Run(name, func(t *testing.T) {
			for _, botWins := range []bool{true, false} {
				base, bot := test.loser, test.winner
				if !botWins {
					base, bot = bot, base
				}
				want := test.winner.entry
				if test.conflict {
					want = bot.entry
				}
				merged, conflicts := journal.Merge(base.in(), bot.in())
				if diff := cmp.Diff(want, merged.Entries[merging]); diff != "" {
					t.Errorf("winner is the bot's: %v (-want +got):\n%s", botWins, diff)
				}
				c, conflict := conflicts[merging]
				if conflict != test.conflict || conflict && (c.Base != base.entry || c.Bot != bot.entry) {
					t.Errorf("conflicts: %+v", conflicts)
				}
			}
		})
	}
}

func TestMergeOfOneSide(t *testing.T) {
	j := begin(1).open("one").in()
	for name, merge := range map[string]func() (*journal.Journal, journal.Conflicts){
		"base": func() (*journal.Journal, journal.Conflicts) { return journal.Merge(j, nil) },
		"bot":  func() (*journal.Journal, journal.Conflicts) { return journal.Merge(nil, j) },
	} {
		if merged, conflicts := merge(); merged != j || len(conflicts) > 0 {
			t.Errorf("only %s: %+v, %+v", name, merged, conflicts)
		}
	}
	if merged, _ := journal.Merge(nil, nil); merged != nil {
		t.Errorf("neither side: %+v", merged)
	}
}

// An entry that was displaced by another store name is the older one, even if its
// serial is higher.
func TestMergeDisplaced(t *testing.T) {
	old := begin(1).open("one").written().open("two").written()
	renamed := beginAs(2, "lo_renamed").open("three").written()
	back := old.open("four").written()
	before := *old.in()
	after, displaced := before.Put(merging, renamed.entry)
	again, _ := after.Put(merging, back.entry)
	both := []secret.ID{merging, displaced}
	for name, test := range map[string]struct {
		one, other journal.Journal
		entry      *journal.Entry
		keys       []secret.ID
	}{
		"renamed":  {before, after, renamed.entry, both},
		"and back": {after, again, back.entry, []secret.ID{merging, journal.Displaced(merging, "lo_renamed")}},
	} {
		for _, sides := range [][2]journal.Journal{{test.one, test.other}, {test.other, test.one}} {
			merged, conflicts := journal.Merge(&sides[0], &sides[1])
			var keys []secret.ID
			for key := range merged.Entries {
				keys = append(keys, key)
			}
			slices.Sort(keys)
			if len(conflicts) > 0 || merged.Entries[merging] != test.entry || !slices.Equal(keys, test.keys) {
				t.Errorf("%s: entries %v, conflicts %v", name, keys, conflicts)
			}
		}
	}
}

// A move to another place signs every entry again, which is no conflict.
func TestMergeAfterMove(t *testing.T) {
	before := begin(1).open("one").written()
	moved := before.edited().in()
	moved.Owner, moved.FormerOwners = journal.Owner{File: "f"}, []journal.Owner{{RepositoryID: 1}}
	moved.Place = journal.PlaceFile
	for _, sides := range [][2]*journal.Journal{{moved, before.in()}, {before.in(), moved}} {
		merged, conflicts := journal.Merge(sides[0], sides[1])
		if diff := cmp.Diff(moved, merged); diff != "" || len(conflicts) > 0 {
			t.Errorf("conflicts %v (-want +got):\n%s", conflicts, diff)
		}
	}
}

// A merge changes neither side.
func TestMergeIsPure(t *testing.T) {
	base, bot := begin(1).open("one").in(), begin(1).open("one").written().in()
	other := bot.With("auth/other", begin(3).open("x").entry)
	before, err := journal.Format(*base)
	if err != nil {
		t.Fatal(err)
	}
	if merged, _ := journal.Merge(base, &other); len(merged.Entries) != 2 {
		t.Errorf("entries: %v", merged.Entries)
	}
	if after, err := journal.Format(*base); err != nil || string(before) != string(after) {
		t.Errorf("the base changed: %v", err)
	}
}
