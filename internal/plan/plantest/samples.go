package plantest

import (
	"testing"
	"time"

	"github.com/layeron/rotate/internal/secret"
)

// Document returns what a compile of the project billing for production makes
// of the declarations.
func Document(declared ...secret.Declaration) secret.Document {
	return secret.Document{Schema: 1, Project: "billing", Workspace: "default", Environment: "production", Secrets: declared}
}

// Random declares a secret of 32 random bytes that rotates from 1 June 2026.
func Random(id secret.ID, everyDays int, retain secret.Retention) secret.Declaration {
	return secret.Declaration{
		ID: id, Kind: secret.Random, Bytes: 32, StoreName: secret.StoreName("default", "billing", "production", id),
		Rotation: &secret.Rotation{EveryDays: everyDays, StartAt: secret.At(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)), Retain: retain},
		Source:   secret.Position{File: "src/secrets.ts", Line: 4, Column: 27},
	}
}

// The retentions of sample secrets.
var (
	None    = secret.Retention{Mode: secret.RetainNone}
	Forever = secret.Retention{Mode: secret.RetainForever}
)

// Keep keeps superseded versions for a number of days.
func Keep(days int) secret.Retention { return secret.Retention{Mode: secret.RetainFor, Days: days} }

// Date parses "1 Jun" or "1 Jun 03:00" as an instant in 2026.
func Date(t testing.TB, s string) secret.Instant {
	t.Helper()
	for _, layout := range []string{"2 Jan 15:04 2006", "2 Jan 2006"} {
		if parsed, err := time.Parse(layout, s+" 2026"); err == nil {
			return secret.At(parsed)
		}
	}
	t.Fatalf("%q is not a date such as \"1 Jun\"", s)
	return secret.Instant{}
}
