package rootkey_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/secret"
)

// sequence returns n bytes counting up from first, as in the published vectors.
func sequence(first byte, n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = first + byte(i)
	}
	return out
}

func encoded(material []byte) secret.Value {
	return secret.NewValue(rootkey.Prefix + base64.RawURLEncoding.EncodeToString(material))
}

func ring(t *testing.T, materials ...[]byte) rootkey.Ring {
	t.Helper()
	var lines []string
	for _, m := range materials {
		lines = append(lines, encoded(m).Reveal())
	}
	r, err := rootkey.Parse(secret.NewValue(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var context = rootkey.Context{
	Lineage:     rootkey.NewLineage([16]byte(sequence(0xa0, 16))),
	Environment: "production", ID: "auth/session-key", StoreName: "lo_a494b5a896c5b7b352b5ffef", Version: 1,
}

// If this fails, no value that was ever written can be derived again.
func TestVectors(t *testing.T) {
	key := ring(t, sequence(0, 32)).First()
	if got, want := key.Fingerprint(), rootkey.Fingerprint("997fa48c5f38e021"); got != want {
		t.Errorf("fingerprint %s, want %s", got, want)
	}
	got, err := key.Value(context, 32)
	if err != nil {
		t.Fatal(err)
	}
	if want := "fL-qBEtIFfYrM83cWMW6j7K7-ncFXtJFcZ5GvHLCXek"; got.Reveal() != want {
		t.Errorf("value %s, want %s", got.Reveal(), want)
	}
}

func TestEveryPartOfTheContextMatters(t *testing.T) {
	key := ring(t, sequence(0, 32)).First()
	seen := map[string]string{}
	try := func(name string, k rootkey.Key, c rootkey.Context, bytes int) {
		v, err := k.Value(c, bytes)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if other, dup := seen[v.Reveal()]; dup {
			t.Errorf("%s has the value of %s", name, other)
		}
		seen[v.Reveal()] = name
	}
	with := func(change func(*rootkey.Context)) rootkey.Context { c := context; change(&c); return c }
	try("the context", key, context, 32)
	try("another key", ring(t, sequence(1, 32)).First(), context, 32)
	try("another length", key, context, 33)
	try("another lineage", key, with(func(c *rootkey.Context) { c.Lineage = rootkey.NewLineage([16]byte{}) }), 32)
	try("another environment", key, with(func(c *rootkey.Context) { c.Environment = "staging" }), 32)
	try("another id", key, with(func(c *rootkey.Context) { c.ID = "auth/session-key2" }), 32)
	try("another store name", key, with(func(c *rootkey.Context) { c.StoreName = "X" }), 32)
	try("another version", key, with(func(c *rootkey.Context) { c.Version = 2 }), 32)
	try("parts that run into each other", key, with(func(c *rootkey.Context) { c.Environment, c.ID = "productiona", "uth/session-key" }), 32)
}

func TestValueLengths(t *testing.T) {
	key := ring(t, sequence(0, 32)).First()
	for _, n := range []int{16, 32, 33, 1024} {
		v, err := key.Value(context, n)
		if err != nil {
			t.Fatal(err)
		}
		if decoded, err := base64.RawURLEncoding.DecodeString(v.Reveal()); err != nil || len(decoded) != n {
			t.Errorf("asked for %d bytes, got %d (%v)", n, len(decoded), err)
		}
	}
}

// Parse must refuse a password, and a root key that was truncated or mangled
// when copied, and the error must not repeat it.
func TestParseRefuses(t *testing.T) {
	good := encoded(sequence(0, 32)).Reveal()
	for name, text := range map[string]string{
		"nothing":        "",
		"blank lines":    " \n\n",
		"a password":     "correct-horse-battery-staple",
		"no prefix":      strings.TrimPrefix(good, rootkey.Prefix),
		"short":          good[:len(good)-1],
		"long":           good + "A",
		"padded":         good + "=",
		"other alphabet": strings.Replace(good, "A", "+", 1),
		"31 bytes":       encoded(sequence(0, 31)).Reveal(),
		"stray bits":     good[:len(good)-1] + "9",
		"quoted":         `"` + good + `"`,
		"second is bad":  good + "\nsecond-password",
	} {
		_, err := rootkey.Parse(secret.NewValue(text))
		if err == nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		for _, line := range strings.Fields(text) {
			if strings.Contains(err.Error(), strings.TrimPrefix(line, rootkey.Prefix)) {
				t.Errorf("%s: the error shows the key: %v", name, err)
			}
		}
	}
}

func TestSeveralKeys(t *testing.T) {
	oldKey, newKey := sequence(1, 32), sequence(2, 32)
	r := ring(t, newKey, oldKey)
	if got, want := r.First().Fingerprint(), ring(t, newKey).First().Fingerprint(); got != want {
		t.Errorf("new versions would be derived from %s, want the first key, %s", got, want)
	}
	if _, err := r.Key(ring(t, oldKey).First().Fingerprint()); err != nil {
		t.Errorf("old versions cannot be derived again: %v", err)
	}
	if _, err := r.Key("0000000000000000"); !errors.Is(err, rootkey.ErrUnknownKey) {
		t.Errorf("unknown fingerprint: got %v", err)
	}
	if crlf, err := rootkey.Parse(secret.NewValue(encoded(newKey).Reveal() + "\r\n" + encoded(oldKey).Reveal() + "\r\n")); err != nil || crlf.First().Fingerprint() != r.First().Fingerprint() {
		t.Errorf("lines that end in CR LF: %v", err)
	}
}

func TestGenerate(t *testing.T) {
	text, err := rootkey.Generate(bytes.NewReader(sequence(0, 32)))
	if err != nil || !text.Equal(encoded(sequence(0, 32))) || text.Len() != len(rootkey.Prefix)+43 {
		t.Errorf("generated %d bytes, %v", text.Len(), err)
	}
	if _, err := rootkey.Generate(bytes.NewReader(nil)); err == nil {
		t.Error("made a root key without randomness")
	}
}

func TestSeal(t *testing.T) {
	key := ring(t, sequence(0, 32)).First()
	random := rand.NewChaCha8([32]byte{})
	for _, text := range []string{"", "x", strings.Repeat("y", 60), strings.Repeat("z", 61), strings.Repeat("w", 65_536)} {
		sealed, err := key.Seal(context, secret.NewValue(text), random)
		if err != nil {
			t.Fatal(err)
		}
		if opened, err := key.Open(context, sealed); err != nil || opened.Reveal() != text {
			t.Errorf("a value of %d bytes changes: %v", len(text), err)
		}
		other := context
		other.Version = 2
		if _, err := key.Open(other, sealed); err == nil {
			t.Error("a sealed value opens for another version")
		}
		raw, _ := base64.RawURLEncoding.DecodeString(string(sealed))
		raw[len(raw)-1] ^= 1
		if _, err := key.Open(context, rootkey.Sealed(base64.RawURLEncoding.EncodeToString(raw))); err == nil {
			t.Error("a damaged sealed value opens")
		}
	}
	a, _ := key.Seal(context, secret.NewValue("a"), random)
	b, _ := key.Seal(context, secret.NewValue(strings.Repeat("b", 60)), random)
	if len(a) != len(b) {
		t.Errorf("sealed values of 1 and 60 bytes differ in length: %d, %d", len(a), len(b))
	}
	for _, damaged := range []rootkey.Sealed{"", "AAAA", "!", a[:20]} {
		if _, err := key.Open(context, damaged); err == nil {
			t.Errorf("%q opens", damaged)
		}
	}
}

func TestMAC(t *testing.T) {
	entry := []byte("entry")
	old := ring(t, sequence(1, 32))
	mac, err := old.First().MAC(entry)
	if err != nil {
		t.Fatal(err)
	}
	if !ring(t, sequence(2, 32), sequence(1, 32)).Verify(entry, mac) {
		t.Error("an entry authenticated with the old key does not verify with both keys given")
	}
	for name, ok := range map[string]bool{
		"another entry": old.Verify([]byte("entrY"), mac),
		"another key":   ring(t, sequence(2, 32)).Verify(entry, mac),
		"another mac":   old.Verify(entry, mac[:len(mac)-1]+"_"),
		"no mac":        old.Verify(entry, ""),
		"no key":        rootkey.Ring{}.Verify(entry, mac),
	} {
		if ok {
			t.Errorf("%s verifies", name)
		}
	}
}

func TestKeysDoNotPrint(t *testing.T) {
	text := encoded(sequence('a', 32))
	r, err := rootkey.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	shown := fmt.Sprintf("%v %+v %#v %v %#v", r, r, r, r.First(), r.First())
	if strings.Contains(shown, "abcdef") || strings.Contains(shown, text.Reveal()[20:30]) || strings.Contains(shown, "97 98 99") {
		t.Errorf("a root key shows: %s", shown)
	}
}
