package report

import (
	"strings"

	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/secret"
)

// Store returns the name of the store that a plan used.
func Store(p plan.Plan) string {
	switch p.Store {
	case plan.NotConsulted:
		return "store not consulted"
	case plan.LocalStore:
		return "local store"
	}
	return "Cloudflare Secrets Store"
}

// did has the past tense of each action. Nothing happens to an orphaned secret:
// only its entry in the journal changes.
var did = map[plan.Action]string{
	plan.Create: "created", plan.Rotate: "rotated", plan.Recover: "recovered",
	plan.Extend: "extended", plan.Prune: "pruned", plan.Orphaned: string(plan.Orphaned),
}

// versions returns the version before the action and the one after it.
func versions(e plan.Entry) string {
	switch {
	case e.Next != 0 && e.Current != 0:
		return e.Current.String() + " → " + e.Next.String()
	case e.Next != 0:
		return "→ " + e.Next.String()
	case e.Current != 0:
		return e.Current.String()
	}
	return "-"
}

// instant returns an instant for a column whose title says UTC.
func instant(at secret.Instant) string {
	if at.IsZero() {
		return "-"
	}
	return strings.TrimSuffix(at.Text(), " UTC")
}
