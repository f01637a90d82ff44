package journal

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"strconv"

	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/secret"
)

// Format writes the journal: indented, header first, entries sorted by the
// bytes of their ids, versions by number.
func Format(j Journal) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(j); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

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

func parts(list ...string) []byte {
	var out []byte
	for _, part := range list {
		out = binary.BigEndian.AppendUint32(out, uint32(len(part)))
		out = append(out, part...)
	}
	return out
}

// compact encodes one of this package's types, which cannot fail.
func compact(v any) string {
	encoded, err := json.Marshal(v)
	if err != nil {
		panic("journal: " + err.Error())
	}
	return string(encoded)
}
