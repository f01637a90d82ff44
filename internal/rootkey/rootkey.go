// Package rootkey derives from a root key everything that must be secret or
// unforgeable: the values of generated secrets, the encryption of values that
// operators supply, and the authentication of journal entries.
//
// It promises:
//
//   - A value depends on the root key, lineage, environment, id, store name,
//     version and length, and on nothing else. The store never returns a value,
//     but with the root key and the journal every version can be derived again.
//   - One version has one value: a second run derives the same bytes.
//   - A value enters the journal only in encrypted form.
//
// An attacker who has the journal but no root key can read names, dates and
// fingerprints. One who has both knows every value, past and future, so protect
// the root key as well as the most important secret.
//
// Each label below ends in a number and never changes its meaning. A new
// derivation gets a new number.
package rootkey

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/layeron/rotate/internal/secret"
)

// Prefix starts every root key and states the version of its format.
const Prefix = "layer-root-v1:"

// keySize is the length of a root key and of every key derived from it.
const keySize = 32

const (
	labelValue       = "layer/value/1"
	labelFingerprint = "layer/fingerprint/1"
	labelSeal        = "layer/seal/1"
	labelEntry       = "layer/entry/1"
)

// Fingerprint identifies a root key without revealing it: 16 hex digits.
type Fingerprint string

// Key is one root key. Its bytes print as "[redacted]".
type Key struct {
	material    secret.Value // 32 raw bytes
	fingerprint Fingerprint
}

// Ring holds the root keys given to a run. The first one makes new values and
// authenticates new entries. The others, which it replaced, derive old values
// and verify old entries.
type Ring struct{ keys []Key }

// ErrUnknownKey means that a version or a sealed value was made with a root key
// that the ring does not hold.
var ErrUnknownKey = errors.New("made with a root key that was not given")

// errMalformed never includes the text that was parsed.
var errMalformed = errors.New("malformed: it must be " + Prefix + " followed by 43 base64url characters\nmake one with `layer root generate`")

// Generate makes a root key from a source of randomness.
func Generate(random io.Reader) (secret.Value, error) {
	material := make([]byte, keySize)
	if _, err := io.ReadFull(random, material); err != nil {
		return secret.Value{}, fmt.Errorf("read randomness: %w", err)
	}
	return secret.NewValue(Prefix + base64.RawURLEncoding.EncodeToString(material)), nil
}

// Parse reads root keys, one per line. It accepts only what Generate makes, so
// that a password cannot serve as a root key. Its errors never include the
// text.
func Parse(text secret.Value) (Ring, error) {
	var ring Ring
	for line := range strings.Lines(text.Reveal()) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		key, err := parseKey(line)
		if err != nil {
			return Ring{}, fmt.Errorf("root key %d: %w", len(ring.keys)+1, err)
		}
		ring.keys = append(ring.keys, key)
	}
	if len(ring.keys) == 0 {
		return Ring{}, errors.New("no root key\nmake one with `layer root generate`")
	}
	return ring, nil
}

func parseKey(line string) (Key, error) {
	encoded, ok := strings.CutPrefix(line, Prefix)
	material, err := decode(encoded)
	if !ok || err != nil || len(material) != keySize {
		return Key{}, errMalformed
	}
	key := Key{material: secret.NewValue(string(material))}
	print, err := key.derive(labelFingerprint, 8)
	if err != nil {
		return Key{}, err
	}
	key.fingerprint = Fingerprint(hex.EncodeToString(print))
	return key, nil
}

// decode decodes unpadded base64url. It accepts only one text for the same
// bytes; encoding/base64 alone would ignore line breaks.
func decode(text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, errors.New("a line break in base64url")
	}
	return base64.RawURLEncoding.Strict().DecodeString(text)
}

// Fingerprint returns the fingerprint of the key.
func (k Key) Fingerprint() Fingerprint { return k.fingerprint }

// Empty reports whether there is no root key. Checks and pull requests need
// none.
func (r Ring) Empty() bool { return len(r.keys) == 0 }

// First returns the key for new values and entries.
func (r Ring) First() Key { return r.keys[0] }

// Key returns the key with a fingerprint, or ErrUnknownKey.
func (r Ring) Key(fingerprint Fingerprint) (Key, error) {
	for _, key := range r.keys {
		if key.fingerprint == fingerprint {
			return key, nil
		}
	}
	return Key{}, fmt.Errorf("%w: fingerprint %q", ErrUnknownKey, fingerprint)
}

// derive derives bytes from the key with HKDF-SHA256 and an empty salt.
func (k Key) derive(info string, length int) ([]byte, error) {
	return hkdf.Key(sha256.New, []byte(k.material.Reveal()), nil, info, length)
}

// info joins a label and parts. Each part is written as its length (4 bytes,
// big endian) and its bytes, so that different parts never give the same text.
func info(label string, parts ...string) string {
	out := []byte(label)
	for _, part := range parts {
		out = binary.BigEndian.AppendUint32(out, uint32(len(part)))
		out = append(out, part...)
	}
	return string(out)
}
