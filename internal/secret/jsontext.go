package secret

import (
	"bytes"
	"encoding/json"
)

// decodeText decodes a JSON string or null. A string without escapes, as ids and
// instants are, needs no decoder.
func decodeText(data []byte) (text string, null bool, err error) {
	if end := len(data) - 1; end > 0 && data[0] == '"' && data[end] == '"' && !bytes.ContainsRune(data, '\\') {
		return string(data[1:end]), false, nil
	}
	var s *string
	err = json.Unmarshal(data, &s)
	return orZero(s), s == nil, err
}

func orNull[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func orZero[T any](v *T) T {
	if v == nil {
		var zero T
		return zero
	}
	return *v
}
