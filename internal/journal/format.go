package journal

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
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

// parts joins texts unambiguously: each follows its length.
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
