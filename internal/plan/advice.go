package plan

import (
	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/secret"
)

// advice returns the command or step that unblocks an entry.
func (p *planner) advice(e Entry) string {
	id := Quote(string(e.ID))
	if e.Kind == secret.Static && (e.Status == JournalLost || e.Status == ForeignOwner) {
		return "restore the journal from git history, or give the value again with " + p.command("secret set "+id+" --value-env VAR")
	}
	switch e.Status {
	case ExternalValueRequired:
		if p.onGitHub() {
			return "`layer secret set " + e.StoreName + " --value-env VAR`"
		}
		return p.command("secret set " + id + " --value-env VAR")
	case ProviderFlowRequired:
		return "let its product make the value and write it to " + e.StoreName
	case InFlight:
		return "wait, then run again"
	case AdoptionRequired:
		if e.Current != 0 {
			return p.command("secret repair " + id + " --restamp --reason TEXT")
		}
		return p.command("secret adopt " + id + " --value-env VAR --reason TEXT")
	case DestructiveChange, FormChange:
		return p.command("secret rotate --apply --allow-destructive --only " + id)
	case ValueTooLarge:
		return "retain fewer versions, or declare fewer bytes"
	case QuotaExceeded:
		return "delete secrets that are no longer used, or ask Cloudflare for a larger quota"
	case WriteRefused:
		return "change what the store refused: its declaration, size or quota"
	case Drift:
		return p.command("secret adopt "+id+" --value-env VAR --reason TEXT") + ", or overwrite the change with " + p.command("secret repair "+id+" --rewrite --reason TEXT")
	case ForeignOwner:
		return "give this secret another store name, or take it over with " + p.command("secret repair "+id+" --claim --reason TEXT")
	case JournalConflict:
		if !p.onGitHub() { // a file has no sides to choose between
			return p.command("secret repair " + id + " --rewrite --reason TEXT")
		}
		return p.command("secret repair " + id + " --take receipt --reason TEXT")
	case JournalTampered:
		return "restore the entry from git history, or add the root key that signed it to LAYER_ROOT_KEY, on a line after the new one"
	case JournalLost:
		return "restore the journal from git history, or give the secret a new value with " + p.command("secret adopt "+id+" --discard-current --reason TEXT")
	case ClockBehindJournal:
		if p.local() {
			return "set the clock right; if `--at` moved this store ahead, go on with `--at` from " + p.in.Journal.Newest(p.tampered).String() + ", or remove .layeron/local to start over"
		}
		return "set the clock right, or restore the journal from git history"
	case RootKeyRequired:
		return "add the old root key to LAYER_ROOT_KEY on its own line, after the new one"
	}
	return ""
}

// onGitHub reports whether the journal is on GitHub, where the command line does
// not write it.
func (p *planner) onGitHub() bool {
	if p.in.Journal != nil {
		return p.in.Journal.Place == journal.PlaceGitHub
	}
	return p.in.Owner.RepositoryID != 0
}

func (p *planner) command(words string) string {
	scope := p.in.Request.Scope
	if scope == "" {
		scope = " --env " + p.in.Document.Environment
		if p.local() {
			scope += " --local"
		}
	}
	return "`layer " + words + scope + "`"
}

func (p *planner) local() bool { return p.in.Store != nil && p.in.Store.Name == LocalStore }
