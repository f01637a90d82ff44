package journal

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"

	"github.com/layeron/rotate/internal/secret"
)

// Versions are the versions of a state, ascending by number. In JSON they are
// an object by id in the same order, for v10 comes after v9 in a diff too.
type Versions []Version

// Find returns the version of that number.
func (vs Versions) Find(number secret.Version) (Version, bool) {
	i := slices.IndexFunc(vs, func(v Version) bool { return v.Number == number })
	if i < 0 {
		return Version{}, false
	}
	return vs[i], true
}

// MarshalJSON writes the object.
func (vs Versions) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, v := range vs {
		if i > 0 {
			out.WriteByte(',')
		}
		encoded, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		out.WriteString(`"` + v.Number.String() + `":`)
		out.Write(encoded)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// UnmarshalJSON reads the object.
func (vs *Versions) UnmarshalJSON(data []byte) error {
	var read map[string]Version
	if err := json.Unmarshal(data, &read); err != nil {
		return err
	}
	*vs = make(Versions, 0, len(read))
	for id, v := range read {
		number, err := secret.ParseVersion(id)
		if err != nil {
			return err
		}
		v.Number = number
		*vs = append(*vs, v)
	}
	slices.SortFunc(*vs, func(a, b Version) int { return cmp.Compare(a.Number, b.Number) })
	return nil
}
