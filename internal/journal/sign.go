package journal

import (
	"maps"
	"slices"
	"strconv"

	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/secret"
)

// Sign is the journal with the given entries authenticated by a key.
func (j Journal) Sign(key rootkey.Key, ids ...secret.ID) (Journal, error) {
	for _, id := range ids {
		signed := *j.Entries[id]
		mac, err := key.MAC(j.canonical(id, &signed))
		if err != nil {
			return Journal{}, err
		}
		signed.HMAC = mac
		j = j.With(id, &signed)
	}
	return j, nil
}

// canonical is what an entry's HMAC covers: schema, owner, environment, id,
// store name and the whole entry but the HMAC itself, each as 4-byte big-endian
// length and bytes, owner and entry as compact JSON in the order of the fields
// above.
func (j Journal) canonical(id secret.ID, entry *Entry) []byte {
	unsigned := *entry
	unsigned.HMAC = ""
	return parts(strconv.Itoa(j.Schema), compact(j.Owner), j.Environment, string(id), entry.StoreName(), compact(unsigned))
}

// Tampered lists the entries that none of the ring's keys authenticates.
func (j Journal) Tampered(ring rootkey.Ring) map[secret.ID]bool {
	tampered := map[secret.ID]bool{}
	for id, entry := range j.Entries {
		if !j.Verifies(ring, id, entry) {
			tampered[id] = true
		}
	}
	return tampered
}

// Verifies reports whether one of the ring's keys authenticates an entry of this
// journal.
func (j Journal) Verifies(ring rootkey.Ring, id secret.ID, entry *Entry) bool {
	return ring.Verify(j.canonical(id, entry), entry.HMAC)
}

// Moved returns the journal with another place and owner. The former owner is
// kept, so that its receipts are still accepted. Every entry is signed again,
// because its HMAC covers the owner.
func (j Journal) Moved(place Place, owner Owner, key rootkey.Key) (Journal, error) {
	if !slices.Contains(j.FormerOwners, j.Owner) {
		j.FormerOwners = append(slices.Clone(j.FormerOwners), j.Owner)
	}
	j.Place, j.Owner = place, owner
	return j.Sign(key, slices.Collect(maps.Keys(j.Entries))...)
}
