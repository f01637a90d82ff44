package rootkey

import (
	"encoding/base64"
	"fmt"
	"strconv"

	"github.com/layeron/rotate/internal/secret"
)

// Lineage is 16 random bytes, as unpadded base64url, drawn when a secret is
// created. When a secret is deleted and later created again under the same
// name, it gets another lineage, and so other values.
type Lineage string

// LineageSize is the length of a lineage in bytes.
const LineageSize = 16

// NewLineage encodes 16 bytes.
func NewLineage(raw [LineageSize]byte) Lineage {
	return Lineage(base64.RawURLEncoding.EncodeToString(raw[:]))
}

// Check returns an error unless the lineage encodes 16 bytes.
func (l Lineage) Check() error {
	_, err := l.raw()
	return err
}

func (l Lineage) raw() (string, error) {
	decoded, err := decode(string(l))
	if err != nil || len(decoded) != LineageSize {
		return "", fmt.Errorf("%q is not a lineage", string(l))
	}
	return string(decoded), nil
}

// Context identifies the version that a value belongs to. If two contexts
// differ in any field, their values are unrelated.
type Context struct {
	Lineage     Lineage
	Environment string
	ID          secret.ID
	StoreName   string
	Version     secret.Version
}

// Value derives a value of the given number of bytes, with the label
// layer/value/1, and returns it as unpadded base64url.
func (k Key) Value(c Context, bytes int) (secret.Value, error) {
	lineage, err := c.Lineage.raw()
	if err != nil {
		return secret.Value{}, err
	}
	derived, err := k.derive(info(labelValue,
		lineage, c.Environment, string(c.ID), c.StoreName, strconv.Itoa(int(c.Version)), strconv.Itoa(bytes)), bytes)
	if err != nil {
		return secret.Value{}, err
	}
	return secret.NewValue(base64.RawURLEncoding.EncodeToString(derived)), nil
}
