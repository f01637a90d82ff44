package cli_test

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// rule is what a declaration of examples/billing says, in the words of DESIGN
// §4 and §5 for a cron job that runs once a day: a version is current from the
// first run at or after its slot, and the one before stays so many days longer.
type rule struct {
	id       string
	days     int    // between slots; 0: never rotated
	anchor   string // startAt; empty: the first run
	overlap  int    // days; forever or plain
	bytes    int
	versions []model // as the model has them now
	lastSlot time.Time
}

const (
	plain   = 0
	forever = -1
)

// model is a version as it has to be stored.
type model struct {
	ID         string
	ActiveFrom string
	ExpiresAt  string
	Value      string
}

const layout = "2006-01-02T15:04:05.000Z"

// run moves the model on by one daily run.
func (r *rule) run(now time.Time, value func(version int) string) {
	anchor := r.first(now)
	slot := anchor
	for r.days > 0 && !slot.Add(time.Duration(r.days)*24*time.Hour).After(now) {
		slot = slot.Add(time.Duration(r.days) * 24 * time.Hour)
	}
	reached := r.days > 0 && !slot.After(now)
	switch {
	case len(r.versions) == 0:
	case reached && slot.After(r.lastSlot):
		last := &r.versions[len(r.versions)-1]
		if r.overlap > 0 {
			last.ExpiresAt = now.Add(time.Duration(r.overlap) * 24 * time.Hour).Format(layout)
		}
	default:
		r.prune(now)
		return
	}
	n := 1
	if len(r.versions) > 0 {
		last := r.versions[len(r.versions)-1].ID
		n, _ = strconv.Atoi(strings.TrimPrefix(last, "v"))
		n++
	}
	r.versions = append(r.versions, model{ID: "v" + strconv.Itoa(n), ActiveFrom: now.Format(layout), Value: value(n)})
	if reached {
		r.lastSlot = slot
	}
	r.prune(now)
}

func (r *rule) first(now time.Time) time.Time {
	if r.anchor == "" {
		if len(r.versions) == 0 {
			r.anchor = now.Format(time.RFC3339)
		}
	}
	anchor, err := time.Parse(time.RFC3339, r.anchor)
	if err != nil {
		panic(err)
	}
	return anchor
}

// prune drops what has expired, and of a plain value all but the newest.
func (r *rule) prune(now time.Time) {
	var kept []model
	for i, v := range r.versions {
		expired := v.ExpiresAt != "" && v.ExpiresAt <= now.Format(layout)
		if !expired && (r.overlap != plain || i == len(r.versions)-1) {
			kept = append(kept, v)
		}
	}
	r.versions = kept
}

// Over two years of daily runs of the real program on its embedded store, every
// version, value and date is what the design says, computed here in another
// way.
func TestTwoYearsOfDailyRuns(t *testing.T) {
	t.Parallel()
	project := filepath.Join(t.TempDir(), "billing")
	if err := os.CopyFS(project, os.DirFS("../../examples/billing")); err != nil {
		t.Fatal(err)
	}
	rules := []*rule{
		{id: "auth/session-key", days: 30, anchor: "2026-06-01T00:00:00Z", overlap: 14, bytes: 32},
		{id: "billing/webhook-secret", days: 60, anchor: "2026-06-15T02:00:00Z", overlap: 7, bytes: 48},
		{id: "billing/link-key", days: 7, overlap: plain, bytes: 32},
		{id: "billing/number-seed", overlap: plain, bytes: 16},
		{id: "storage/encryption-key", days: 90, overlap: forever, bytes: 32},
	}
	start := time.Date(2026, 5, 10, 3, 0, 0, 0, time.UTC)
	for day := range 2 * 365 {
		now := start.AddDate(0, 0, day)
		applyAt(t, project, now)
		read := readStore(t, project)
		for _, r := range rules {
			entry := read.entries[r.id]
			r.run(now, func(version int) string { return derive(t, read.root, entry, r, version) })
			if diff := cmp.Diff(r.versions, stored(t, read, entry, r)); diff != "" {
				t.Fatalf("%s on %s: -design +stored\n%s", r.id, now.Format(layout), diff)
			}
		}
	}
	for _, r := range rules {
		if r.days > 0 && len(r.versions) > 0 && r.versions[len(r.versions)-1].ID == "v1" {
			t.Errorf("%s was never rotated", r.id)
		}
	}
}

func applyAt(t *testing.T, project string, now time.Time) {
	t.Helper()
	cmd := exec.Command(layer, "secret", "rotate", "--local", "--project", project, "--env", "production", "--at", now.Format(time.RFC3339), "--apply", "--yes")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", now, err, out)
	}
}

// contents is what the run left on disk, as far as the test needs it.
type contents struct {
	root    []byte
	values  map[string]struct{ Value string }
	entries map[string]entry
}

type entry struct {
	State struct{ StoreName, Lineage, Current string }
}

func readStore(t *testing.T, project string) contents {
	t.Helper()
	local := filepath.Join(project, ".layeron", "local")
	var out contents
	key, err := os.ReadFile(filepath.Join(local, "root.key"))
	if err != nil {
		t.Fatal(err)
	}
	out.root = decode(t, strings.TrimPrefix(strings.TrimSpace(string(key)), "layer-root-v1:"))
	var file struct {
		Secrets map[string]struct{ Value string }
	}
	unmarshal(t, filepath.Join(local, "secrets-store.json"), &file)
	out.values = file.Secrets
	var journal struct{ Entries map[string]entry }
	unmarshal(t, filepath.Join(local, "rotation", "production.json"), &journal)
	out.entries = journal.Entries
	return out
}

func unmarshal(t *testing.T, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

func decode(t *testing.T, s string) []byte {
	t.Helper()
	out, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// derive is DESIGN §6 once more.
func derive(t *testing.T, root []byte, e entry, r *rule, version int) string {
	t.Helper()
	info := []byte("layer/value/1")
	for _, part := range []string{
		string(decode(t, e.State.Lineage)), "production", r.id, e.State.StoreName, strconv.Itoa(version), strconv.Itoa(r.bytes),
	} {
		info = binary.BigEndian.AppendUint32(info, uint32(len(part)))
		info = append(info, part...)
	}
	out, err := hkdf.Key(sha256.New, root, nil, string(info), r.bytes)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(out)
}

// stored reads the versions from the store's file as plain JSON.
func stored(t *testing.T, read contents, e entry, r *rule) []model {
	t.Helper()
	value := read.values[e.State.StoreName].Value
	if r.overlap == plain {
		now := r.versions[len(r.versions)-1]
		return []model{{ID: e.State.Current, ActiveFrom: now.ActiveFrom, Value: value}}
	}
	var held struct {
		Current  string
		Versions map[string]struct{ Value, Encoding, ActiveFrom, ExpiresAt string }
	}
	if err := json.Unmarshal([]byte(value), &held); err != nil {
		t.Fatalf("%s: %v", r.id, err)
	}
	if held.Current != e.State.Current {
		t.Errorf("%s: stored %s is current, the journal says %s", r.id, held.Current, e.State.Current)
	}
	var out []model
	for n := 1; len(out) < len(held.Versions) && n < 1000; n++ {
		if v, ok := held.Versions["v"+strconv.Itoa(n)]; ok {
			if v.Encoding != "base64url" {
				t.Errorf("%s: encoding %q", r.id, v.Encoding)
			}
			out = append(out, model{"v" + strconv.Itoa(n), v.ActiveFrom, v.ExpiresAt, v.Value})
		}
	}
	return out
}
