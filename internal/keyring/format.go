package keyring

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/layeron/rotate/internal/secret"
)

// versionJSON is a version in JSON. The order of the fields is part of the
// format.
type versionJSON struct {
	Value      *string        `json:"value,omitempty"`
	Encoding   string         `json:"encoding,omitempty"`
	ActiveFrom secret.Instant `json:"activeFrom,omitzero"`
	ExpiresAt  secret.Instant `json:"expiresAt,omitzero"`
	Gone       bool           `json:"gone,omitempty"`
}

// Encode returns the stored value of a keyring, always with the same bytes. It
// refuses a keyring that Decode would not return from these bytes.
func Encode(k Keyring) (secret.Value, error) {
	if !k.Versioned {
		if len(k.Versions) != 1 {
			return secret.Value{}, errors.New("a plain value has exactly one version")
		}
		plain := k.Versions[0].Value
		if versioned(plain.Reveal()) {
			return secret.Value{}, errors.New("a plain value has the form of a versioned one, and would be read as one")
		}
		return plain, nil
	}
	k.Versions = slices.Clone(k.Versions)
	k.sort()
	if v, held := k.Find(k.Current); !held || v.Gone {
		return secret.Value{}, errors.New("the current version has no value")
	}
	var out bytes.Buffer
	out.WriteString(`{"current":"` + k.Current + `","versions":{`)
	for i, v := range k.Versions {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := encodeVersion(&out, v); err != nil {
			return secret.Value{}, err
		}
	}
	out.WriteString("}}")
	return secret.NewValue(out.String()), nil
}

func encodeVersion(out *bytes.Buffer, v Version) error {
	if !wellFormed.MatchString(v.ID) {
		return fmt.Errorf("%q is not a version id", v.ID)
	}
	written := versionJSON{Encoding: v.Encoding, ActiveFrom: v.ActiveFrom, ExpiresAt: v.ExpiresAt}
	text := v.Value.Reveal()
	if v.Gone {
		written = versionJSON{ActiveFrom: v.ActiveFrom, Gone: true}
	} else {
		written.Value = &text
	}
	if !utf8.ValidString(text) {
		return fmt.Errorf("version %s is not valid UTF-8", v.ID)
	}
	out.WriteString(`"` + v.ID + `":`)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(written); err != nil {
		return err
	}
	out.Truncate(out.Len() - 1) // the encoder's newline
	return nil
}

// Size returns how many bytes a version adds to a versioned value that holds
// others, or 0 if Encode refuses the version.
func Size(v Version) int {
	var out bytes.Buffer
	if encodeVersion(&out, v) != nil {
		return 0
	}
	return out.Len() + len(",")
}

// Decode reads a stored value as every reader must. A value that does not have
// the form of a versioned one is plain. Unknown fields are ignored, and so is a
// version that is malformed. The encoding is that of a plain value, and may be
// empty.
func Decode(stored secret.Value, encoding string) Keyring {
	current, versions, ok := split(stored.Reveal())
	if !ok {
		return Keyring{Versions: []Version{{Value: stored, Encoding: encoding}}}
	}
	k := Keyring{Versioned: true, Current: current}
	for id, raw := range versions {
		known := id == current || wellFormed.MatchString(id)
		if v, ok := decodeVersion(id, raw, id == current); ok && known {
			k.Versions = append(k.Versions, v)
		}
	}
	k.sort()
	return k
}

// versioned reports whether a stored string has the form of a versioned value.
func versioned(stored string) bool {
	_, _, ok := split(stored)
	return ok
}

// split returns the fields of a versioned value, which is an object with a
// string current, an object versions and a string versions[current].value. It
// decodes into maps, because encoding/json compares names exactly only for
// maps.
func split(stored string) (current string, versions map[string]map[string]json.RawMessage, ok bool) {
	if !strings.HasPrefix(strings.TrimLeft(stored, " \t\r\n"), "{") {
		return "", nil, false
	}
	var object map[string]json.RawMessage
	var raw map[string]json.RawMessage
	if json.Unmarshal([]byte(stored), &object) != nil ||
		!isString(object["current"], &current) ||
		json.Unmarshal(object["versions"], &raw) != nil {
		return "", nil, false
	}
	versions = make(map[string]map[string]json.RawMessage, len(raw))
	for id, version := range raw {
		var fields map[string]json.RawMessage
		if json.Unmarshal(version, &fields) == nil {
			versions[id] = fields
		}
	}
	var value string
	return current, versions, isString(versions[current]["value"], &value)
}

func decodeVersion(id string, fields map[string]json.RawMessage, current bool) (Version, bool) {
	v := Version{ID: id, ActiveFrom: instant(fields["activeFrom"]), ExpiresAt: instant(fields["expiresAt"])}
	if string(fields["gone"]) == "true" && !current { // the current one is never gone
		v.Gone, v.ExpiresAt = true, secret.Instant{}
		return v, true
	}
	var text string
	if !isString(fields["value"], &text) {
		return Version{}, false
	}
	v.Value = secret.NewValue(text)
	isString(fields["encoding"], &v.Encoding)
	return v, true
}

// isString reads a JSON string into s, and reports whether it is one.
func isString(raw json.RawMessage, s *string) bool {
	return len(raw) > 0 && raw[0] == '"' && json.Unmarshal(raw, s) == nil
}

func instant(raw json.RawMessage) secret.Instant {
	var s string
	if !isString(raw, &s) {
		return secret.Instant{}
	}
	i, err := secret.ParseInstant(s)
	if err != nil {
		return secret.Instant{}
	}
	return i
}
