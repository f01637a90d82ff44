package secret

import (
	"fmt"
	"strconv"
)

// Version is the number of a version of a secret, from 1, written "v1", "v2"
// and so on. 0 means none and is null in JSON.
type Version int

// MaxVersion is the largest version number that fits into a receipt.
const MaxVersion = 999_999_999

// ParseVersion parses "v" followed by a number from 1 to MaxVersion without a
// leading zero.
func ParseVersion(s string) (Version, error) {
	if len(s) < 2 || s[0] != 'v' || s[1] < '1' || s[1] > '9' {
		return 0, fmt.Errorf("%q is not a version id such as v1", s)
	}
	n, err := strconv.Atoi(s[1:])
	if err != nil || n > MaxVersion {
		return 0, fmt.Errorf("%q is not a version id such as v1", s)
	}
	return Version(n), nil
}

// String returns the version's id, or "none".
func (v Version) String() string {
	if v == 0 {
		return "none"
	}
	return "v" + strconv.Itoa(int(v))
}

// MarshalJSON writes the id, or null for none.
func (v Version) MarshalJSON() ([]byte, error) {
	if v == 0 {
		return []byte("null"), nil
	}
	return []byte(`"` + v.String() + `"`), nil
}

// UnmarshalJSON reads an id, or null for none.
func (v *Version) UnmarshalJSON(data []byte) error {
	text, null, err := decodeText(data)
	if err != nil || null {
		*v = 0
		return err
	}
	read, err := ParseVersion(text)
	*v = read
	return err
}
