package journal_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/secret"
)

// An id whose store name changes, even back and forth, keeps one entry for each
// store name, and Find returns the entry of the store name that it is given.
func TestPutAndFind(t *testing.T) {
	v1 := journal.Version{Number: 1, ActiveFrom: instant(t, "2026-05-02T03:00:00Z"), Origin: journal.External}
	a, b := written(t, v1, "A"), written(t, v1, "B")
	j := journal.New("production", "billing", journal.Owner{File: "x"}, journal.PlaceFile)
	put := func(entry *journal.Entry, want secret.ID) {
		t.Helper()
		before := len(j.Entries)
		placed, displaced := j.Put("n/s", entry)
		if displaced != want {
			t.Errorf("putting %s displaces %q, want %q", entry.StoreName(), displaced, want)
		}
		if len(j.Entries) != before {
			t.Error("Put changed the journal it was called on")
		}
		j = placed
	}
	put(a, "")
	put(a, "")
	put(b, "n/s#A")
	put(a, "n/s#B")
	if diff := cmp.Diff(map[secret.ID]*journal.Entry{"n/s": a, "n/s#B": b}, j.Entries); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for name, want := range map[string]secret.ID{"A": "n/s", "B": "n/s#B", "C": "n/s"} {
		entry, key := j.Find("n/s", name)
		if key != want || (entry != nil) != (name != "C") || entry != nil && entry.StoreName() != name {
			t.Errorf("%s is found at %q, want %q", name, key, want)
		}
	}
}

// Newest takes switches, events and open intents into account.
func TestNewest(t *testing.T) {
	j := sample(t)
	if got, want := j.Newest(nil), instant(t, "2026-07-31T03:00:00Z"); !got.Equal(want) {
		t.Errorf("newest is %s, want the open intent's %s", got, want)
	}
	if got, want := j.Newest(map[secret.ID]bool{session: true}), instant(t, "2026-05-02T03:00:00Z"); !got.Equal(want) {
		t.Errorf("without that entry it is %s, want %s: a refused intent does not count", got, want)
	}
	closed := j.With(session, j.Entries[session].Closed(journal.Unsent, nil))
	if got, want := closed.Newest(nil), instant(t, "2026-07-01T03:00:00.25Z"); !got.Equal(want) {
		t.Errorf("once it is closed it is %s, want the last switch %s", got, want)
	}
}

// A serial is never reused, whatever the outcome of its intent. The state keeps
// the serial and tag of the write that made it.
func TestSerials(t *testing.T) {
	entry := displaced(t)
	tag := entry.State.Tag()
	for i, outcome := range []journal.Outcome{journal.Refused, journal.Void, journal.Unsent} {
		next := *entry.State
		entry = entry.Announced(journal.Intent{Action: "rotate", Version: secret.Version(i + 2), Next: &next}).Closed(outcome, nil)
		if want := i + 2; entry.Serial != want || entry.Intent.Serial != want || entry.State.Serial != 1 || entry.State.Tag() != tag {
			t.Errorf("%s: serial %d, the intent's %d, the state's %d", outcome, entry.Serial, entry.Intent.Serial, entry.State.Serial)
		}
		if entry.Open() != nil || entry.LastVersion() != secret.Version(i+2) {
			t.Errorf("%s: the intent counts as open, or its version as unused", outcome)
		}
	}
	next := *entry.State
	announced := entry.Announced(journal.Intent{Action: "extend", Version: 1, Next: &next})
	recorded := announced.Recorded(journal.Observed{SecretID: "x"})
	if announced.Open() == nil || recorded.Open() != nil || recorded.State.Serial != 5 || recorded.Serial != 5 {
		t.Errorf("written: the entry's serial is %d and the state's %d, want 5", recorded.Serial, recorded.State.Serial)
	}
}
