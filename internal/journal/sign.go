package journal

import (
	"maps"
	"slices"
	"strconv"

	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/secret"
)

// Sign returns the journal with the given entries signed by a key.
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

// canonical returns what an entry's HMAC covers: schema, owner, environment, id,
// store name and the whole entry without the HMAC, each as 4-byte big-endian
// length and bytes. Owner and entry are compact JSON with the fields in the order
// of their Go types.
func (j Journal) canonical(id secret.ID, entry *Entry) []byte {
	unsigned := *entry
	unsigned.HMAC = ""
	return parts(strconv.Itoa(j.Schema), compact(j.Owner), j.Environment, string(id), entry.StoreName(), compact(unsigned))
}

// Tampered returns the entries that no key of the ring authenticates.
func (j Journal) Tampered(ring rootkey.Ring) map[secret.ID]bool {
	tampered := map[secret.ID]bool{}
	for id, entry := range j.Entries {
		if !j.Verifies(ring, id, entry) {
			tampered[id] = true
		}
	}
	return tampered
}

// Verifies reports whether a key of the ring authenticates an entry of this
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
