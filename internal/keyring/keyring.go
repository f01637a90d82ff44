// Package keyring encodes and decodes the stored value (docs/design/formats.md,
// "Stored value"): the string that Secrets Store holds for a secret. It is
// pure.
//
// With retention the value is compact JSON with every version that is still
// promised; without, it is the plain value. The format does not change, because
// Workers that were deployed long ago read values written today. Only tests
// read a version as a Worker does: Reader in internal/fake and the Worker
// library in worker/ pass the same test vectors in testdata/keyring.
package keyring

import (
	"cmp"
	"regexp"
	"slices"

	"github.com/layeron/rotate/internal/secret"
)

// Base64URL is the encoding of generated values: unpadded base64url of their
// bytes. Values from outside are text and have no encoding.
const Base64URL = "base64url"

// Version is one version in a stored value.
//
// A version that is not current and has neither ActiveFrom nor ExpiresAt is
// staged: published before its use. A Gone version was removed before an older
// one. Its ActiveFrom stays, so that its time does not count as another
// version's.
type Version struct {
	ID         string // "v1", "v2" …; empty in a plain value
	Value      secret.Value
	Encoding   string
	ActiveFrom secret.Instant
	ExpiresAt  secret.Instant
	Gone       bool
}

// Keyring is a decoded stored value. If it is not Versioned it is plain: one
// current version without an id.
type Keyring struct {
	Versioned bool
	Current   string
	Versions  []Version // ascending by id
}

// Find returns the version with an id, even if it is gone.
func (k Keyring) Find(id string) (Version, bool) {
	i := slices.IndexFunc(k.Versions, func(v Version) bool { return v.ID == id })
	if i < 0 {
		return Version{}, false
	}
	return k.Versions[i], true
}

func (k Keyring) sort() {
	slices.SortFunc(k.Versions, func(a, b Version) int { return compareIDs(a.ID, b.ID) })
}

var wellFormed = regexp.MustCompile(`^v[1-9][0-9]*$`)

// compareIDs compares ids by number. Without leading zeros, the longer id has
// the larger number. A malformed id, which layer does not write, comes first.
func compareIDs(a, b string) int {
	if wellFormed.MatchString(a) != wellFormed.MatchString(b) {
		if wellFormed.MatchString(a) {
			return 1
		}
		return -1
	}
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}
