package fake

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/secret"
)

// Date parses "1 Jun" or "1 Jun 03:00" as an instant in 2026, and "" as none.
func Date(t testing.TB, s string) secret.Instant {
	t.Helper()
	if s == "" {
		return secret.Instant{}
	}
	for _, layout := range []string{"2 Jan 15:04 2006", "2 Jan 2006"} {
		if parsed, err := time.Parse(layout, s+" 2026"); err == nil {
			return secret.At(parsed)
		}
	}
	t.Fatalf("%q is not a date such as \"1 Jun\"", s)
	return secret.Instant{}
}

// Folder returns an empty folder that lasts as long as the test.
func Folder(t testing.TB) *os.Root {
	t.Helper()
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	return root
}

// RootKeys returns a ring with one root key for each letter: the letter, 32
// times. Without letters the ring is empty.
func RootKeys(t testing.TB, letters ...byte) rootkey.Ring {
	t.Helper()
	if len(letters) == 0 {
		return rootkey.Ring{}
	}
	var lines []string
	for _, letter := range letters {
		key, err := rootkey.Generate(bytes.NewReader(bytes.Repeat([]byte{letter}, 32)))
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, key.Reveal())
	}
	ring, err := rootkey.Parse(secret.NewValue(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// The retentions of sample secrets.
var (
	KeepNone    = secret.Retention{Mode: secret.RetainNone}
	KeepForever = secret.Retention{Mode: secret.RetainForever}
)

// KeepDays keeps superseded versions for a number of days.
func KeepDays(days int) secret.Retention {
	return secret.Retention{Mode: secret.RetainFor, Days: days}
}

// RandomSecret declares a secret of 32 random bytes in the production
// environment of the project billing. It rotates from 1 June 2026.
func RandomSecret(id secret.ID, everyDays int, retain secret.Retention) secret.Declaration {
	return secret.Declaration{
		ID: id, Kind: secret.Random, Bytes: 32, StoreName: secret.StoreName("default", "billing", "production", id),
		Rotation: &secret.Rotation{EveryDays: everyDays, StartAt: secret.At(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)), Retain: retain},
		Source:   secret.Position{File: "src/secrets.ts", Line: 4, Column: 27},
	}
}

// StaticSecret declares the secret of RandomSecret, but an operator supplies
// its value.
func StaticSecret(id secret.ID, everyDays int, retain secret.Retention) secret.Declaration {
	d := RandomSecret(id, everyDays, retain)
	d.Kind, d.Bytes = secret.Static, 0
	return d
}

// ProductSecret declares the secret of RandomSecret, but the product r2 makes
// its value.
func ProductSecret(id secret.ID, everyDays int, retain secret.Retention) secret.Declaration {
	d := RandomSecret(id, everyDays, retain)
	d.Kind, d.Ownership = secret.Generated, &secret.Ownership{OwnerProduct: "r2"}
	return d
}
