package rootkey

import (
	"encoding/base64"
	"fmt"
	"strconv"

	"github.com/layeron/rotate/internal/secret"
)

// Lineage names one secret's life: 16 random bytes as unpadded base64url, drawn
// when the secret is created. A secret created anew under an old name has a new
// one, so its values differ.
type Lineage string

// LineageSize is the number of bytes of a lineage.
const LineageSize = 16

// NewLineage wraps 16 bytes.
func NewLineage(raw [LineageSize]byte) Lineage {
	return Lineage(base64.RawURLEncoding.EncodeToString(raw[:]))
}

// Check refuses what is not 16 bytes.
func (l Lineage) Check() error {
	_, err := l.raw()
	return err
}

// raw returns the lineage's bytes.
func (l Lineage) raw() (string, error) {
	decoded, err := decode(string(l))
	if err != nil || len(decoded) != LineageSize {
		return "", fmt.Errorf("%q is not a lineage", string(l))
	}
	return string(decoded), nil
}

// Context is what a value belongs to. Two contexts that differ in any field
// have unrelated values.
type Context struct {
	Lineage     Lineage
	Environment string
	ID          secret.ID
	StoreName   string
	Version     secret.Version
}

// Value derives a generated value of so many bytes, as unpadded base64url
// (DESIGN §6, label layer/value/1).
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
