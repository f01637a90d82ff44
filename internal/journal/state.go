package journal

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"

	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/secret"
)

// State is all that determines the stored value. The receipt holds its tag, so
// it must not get a field that is known only after the write.
type State struct {
	Serial              int              `json:"serial"`
	StoreName           string           `json:"storeName"`
	Lineage             rootkey.Lineage  `json:"lineage"`
	Anchor              secret.Instant   `json:"anchor"`
	SlotTaken           secret.Instant   `json:"slotTaken"`
	LastScheduledSwitch secret.Instant   `json:"lastScheduledSwitch"`
	Current             secret.Version   `json:"current"`
	LastVersion         secret.Version   `json:"lastVersion"`
	Policy              *secret.Rotation `json:"policy"`
	Versions            Versions         `json:"versions"`
}

// Origin says how a version's value can be rebuilt.
type Origin string

const (
	// Derived values come from the root key.
	Derived Origin = "derived"
	// Sealed values came from outside and are kept encrypted.
	Sealed Origin = "sealed"
	// External values came from outside and are in the store only.
	External Origin = "external"
)

// Version is one version of a secret. RootKey names the key that derived or
// sealed it.
type Version struct {
	Number       secret.Version      `json:"-"`
	ActiveFrom   secret.Instant      `json:"activeFrom"`
	SupersededAt secret.Instant      `json:"supersededAt,omitzero"`
	ExpiresAt    secret.Instant      `json:"expiresAt,omitzero"`
	Origin       Origin              `json:"origin,omitempty"`
	Bytes        int                 `json:"bytes,omitempty"`
	RootKey      rootkey.Fingerprint `json:"rootKey,omitempty"`
	Sealed       rootkey.Sealed      `json:"sealed,omitempty"`
	Encoding     string              `json:"encoding,omitempty"` // if a value from outside came with one
	Gone         bool                `json:"gone,omitempty"`
}

// Expired reports whether the version has expired.
func (v Version) Expired(now secret.Instant) bool {
	return !v.ExpiresAt.IsZero() && !now.Before(v.ExpiresAt)
}

// Staged reports whether the version was published and is not in use yet. It
// means nothing for the current version.
func (v Version) Staged() bool { return v.ActiveFrom.IsZero() && v.ExpiresAt.IsZero() }

// Versions are the versions of a state, ascending by number. In JSON they are
// an object by id in the same order, so that v10 comes after v9 in a diff.
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
