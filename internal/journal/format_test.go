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

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/secret"
)

var update = flag.Bool("update", false, "write the golden files")

const golden = "journal.golden.json"

// goldenFile is a journal as repositories hold it. If Format wrote the same
// journal as other bytes, pull requests would show diffs without meaning, and no
// HMAC would verify.
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

func TestParseReadsWhatFormatWrote(t *testing.T) {
	if diff := cmp.Diff(sample(t), parse(t, goldenFile(t))); diff != "" {
		t.Errorf("-written +read\n%s", diff)
	}
	if tampered := parse(t, goldenFile(t)).Tampered(fake.RootKeys(t, 'a')); len(tampered) != 0 {
		t.Errorf("entries that do not verify: %v", tampered)
	}
}

// The first run starts from an empty journal, so it must be valid.
func TestEmptyJournal(t *testing.T) {
	empty := journal.New("production", "billing", journal.Owner{File: "AAECAwQFBgcICQoLDA0ODw"}, journal.PlaceFile)
	if diff := cmp.Diff(empty, parse(t, format(t, empty))); diff != "" {
		t.Errorf("-written +read\n%s", diff)
	}
}

// The diff of a pull request is in order: header first, entries by the bytes of
// their ids, versions by number.
func TestFormatOrder(t *testing.T) {
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
			t.Errorf("%s is not before the entries", key)
		}
	}
	if v9, v10 := bytes.Index(data, []byte(`"v9": {`)), bytes.Index(data, []byte(`"v10": {`)); v9 < 0 || v10 < v9 {
		t.Error("v10 does not come after v9")
	}
}

// An entry keeps its last 20 events. Recording an outcome returns a new entry and
// leaves the old one unchanged.
func TestEventsAreBounded(t *testing.T) {
	entry := displaced(t)
	for n := secret.Version(2); n <= 30; n++ {
		next := *entry.State
		before := slices.Clone(entry.Events)
		recorded := entry.Announced(journal.Intent{Action: "rotate", Version: n, Next: &next}).Recorded(*entry.Observed)
		if diff := cmp.Diff(before, entry.Events); diff != "" {
			t.Fatalf("recording changed the old entry:\n%s", diff)
		}
		entry = recorded
	}
	first, last := entry.Events[0], entry.Events[len(entry.Events)-1]
	if len(entry.Events) != journal.MaxEvents || first.Version != 11 || last.Version != 30 {
		t.Errorf("%d events, from %s to %s, want the last 20", len(entry.Events), first.Version, last.Version)
	}
}
