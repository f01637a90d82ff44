package secret_test

import (
	"testing"

	"github.com/layeron/rotate/internal/secret"
)

func TestCount(t *testing.T) {
	for noun, want := range map[string]string{
		"entry": "entries", "day": "days", "key": "keys", "byte": "bytes", "secret": "secrets", "more secret": "more secrets", "y": "ys",
	} {
		for n, want := range map[int]string{0: "0 " + want, 1: "1 " + noun, 2: "2 " + want, 11: "11 " + want} {
			if got := secret.Count(n, noun); got != want {
				t.Errorf("%d of %q: got %q, want %q", n, noun, got, want)
			}
		}
	}
}

func TestRetentionInWords(t *testing.T) {
	for _, c := range []struct {
		retain         secret.Retention
		length, string string
	}{
		{secret.Retention{}, "none", "none"},
		{secret.Retention{Mode: secret.RetainNone}, "none", "none"},
		{secret.Retention{Mode: secret.RetainFor, Days: 1}, "1 day", "retain_for 1 day"},
		{secret.Retention{Mode: secret.RetainFor, Days: 14}, "14 days", "retain_for 14 days"},
		{secret.Retention{Mode: secret.RetainForever}, "forever", "retain_forever"},
	} {
		if c.retain.Length() != c.length || c.retain.String() != c.string {
			t.Errorf("%#v: got %q and %q, want %q and %q", c.retain, c.retain.Length(), c.retain, c.length, c.string)
		}
	}
}
