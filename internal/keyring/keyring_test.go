package keyring_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/keyring"
	"github.com/layeron/rotate/internal/secret"
)

// vectorFile is a file of testdata/keyring, which the tests of the Worker
// library read too. A case makes one read from the file's value, or from each
// of several.
type vectorFile struct {
	Value    *string
	Values   []struct{ Title, Value string }
	Encoding string
	Cases    []struct {
		Title string
		Now   secret.Instant
		Read  struct {
			Op string
			ID string
			At secret.Instant
		}
		Want json.RawMessage
	}
}

// reading is what a read returns: a version, or the name of an error.
type reading struct {
	ID    *string `json:"id"`
	Text  string  `json:"text"`
	Bytes string  `json:"bytes"`
	Error string  `json:"error"`
}

func TestVectors(t *testing.T) {
	files, err := filepath.Glob("../../testdata/keyring/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var vectors vectorFile
		if err := json.Unmarshal(data, &vectors); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if vectors.Value != nil {
			vectors.Values = append(vectors.Values, struct{ Title, Value string }{"", *vectors.Value})
		}
		for _, value := range vectors.Values {
			reader := fake.NewReader(secret.NewValue(value.Value), vectors.Encoding)
			for _, c := range vectors.Cases {
				t.Run(filepath.Base(file)+"/"+value.Title+"/"+c.Title, func(t *testing.T) {
					got := read(t, reader, c.Read.Op, c.Read.ID, c.Read.At, c.Now)
					if diff := cmp.Diff(wanted(t, c.Want, value.Value), got); diff != "" {
						t.Errorf("-want +got\n%s", diff)
					}
				})
			}
		}
	}
}

func read(t *testing.T, reader fake.Reader, op, id string, at, now secret.Instant) []reading {
	t.Helper()
	var v keyring.Version
	var err error
	switch op {
	case "current":
		v = reader.CurrentVersion()
	case "version":
		v, err = reader.Version(id, now)
	case "at":
		v, err = reader.At(at, now)
	case "active":
		var out []reading
		for _, v := range reader.Active(now) {
			out = append(out, shown(t, v))
		}
		return out
	default:
		t.Fatalf("unknown read %q", op)
	}
	for name, target := range map[string]error{
		"unknown_version": fake.ErrUnknownVersion, "no_longer_retained": fake.ErrNoLongerRetained, "nothing_current": fake.ErrNothingCurrent,
	} {
		if errors.Is(err, target) {
			return []reading{{Error: name}}
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return []reading{shown(t, v)}
}

func shown(t *testing.T, v keyring.Version) reading {
	t.Helper()
	decoded, err := fake.Bytes(v)
	if err != nil {
		t.Fatal(err)
	}
	r := reading{Text: v.Value.Reveal(), Bytes: hex.EncodeToString(decoded)}
	if v.ID != "" {
		r.ID = &v.ID
	}
	return r
}

func wanted(t *testing.T, raw json.RawMessage, whole string) []reading {
	t.Helper()
	switch {
	case string(raw) == `"the value itself"`:
		return []reading{{Text: whole, Bytes: hex.EncodeToString([]byte(whole))}}
	case strings.HasPrefix(string(raw), "["):
		var want []reading
		if err := json.Unmarshal(raw, &want); err != nil {
			t.Fatal(err)
		}
		return want
	}
	var want reading
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	return []reading{want}
}

func instant(t *testing.T, s string) secret.Instant {
	t.Helper()
	i, err := secret.ParseInstant(s)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// Workers that were deployed long ago read this form.
func TestEncodeForm(t *testing.T) {
	ring := keyring.Keyring{Versioned: true, Current: "v10", Versions: []keyring.Version{
		{ID: "v10", Value: secret.NewValue("BAUG"), Encoding: keyring.Base64URL, ActiveFrom: instant(t, "2026-06-01T03:00:00Z")},
		{ID: "v2", Value: secret.NewValue("<a&b>"), ActiveFrom: instant(t, "2026-05-02T03:00:00Z"), ExpiresAt: instant(t, "2026-06-15T03:00:00Z")},
		{ID: "v9", ActiveFrom: instant(t, "2026-05-09T03:00:00Z"), Gone: true},
	}}
	want := `{"current":"v10","versions":{` +
		`"v2":{"value":"<a&b>","activeFrom":"2026-05-02T03:00:00.000Z","expiresAt":"2026-06-15T03:00:00.000Z"},` +
		`"v9":{"activeFrom":"2026-05-09T03:00:00.000Z","gone":true},` +
		`"v10":{"value":"BAUG","encoding":"base64url","activeFrom":"2026-06-01T03:00:00.000Z"}}}`
	got, err := keyring.Encode(ring)
	if err != nil || got.Reveal() != want {
		t.Errorf("got  %s, %v\nwant %s", got.Reveal(), err, want)
	}
	again, err := keyring.Encode(keyring.Decode(got, ""))
	if err != nil || again.Reveal() != want {
		t.Errorf("decoded and encoded again: %s, %v", again.Reveal(), err)
	}
}

func TestEncodeRefuses(t *testing.T) {
	value := func(s string) []keyring.Version { return []keyring.Version{{Value: secret.NewValue(s)}} }
	for name, ring := range map[string]keyring.Keyring{
		"no version":                      {},
		"no current version":              {Versioned: true, Current: "v2", Versions: []keyring.Version{{ID: "v1"}}},
		"a current version gone":          {Versioned: true, Current: "v1", Versions: []keyring.Version{{ID: "v1", Gone: true}}},
		"a malformed id":                  {Versioned: true, Current: "1", Versions: []keyring.Version{{ID: "1"}}},
		"text that is not UTF-8":          {Versioned: true, Current: "v1", Versions: []keyring.Version{{ID: "v1", Value: secret.NewValue("\xff")}}},
		"a plain value in versioned form": {Versions: value(`{"current":"v1","versions":{"v1":{"value":"x"}}}`)},
	} {
		if _, err := keyring.Encode(ring); err == nil {
			t.Errorf("%s: encoded", name)
		}
	}
	if got, err := keyring.Encode(keyring.Keyring{Versions: value(`{"a":1}`)}); err != nil || got.Reveal() != `{"a":1}` {
		t.Errorf("other JSON as a plain value: %v", err)
	}
}

// Reading any stored string does not panic, and encoding what was decoded from
// a versioned value does not change its versions.
func FuzzDecode(f *testing.F) {
	files, _ := filepath.Glob("../../testdata/keyring/*.json")
	for _, file := range files {
		data, _ := os.ReadFile(file)
		var vectors vectorFile
		if json.Unmarshal(data, &vectors) == nil && vectors.Value != nil {
			f.Add(*vectors.Value)
		}
	}
	now := secret.FromUnixMilli(1_780_000_000_000)
	f.Fuzz(func(t *testing.T, stored string) {
		ring := fake.NewReader(secret.NewValue(stored), "")
		if !ring.Versioned {
			if ring.CurrentVersion().Value.Reveal() != stored {
				t.Fatal("a plain value is changed")
			}
			return
		}
		active := ring.Active(now)
		if len(active) == 0 || active[0].ID != ring.Current {
			t.Fatal("the current version is not active")
		}
		encoded, err := keyring.Encode(ring.Keyring)
		if err != nil {
			return // ids or text that layer does not write
		}
		if diff := cmp.Diff(ring.Keyring, keyring.Decode(encoded, "")); diff != "" {
			t.Fatalf("-decoded +encoded and decoded again:\n%s", diff)
		}
	})
}

// A forecast adds up sizes, so they must be those of the stored value.
func TestSize(t *testing.T) {
	now := secret.FromUnixMilli(1_780_272_000_000)
	current := keyring.Version{ID: "v9", Value: secret.NewValue("now"), ActiveFrom: now}
	for name, v := range map[string]keyring.Version{
		"retained":   {ID: "v8", Value: secret.NewValue("AAAA"), Encoding: keyring.Base64URL, ActiveFrom: now, ExpiresAt: now},
		"forever":    {ID: "v7", Value: secret.NewValue("AAAA"), Encoding: keyring.Base64URL, ActiveFrom: now},
		"text":       {ID: "v10", Value: secret.NewValue("<\"ü\n")},
		"gone":       {ID: "v1", ActiveFrom: now, Gone: true},
		"no version": {ID: "8", Value: secret.NewValue("AAAA")},
	} {
		k := keyring.Keyring{Versioned: true, Current: current.ID, Versions: []keyring.Version{current}}
		alone, err := keyring.Encode(k)
		if err != nil {
			t.Fatal(err)
		}
		k.Versions = append(k.Versions, v)
		want := 0
		if both, err := keyring.Encode(k); err == nil {
			want = both.Len() - alone.Len()
		}
		if got := keyring.Size(v); got != want {
			t.Errorf("%s: got %d bytes, want %d", name, got, want)
		}
	}
}
