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

// model computes in a second way which versions a secret of examples/billing
// has when layer runs once a day: a version becomes current at the first run at
// or after its slot, and the version before stays readable for some days more.
type model struct {
	id       string
	days     int    // between slots; 0: never rotated
	anchor   string // startAt; "": the first run
	overlap  int    // days, forever or plain
	bytes    int
	versions []version
	lastSlot time.Time
}

const (
	plain   = 0
	forever = -1
)

// version is one version in the stored value.
type version struct {
	ID         string
	ActiveFrom string
	ExpiresAt  string
	Value      string
}

const layout = "2006-01-02T15:04:05.000Z"

// run does what one run of layer does.
func (m *model) run(now time.Time, value func(n int) string) {
	anchor := m.first(now)
	slot := anchor
	for m.days > 0 && !slot.Add(time.Duration(m.days)*24*time.Hour).After(now) {
		slot = slot.Add(time.Duration(m.days) * 24 * time.Hour)
	}
	reached := m.days > 0 && !slot.After(now)
	switch {
	case len(m.versions) == 0:
	case reached && slot.After(m.lastSlot):
		last := &m.versions[len(m.versions)-1]
		if m.overlap > 0 {
			last.ExpiresAt = now.Add(time.Duration(m.overlap) * 24 * time.Hour).Format(layout)
		}
	default:
		m.prune(now)
		return
	}
	n := 1
	if len(m.versions) > 0 {
		last := m.versions[len(m.versions)-1].ID
		n, _ = strconv.Atoi(strings.TrimPrefix(last, "v"))
		n++
	}
	m.versions = append(m.versions, version{ID: "v" + strconv.Itoa(n), ActiveFrom: now.Format(layout), Value: value(n)})
	if reached {
		m.lastSlot = slot
	}
	m.prune(now)
}

// first returns the first slot.
func (m *model) first(now time.Time) time.Time {
	if m.anchor == "" {
		m.anchor = now.Format(time.RFC3339)
	}
	anchor, err := time.Parse(time.RFC3339, m.anchor)
	if err != nil {
		panic(err)
	}
	return anchor
}

// prune removes expired versions, and all but the newest one of a plain value.
func (m *model) prune(now time.Time) {
	var kept []version
	for i, v := range m.versions {
		expired := v.ExpiresAt != "" && v.ExpiresAt <= now.Format(layout)
		if !expired && (m.overlap != plain || i == len(m.versions)-1) {
			kept = append(kept, v)
		}
	}
	m.versions = kept
}

// The real program runs every day for two years with the local store. After
// each run every version, value and date is the one that the model computes.
func TestTwoYearsOfDailyRuns(t *testing.T) {
	t.Parallel()
	project := filepath.Join(t.TempDir(), "billing")
	if err := os.CopyFS(project, os.DirFS("../../examples/billing")); err != nil {
		t.Fatal(err)
	}
	models := []*model{
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
		for _, m := range models {
			entry := read.entries[m.id]
			m.run(now, func(n int) string { return derive(t, read.root, m.id, entry, m.bytes, n) })
			if diff := cmp.Diff(m.versions, stored(t, read, entry, m)); diff != "" {
				t.Fatalf("%s on %s: -model +stored\n%s", m.id, now.Format(layout), diff)
			}
		}
	}
	for _, m := range models {
		if m.days > 0 && len(m.versions) > 0 && m.versions[len(m.versions)-1].ID == "v1" {
			t.Errorf("%s was never rotated", m.id)
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

// contents holds what a run wrote to disk.
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

// derive derives a value from the root key without package rootkey.
func derive(t *testing.T, root []byte, id string, e entry, bytes, version int) string {
	t.Helper()
	info := []byte("layer/value/1")
	for _, part := range []string{
		string(decode(t, e.State.Lineage)), "production", id, e.State.StoreName, strconv.Itoa(version), strconv.Itoa(bytes),
	} {
		info = binary.BigEndian.AppendUint32(info, uint32(len(part)))
		info = append(info, part...)
	}
	out, err := hkdf.Key(sha256.New, root, nil, string(info), bytes)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(out)
}

// stored reads the versions of a secret from the stored value.
func stored(t *testing.T, read contents, e entry, m *model) []version {
	t.Helper()
	value := read.values[e.State.StoreName].Value
	if m.overlap == plain {
		now := m.versions[len(m.versions)-1]
		return []version{{ID: e.State.Current, ActiveFrom: now.ActiveFrom, Value: value}}
	}
	var decoded struct {
		Current  string
		Versions map[string]struct{ Value, Encoding, ActiveFrom, ExpiresAt string }
	}
	if err := json.Unmarshal([]byte(value), &decoded); err != nil {
		t.Fatalf("%s: %v", m.id, err)
	}
	if decoded.Current != e.State.Current {
		t.Errorf("%s: stored %s is current, the journal says %s", m.id, decoded.Current, e.State.Current)
	}
	var out []version
	for n := 1; len(out) < len(decoded.Versions) && n < 1000; n++ {
		if v, ok := decoded.Versions["v"+strconv.Itoa(n)]; ok {
			if v.Encoding != "base64url" {
				t.Errorf("%s: encoding %q", m.id, v.Encoding)
			}
			out = append(out, version{"v" + strconv.Itoa(n), v.ActiveFrom, v.ExpiresAt, v.Value})
		}
	}
	return out
}
