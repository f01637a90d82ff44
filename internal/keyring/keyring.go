// Package keyring is the stored value (docs/design/formats.md, "Stored value"):
// the one string that Secrets Store holds for a secret, and the reads a Worker
// makes from it. It is pure.
//
// With retention the value is compact JSON that holds every version still
// promised; without, it is the plain value. The format is frozen: Workers
// deployed long ago read values written today. The Worker library in worker/
// is held to the same test vectors in testdata/keyring.
package keyring

import (
	"cmp"
	"regexp"
	"slices"

	"github.com/layeron/rotate/internal/secret"
)

// Base64URL marks a version whose text is unpadded base64url of its bytes, as
// all generated values are. Values from outside are text and carry no mark.
const Base64URL = "base64url"

// Version is one version in a stored value.
//
// With neither ActiveFrom nor ExpiresAt a version that is not current is
// staged: published before its use. A Gone version has been removed while an
// older one stays; only its time is kept, so that it is not given to another.
type Version struct {
	ID         string // "v1", "v2" …; empty in a plain value
	Value      secret.Value
	Encoding   string
	ActiveFrom secret.Instant
	ExpiresAt  secret.Instant
	Gone       bool
}

// Keyring is a stored value as a reader sees it. One that is not Versioned is
// plain: a single current version without an id.
type Keyring struct {
	Versioned bool
	Current   string
	Versions  []Version // ascending by id
}

// Find returns the version of that id, also one that is gone.
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

// compareIDs orders by number, whatever its size: without leading zeros the
// longer one is the larger. What others wrote that is no version id comes
// before all that is.
func compareIDs(a, b string) int {
	if wellFormed.MatchString(a) != wellFormed.MatchString(b) {
		if wellFormed.MatchString(a) {
			return 1
		}
		return -1
	}
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}
