package sim_test

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"
	"testing"

	"github.com/layeron/rotate/internal/rootkey"
)

// leaks looks for secrets in all that is written for people (P5). Only long
// words of letters that values consist of are kept of a text; what was secret
// is often known later.
type leaks struct {
	words   map[string]bool
	secrets map[string]bool
}

func newLeaks() leaks {
	l := leaks{map[string]bool{}, map[string]bool{}}
	l.guard(storeToken)
	l.guard(githubToken)
	return l
}

// probe is how much of a secret is looked for.
const probe = 16

// guard looks for a secret as it is, in hex and in base64. All of them consist of
// base64url's letters, so that both kinds of base64 and URLs write them alike.
func (l leaks) guard(secret string) {
	if len(secret) < probe || l.secrets[secret] {
		return
	}
	raw := []byte(secret)
	for _, form := range []string{secret, hex.EncodeToString(raw), base64.RawStdEncoding.EncodeToString(raw)} {
		l.secrets[form] = true
	}
}

// scan keeps the words of a text that might hold a secret.
func (l leaks) scan(text string) {
	begin := -1
	for i := 0; i <= len(text); i++ {
		if i < len(text) && inWord(text[i]) {
			if begin < 0 {
				begin = i
			}
			continue
		}
		if begin >= 0 && i-begin >= probe {
			if word := text[begin:i]; !l.words[word] {
				l.words[strings.Clone(word)] = true
			}
		}
		begin = -1
	}
}

func inWord(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

// found is a secret that shows, if any does.
func (l leaks) found() (string, bool) {
	probes := map[string]string{}
	for s := range l.secrets {
		probes[s[:probe]] = s
	}
	for word := range l.words {
		for i := 0; i+probe <= len(word); i++ {
			if s, known := probes[word[i:i+probe]]; known && strings.HasPrefix(word[i:], s) {
				return s, true
			}
		}
	}
	return "", false
}

// A search that finds nothing proves something only if it finds what is there.
func TestLeaksAreFound(t *testing.T) {
	secret := "whsec_0123456789-abc"
	for _, shown := range []string{secret, hex.EncodeToString([]byte(secret)), base64.StdEncoding.EncodeToString([]byte(secret)), url.QueryEscape(secret)} {
		l := newLeaks()
		l.guard(secret)
		l.scan("Run 1 of production: " + shown + ", applied")
		if _, leaked := l.found(); !leaked {
			t.Errorf("%q is not found", shown)
		}
	}
	l := newLeaks()
	l.guard(secret)
	l.scan("Run 1 of production: whsec_0123456788-abc, applied")
	if s, leaked := l.found(); leaked {
		t.Errorf("%q is found where it is not", s)
	}
}

func (w *world) checkLeaks() {
	for _, key := range w.keys {
		w.leaks.guard(strings.TrimPrefix(key, rootkey.Prefix))
	}
	if s, leaked := w.leaks.found(); leaked {
		w.violation("P5: %q shows", s)
	}
}

// addKey replaces the root key; the old ones stay beside it.
func (w *world) addKey() {
	var raw [32]byte
	_, _ = w.random.Read(raw[:])
	w.keys = append([]string{rootkey.Prefix + base64.RawURLEncoding.EncodeToString(raw[:])}, w.keys...)
}
