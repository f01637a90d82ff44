package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/secret"
)

// orphans plans the entries that have no declaration. They are never written, and
// their open intents are closed.
func (p *planner) orphans(declared []Entry) ([]Entry, []secret.Diagnostic) {
	if p.in.Journal == nil {
		return nil, nil
	}
	keys, ids := map[secret.ID]bool{}, map[secret.ID]bool{}
	for _, e := range declared {
		ids[e.ID] = true
		if entry, key := p.find(e.ID, e.StoreName); entry != nil {
			keys[key] = true
		}
	}
	var out []Entry
	var warnings []secret.Diagnostic
	was := map[secret.ID][]secret.ID{} // the orphans that a new secret looks like
	for id, e := range p.in.Journal.Entries {
		if keys[id] {
			continue
		}
		orphan := p.orphan(id, e)
		if ids[id] {
			orphan.ID = journal.Displaced(id, e.StoreName())
		}
		if renamed := rename(orphan, e, declared); renamed != nil && orphan.Action == Orphaned {
			was[renamed.ID] = append(was[renamed.ID], orphan.ID)
			orphan.Reason += fmt.Sprintf("; it looks as if it was renamed to %s", renamed.ID)
			warnings = append(warnings, secret.Diagnostic{
				Severity: secret.Warning, Code: "looks_like_rename", Position: renamed.Source,
				Message: fmt.Sprintf("%q looks like %q under a new name: it is created with its own value, and the old secret stays in the store untouched; keep the old name if its readers still need its versions", renamed.ID, id),
			})
		}
		out = append(out, orphan)
	}
	for i, e := range declared {
		if ids := was[e.ID]; len(ids) == 1 {
			declared[i].RenamedFrom = ids[0]
		}
	}
	slices.SortFunc(out, func(a, b Entry) int { return cmp.Compare(a.ID, b.ID) })
	return out, secret.SortDiagnostics(warnings)
}

func (p *planner) orphan(id secret.ID, e *journal.Entry) Entry {
	out := Entry{ID: id, StoreName: e.StoreName(), Retain: secret.Retention{Mode: secret.RetainNone}}
	if e.State != nil {
		out.Current, out.Versions, out.Retain, out.Applied = e.State.Current, Versions(e.State, p.in.Now), Retain(*e.State), e.State.Policy
	}
	if p.clockBehind {
		status, reason := p.wrongClock()
		return block(out, status, reason)
	}
	out.Action, out.Status, out.Reason = Orphaned, IsOrphaned, "no longer declared; it stays in the store as it is"
	if open := e.Open(); open != nil && !p.tampered[id] && p.in.Store != nil && !p.inFlight(e) {
		out.Change = &Change{Key: id, Entry: p.closeOrphan(e)}
	}
	return out
}

// closeOrphan closes the open intent of a secret that is no longer declared: as
// written if the receipt confirms it, else as void.
func (p *planner) closeOrphan(e *journal.Entry) *journal.Entry {
	if s := p.stored[e.StoreName()]; s != nil {
		if receipt, ok := journal.ParseReceipt(s.Comment); ok && p.owns(receipt) && receipt.Names(e.Intent.Next) {
			return e.Recorded(observed(s))
		}
	}
	return e.Closed(journal.Void, nil)
}

// rename finds the only new secret that has an orphan's retention and shares its
// name or its namespace. A derived value does not become an operator's.
func rename(orphan Entry, e *journal.Entry, declared []Entry) *Entry {
	if e.State == nil {
		return nil
	}
	id := secret.ID(strings.TrimSuffix(string(orphan.ID), "#"+orphan.StoreName))
	current, _ := e.State.Versions.Find(e.State.Current)
	var found *Entry
	several := false
	for i, d := range declared {
		alike := d.ID.Name() == id.Name() || d.ID.Namespace() == id.Namespace()
		if !d.New() || !alike || d.Retain != orphan.Retain || d.Kind == secret.Static && current.Origin == journal.Derived {
			continue
		}
		if d.ID == id {
			return &declared[i]
		}
		if found != nil {
			several = true
		}
		found = &declared[i]
	}
	if several {
		return nil
	}
	return found
}
