package journal_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/secret"
)

var update = flag.Bool("update", false, "write the golden files")

const golden = "journal.golden.json"

// goldenFile is a journal as repositories hold it. If the bytes of the same
// journal change, every pull request shows a diff that means nothing, and the
// HMACs of all entries fail.
func goldenFile(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", golden))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestFormatIsFrozen(t *testing.T) {
	got := format(t, sample(t))
	if *update {
		if err := os.WriteFile(filepath.Join("testdata", golden), got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(goldenFile(t)), string(got)); diff != "" {
		t.Errorf("-golden +got\n%s", diff)
	}
}

func TestParseGivesTheJournalBack(t *testing.T) {
	if diff := cmp.Diff(sample(t), parse(t, goldenFile(t))); diff != "" {
		t.Errorf("-written +read\n%s", diff)
	}
	if tampered := parse(t, goldenFile(t)).Tampered(ring(t, 'a')); len(tampered) != 0 {
		t.Errorf("written, read and not touched, yet these do not verify: %v", tampered)
	}
}

// An empty journal is a whole one: it is what the first run starts from.
func TestEmptyJournal(t *testing.T) {
	empty := journal.New("production", "billing", journal.Owner{File: "AAECAwQFBgcICQoLDA0ODw"}, journal.PlaceFile)
	if diff := cmp.Diff(empty, parse(t, format(t, empty))); diff != "" {
		t.Errorf("-written +read\n%s", diff)
	}
}

// The diff of a pull request reads in order: header first, entries by the bytes
// of their ids, versions by number.
func TestOrder(t *testing.T) {
	data := goldenFile(t)
	var ids []string
	for _, m := range regexp.MustCompile(`(?m)^    "([^"]+/[^"]+)": \{$`).FindAllSubmatch(data, -1) {
		ids = append(ids, string(m[1]))
	}
	if want := []string{"auth/Session", "auth/session-key", "auth/session-key#lo_before", "web/new"}; !slices.Equal(ids, want) {
		t.Errorf("entries are in order %v, want %v", ids, want)
	}
	header := bytes.Index(data, []byte(`"entries"`))
	for _, key := range []string{"schema", "environment", "project", "owner", "formerOwners", "home"} {
		if at := bytes.Index(data, []byte(`"`+key+`"`)); at < 0 || at > header {
			t.Errorf("%s does not stand before the entries", key)
		}
	}
	if v9, v10 := bytes.Index(data, []byte(`"v9": {`)), bytes.Index(data, []byte(`"v10": {`)); v9 < 0 || v10 < v9 {
		t.Error("v10 does not come after v9")
	}
}

// An entry keeps the last 20 events, and the journal it was made from keeps its
// own.
func TestEventsAreBounded(t *testing.T) {
	entry := displaced(t)
	for n := secret.Version(2); n <= 30; n++ {
		next := *entry.State
		before := slices.Clone(entry.Events)
		recorded := entry.Announced(journal.Intent{Action: "rotate", Version: n, Next: &next}).Recorded(*entry.Observed)
		if diff := cmp.Diff(before, entry.Events); diff != "" {
			t.Fatalf("recording changed the entry it began with:\n%s", diff)
		}
		entry = recorded
	}
	first, last := entry.Events[0], entry.Events[len(entry.Events)-1]
	if len(entry.Events) != journal.MaxEvents || first.Version != 11 || last.Version != 30 {
		t.Errorf("%d events, from %s to %s, want the last 20", len(entry.Events), first.Version, last.Version)
	}
}
