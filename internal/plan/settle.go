package plan

import (
	"maps"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/secret"
)

// Settle decides those conflicts of a journal that a receipt in the store
// decides, so that whatever is written next holds the side that is true. The
// others stay.
func Settle(j *journal.Journal, conflicts journal.Conflicts, stored []secret.Stored, ring rootkey.Ring) (*journal.Journal, journal.Conflicts) {
	if len(conflicts) == 0 {
		return j, nil
	}
	comments := map[string]string{}
	for _, s := range stored {
		comments[s.Name] = s.Comment
	}
	settled, left := *j, maps.Clone(conflicts)
	settled.Entries = maps.Clone(j.Entries)
	for key, c := range conflicts {
		for _, e := range []*journal.Entry{c.Bot, c.Base} {
			receipt, ok := journal.ParseReceipt(comments[e.StoreName()])
			authentic := ring.Empty() || j.Verifies(ring, key, e)
			if ok && authentic && (receipt.Names(e.State) || e.Intent != nil && receipt.Names(e.Intent.Next)) {
				settled.Entries[key] = e
				delete(left, key)
				break
			}
		}
	}
	return &settled, left
}
