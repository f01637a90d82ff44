package report

import (
	"strings"

	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/secret"
)

// Store names the store of a plan.
func Store(p plan.Plan) string {
	switch p.Store {
	case plan.NotConsulted:
		return "store not consulted"
	case plan.LocalStore:
		return "local store"
	}
	return "Cloudflare Secrets Store"
}

// did is what an action is called once it is done. Of an orphan only the
// journal changes.
var did = map[plan.Action]string{
	plan.Create: "created", plan.Rotate: "rotated", plan.Recover: "recovered",
	plan.Extend: "extended", plan.Prune: "pruned", plan.Orphaned: string(plan.Orphaned),
}

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

// instant is an instant in a column that says UTC.
func instant(at secret.Instant) string {
	if at.IsZero() {
		return "-"
	}
	return strings.TrimSuffix(at.Text(), " UTC")
}
