package rotate_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/rotate"
)

// The faults of the journal and of a run's surroundings (faults 8, 24, 29, 38 and
// 42).

func TestFault08_TheFileIsNotAJournal(t *testing.T) {
	replace := func(old, by string) func([]byte) []byte {
		return func(data []byte) []byte { return bytes.Replace(data, []byte(old), []byte(by), 1) }
	}
	for _, test := range []struct {
		name   string
		damage func([]byte) []byte
		line   string
	}{
		{"empty", func([]byte) []byte { return nil }, "line 1"},
		{"cut off", func(data []byte) []byte { return data[:len(data)/2] }, "line "},
		{"not JSON", func([]byte) []byte { return []byte("{\n  \"schema\": 1,\n  oops\n}") }, "line 3"},
		{"conflict markers", replace("  \"environment\"", "<<<<<<< HEAD\n  \"environment\""), "line 3"},
		{"unknown schema", replace(`"schema": 1`, `"schema": 2`), "line 2: schema 2"},
		{"no schema", replace("  \"schema\": 1,\n", ""), "line 1: no schema"},
		{"unknown field", replace(`"project"`, `"porject"`), "line 4"},
		{"two documents", func(data []byte) []byte { return append(data, "{}"...) }, "line "},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := served(t)
			path := w.place.(folder).file().Path()
			if err := os.WriteFile(path, test.damage(w.place.bytes(t)), 0o644); err != nil {
				t.Fatal(err)
			}
			asked := w.store.Counts()
			w.untouched(func() {
				if _, err := w.run(plan.Request{}); err == nil || !strings.Contains(err.Error(), test.line) {
					t.Errorf("got %v, want it to name %q", err, test.line)
				}
			})
			if diff := cmp.Diff(asked, w.store.Counts()); diff != "" {
				t.Errorf("the store was asked first: -before +after\n%s", diff)
			}
		})
	}
}

// If the journal has entries dated in the future, the clock or the journal is
// wrong, and nothing rotates.
func TestFault24_TheJournalIsFromTheFuture(t *testing.T) {
	w := served(t)
	w.must(plan.Request{})
	for _, day := range []string{"05-31", "05-10", "01-01"} {
		w.day(day)
		for i := range w.declared {
			w.blocked(i, plan.ClockBehindJournal, "set the clock right")
		}
	}
	w.day("06-02").checkPromises()
}

func TestFault29_DeletedInTheStore(t *testing.T) {
	for _, repo := range []bool{false, true} {
		w := newWorld(t, "2026-05-01T00:00:00Z", three()...)
		if repo {
			w = inRepository(t, "2026-05-01T00:00:00Z", three()...)
		}
		w.serve()
		rotated(w)
		want := w.values()
		w.day("06-10")
		for i := range w.declared {
			w.remove(i)
		}
		result := w.must(plan.Request{})
		for i := range w.declared {
			if e := w.planned(result, i); e.Action != plan.Recover || e.Status != plan.Missing {
				t.Errorf("%s: %s/%s", e.ID, e.Action, e.Status)
			}
		}
		if diff := cmp.Diff(want, w.values()); diff != "" {
			t.Errorf("-deleted +recreated\n%s", diff)
		}
		w.checkPromises()
	}
}

func TestFault29_TheJournalIsLost(t *testing.T) {
	t.Run("from a file", func(t *testing.T) {
		w := served(t)
		if err := os.Remove(w.place.(folder).file().Path()); err != nil {
			t.Fatal(err)
		}
		for i := range w.declared {
			w.blocked(i, plan.JournalLost, "--discard-current")
		}
	})
	t.Run("from both branches", func(t *testing.T) {
		w, r := branched(t)
		r.base, r.bot = "", ""
		w.serve().goesOn()
	})
}

func TestFault29_TheReceiptIsWiped(t *testing.T) {
	w := served(t).day("05-20")
	w.edit(0, w.values()[w.name(0)], "")
	w.blocked(0, plan.AdoptionRequired, "--restamp")
	w.edit(0, w.values()[w.name(0)], "what a person wrote")
	w.blocked(0, plan.AdoptionRequired, "--restamp")
	if _, err := w.alter(plan.Alteration{Kind: plan.Restamp}); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(w.comment(0), "what a person wrote ") {
		t.Errorf("the person's comment is lost: %q", w.comment(0))
	}
	w.checkPromises()
	w.day("06-01").must(plan.Request{})
	w.want(0, "v2 v1")
	w.checkPromises()
}

func TestFault38_AnotherRootKey(t *testing.T) {
	t.Run("wrong", func(t *testing.T) {
		w := served(t)
		w.ring = fake.RootKeys(t, 'b')
		w.untouched(func() {
			if _, err := w.run(plan.Request{}); !errors.Is(err, rotate.ErrWrongKey) {
				t.Errorf("got %v", err)
			}
		})
	})
	t.Run("wrong, and no journal", func(t *testing.T) {
		w := served(t)
		w.ring = fake.RootKeys(t, 'b')
		if err := os.Remove(w.place.(folder).file().Path()); err != nil {
			t.Fatal(err)
		}
		w.blocked(0, plan.ForeignOwner, "--claim")
	})
	t.Run("missing", func(t *testing.T) {
		w := served(t)
		w.ring = rootkey.Ring{}
		w.untouched(func() {
			if _, err := w.run(plan.Request{}); err == nil || !strings.Contains(err.Error(), "root key") {
				t.Errorf("got %v", err)
			}
		})
	})
	t.Run("replaced, with the old one after it", func(t *testing.T) {
		w := served(t)
		w.must(plan.Request{})
		w.ring = fake.RootKeys(t, 'b', 'a')
		w.must(plan.Request{})
		w.checkPromises()
		w.day("07-01").must(plan.Request{})
		w.want(2, "v3 v1 v2")
		if got := w.entry(2).State.Versions; got[2].RootKey != w.ring.First().Fingerprint() || got[0].RootKey == got[2].RootKey {
			t.Error("v3 was not made with the new key, or v1 changed keys")
		}
		w.checkPromises()
		w.ring = fake.RootKeys(t, 'b') // too early: v1 and v2 still need the old key
		w.declared = w.declared[2:]
		w.day("08-01").blocked(0, plan.RootKeyRequired, "add the old root key")
		w.want(0, "v3 v1 v2")
	})
	t.Run("a new one added after the old one", func(t *testing.T) {
		w := served(t)
		w.ring = fake.RootKeys(t, 'a', 'b')
		w.must(plan.Request{})
		w.want(0, "v2 v1")
		w.checkPromises()
	})
}

// If the disk is full, a run that cannot commit its intents writes nothing. If it
// cannot record its outcomes, the next run does.
func TestFault42_TheDiskIsFull(t *testing.T) {
	full := func() error { return syscall.ENOSPC }
	t.Run("for the intent", func(t *testing.T) {
		w := served(t)
		w.untouched(func() {
			if _, err := w.start(t.Context(), hooked(3, false, full), plan.Request{}, apply); err == nil {
				t.Error("a run with a full disk succeeds")
			}
		})
		w.must(plan.Request{})
		w.want(0, "v2 v1")
		w.checkPromises()
	})
	t.Run("for the outcome", func(t *testing.T) {
		w := newWorld(t, "2026-05-01T00:00:00Z", three()...)
		created(w)
		w.day("06-01")
		if _, err := w.start(t.Context(), hooked(7, false, full), plan.Request{}, apply); err == nil || !strings.Contains(err.Error(), "the values are written") {
			t.Errorf("got %v", err)
		}
		values := w.values()
		w.must(plan.Request{})
		if diff := cmp.Diff(values, w.values()); diff != "" {
			t.Errorf("written again: -before +after\n%s", diff)
		}
		w.checkPromises()
	})
}

// The workspace cannot be written: when the run writes the journal, there is a
// file in place of the journal's folder.
func TestFault42_TheWorkspaceCannotBeWritten(t *testing.T) {
	w := served(t)
	dir := filepath.Dir(w.place.(folder).file().Path())
	e := &effects{onWrite: func() {
		if err := errors.Join(os.Rename(dir, dir+".away"), os.WriteFile(dir, nil, 0o644)); err != nil {
			t.Error(err)
		}
	}}
	w.untouched(func() {
		_, err := w.start(t.Context(), e, plan.Request{}, func(ctx context.Context, r *rotate.Runner) (rotate.Result, error) {
			result, err := r.Apply(ctx)
			return result, errors.Join(err, os.Remove(dir), os.Rename(dir+".away", dir))
		})
		if err == nil || !strings.Contains(err.Error(), "write journal") {
			t.Errorf("got %v", err)
		}
	})
	w.must(plan.Request{})
	w.want(0, "v2 v1")
	w.checkPromises()
}

// A run that is cancelled at any effect records what it sent, and leaves the rest
// to the next run, which may begin at once.
func TestFault42_Terminated(t *testing.T) {
	for at := 1; at <= 7; at++ {
		for _, repo := range []bool{false, true} {
			w := newWorld(t, "2026-05-01T00:00:00Z", three()...)
			if repo {
				w = inRepository(t, "2026-05-01T00:00:00Z", three()...)
			}
			created(w)
			w.day("06-01")
			ctx, cancel := context.WithCancel(t.Context())
			result, err := w.start(ctx, hooked(at, true, func() error { cancel(); return nil }), plan.Request{}, apply)
			if at <= 2 && err == nil {
				t.Errorf("effect %d: a cancelled run went on: %+v", at, result.Outcomes)
			}
			if at > 3 { // the first write's request is out
				w.want(0, "v2 v1")
			}
			if j := w.journal(); j.Entries["auth/cookies"].Open() != nil {
				t.Errorf("effect %d: an intent is left open", at)
			}
			w.must(plan.Request{})
			w.want(0, "v2 v1")
			w.want(2, "v2 v1")
			w.checkPromises()
		}
	}
}
