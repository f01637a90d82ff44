package rootkey_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/secret"
)

var exactKey = regexp.MustCompile(`^` + rootkey.Prefix + `[A-Za-z0-9_-]{43}$`)

// FuzzParse checks that Parse accepts only lines that Generate could have made,
// and that an error never includes the text.
func FuzzParse(f *testing.F) {
	key := encoded(sequence(0, 32)).Reveal()
	for _, text := range []string{"", key, key + "\n\n " + encoded(sequence(1, 32)).Reveal(), key[:20] + "\r" + key[20:], key + "=", key[1:], "\xff" + key} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ring, err := rootkey.Parse(secret.NewValue(text))
		if err != nil {
			for _, word := range strings.Fields(text) {
				if len(word) > 12 && strings.Contains(err.Error(), word) && !strings.Contains(rootkey.Prefix, word) {
					t.Errorf("the error includes %q", word)
				}
			}
			return
		}
		if ring.Empty() {
			t.Error("no error and no key")
		}
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line != "" && !exactKey.MatchString(line) {
				t.Errorf("%q is accepted as a root key", line)
			}
		}
	})
}

// FuzzOpen checks that Open accepts only the text that Seal returned.
func FuzzOpen(f *testing.F) {
	ring, err := rootkey.Parse(encoded(sequence(0, 32)))
	if err != nil {
		f.Fatal(err)
	}
	context := rootkey.Context{Lineage: rootkey.NewLineage([16]byte(sequence(0, 16))), Environment: "production", ID: "auth/key", StoreName: "lo_1", Version: 2}
	sealed, err := ring.First().Seal(context, secret.NewValue("whsec"), bytes.NewReader(sequence(7, 12)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(sealed))
	f.Add(string(sealed[:8]) + "\n" + string(sealed[8:]))
	f.Add(string(sealed[:len(sealed)-1]) + "B")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		value, err := ring.First().Open(context, rootkey.Sealed(text))
		if opens := err == nil; opens != (text == string(sealed)) {
			t.Errorf("%q opens: %t", text, opens)
		}
		if err == nil && value.Reveal() != "whsec" {
			t.Error("opens as another value")
		}
	})
}
