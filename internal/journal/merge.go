package journal

import (
	"maps"
	"strings"

	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/secret"
)

// Conflict is an entry on which the base branch and the bot branch disagree. Only
// the receipt in the store shows which side was written.
type Conflict struct{ Base, Bot *Entry }

// Conflicts are the conflicts of a merge, by the key of their entries.
type Conflicts map[secret.ID]Conflict

// Snapshot is a journal as it was read, at one revision.
type Snapshot struct {
	Journal   *Journal // nil: there is none yet
	Conflicts Conflicts
	Revision  string // a write replaces the journal only at this revision
}

// Merge returns the effective journal of a base branch and a bot branch
// (docs/design/protocol.md, "A journal on GitHub"), either of which may be nil.
// Of two entries of one lineage, the one with the higher serial wins; at equal
// serials a closed intent wins over the same intent open. Any other difference
// is a conflict, for which the merged journal holds the bot branch's entry. The
// header with more former owners wins, or the bot branch's if both have as many.
func Merge(base, bot *Journal) (merged *Journal, conflicts Conflicts) {
	switch {
	case base == nil:
		return bot, nil
	case bot == nil:
		return base, nil
	}
	header := *bot
	if len(base.FormerOwners) > len(bot.FormerOwners) {
		header = *base
	}
	header.Entries = maps.Clone(base.Entries)
	maps.Copy(header.Entries, bot.Entries)
	conflicts = Conflicts{}
	for id, ours := range bot.Entries {
		theirs, both := base.Entries[id]
		if !both {
			continue
		}
		entry, known := effective(base, bot, id, header.Owner)
		header.Entries[id] = entry
		if !known {
			conflicts[id] = Conflict{Base: theirs, Bot: ours}
		}
	}
	dropReplaced(header.Entries)
	return &header, conflicts
}

// effective chooses between two entries with one key. known is false if they are
// a conflict: their lineages differ, or they differ at one serial.
func effective(base, bot *Journal, id secret.ID, owner Owner) (entry *Entry, known bool) {
	theirs, ours := base.Entries[id], bot.Entries[id]
	switch {
	case compact(theirs) == compact(ours):
		return ours, true
	case theirs.StoreName() != ours.StoreName():
		return replaced(base, bot, id)
	case theirs.Lineage() != ours.Lineage():
		return ours, false
	case theirs.Serial != ours.Serial:
		if theirs.Serial > ours.Serial {
			return theirs, true
		}
		return ours, true
	case base.Owner != bot.Owner && unsigned(theirs) == unsigned(ours):
		if base.Owner == owner { // signed again when the journal moved
			return theirs, true
		}
		return ours, true
	case closes(theirs, ours):
		return theirs, true
	}
	return ours, closes(ours, theirs)
}

// replaced chooses between entries of one id with different store names. The
// later side holds the other's entry under its displaced key.
func replaced(base, bot *Journal, id secret.ID) (entry *Entry, known bool) {
	theirs, ours := base.Entries[id], bot.Entries[id]
	botKnows, baseKnows := displaces(bot, id, theirs), displaces(base, id, ours)
	if baseKnows && !botKnows {
		return theirs, true
	}
	return ours, botKnows && !baseKnows
}

func displaces(j *Journal, id secret.ID, entry *Entry) bool {
	old, held := j.Entries[Displaced(id, entry.StoreName())]
	return held && old.Serial >= entry.Serial
}

// dropReplaced removes displaced entries whose id has their store name again.
func dropReplaced(entries map[secret.ID]*Entry) {
	for key, entry := range entries {
		id, displaced := strings.CutSuffix(string(key), string(Displaced("", entry.StoreName())))
		if now, held := entries[secret.ID(id)]; displaced && held && now.StoreName() == entry.StoreName() {
			delete(entries, key)
		}
	}
}

// closes reports whether closed is what open became when its intent ended.
func closes(closed, open *Entry) bool {
	before, after := open.Open(), closed.Intent
	if before == nil || after == nil || after.Outcome == "" {
		return false
	}
	if after.Outcome == Written {
		return announced(before) == announced(after) && compact(closed.State) == compact(before.Next)
	}
	return announced(before) == announced(after) && compact(closed.State) == compact(open.State) && compact(after.Next) == compact(before.Next)
}

// announced encodes the fields of an intent that its outcome does not change.
func announced(in *Intent) string {
	begun := *in
	begun.Outcome, begun.Refusal, begun.Next = "", nil, nil
	return compact(begun)
}

func unsigned(e *Entry) string {
	bare := *e
	bare.HMAC = ""
	return compact(bare)
}

// Resolve replaces each conflict for which the store has a receipt of one side by
// that side, so that the next commit holds what was written. Other conflicts
// remain.
func (s Snapshot) Resolve(stored []secret.Stored, ring rootkey.Ring) Snapshot {
	if len(s.Conflicts) == 0 {
		return s
	}
	receipts := map[string]Receipt{}
	for _, in := range stored {
		if receipt, ok := ParseReceipt(in.Comment); ok {
			receipts[in.Name] = receipt
		}
	}
	resolved := *s.Journal
	resolved.Entries, s.Conflicts = maps.Clone(resolved.Entries), maps.Clone(s.Conflicts)
	for key, c := range s.Conflicts {
		for _, e := range []*Entry{c.Bot, c.Base} {
			receipt, ok := receipts[e.StoreName()]
			if ok && receipt.Confirms(e) && (ring.Empty() || s.Journal.Verifies(ring, key, e)) {
				resolved.Entries[key] = e
				delete(s.Conflicts, key)
				break
			}
		}
	}
	s.Journal = &resolved
	return s
}
