// Package rootkey turns one root key into everything that must be secret or
// unforgeable (DESIGN §6): the values of generated secrets, the seal around
// values from outside, and the authentication of journal entries.
//
// What it promises:
//
//   - A value is a function of root key, lineage, environment, id, store name,
//     version and length, and of nothing else. The store never gives a value
//     back, and need not: as long as root key and journal exist, every version
//     can be rebuilt.
//   - One id has one value. A re-run derives the same bytes.
//   - Nothing secret enters the journal but sealed.
//
// What an attacker who holds the journal can do without the root key: read
// names, dates and fingerprints. With the root key and the journal he has every
// value, past and to come; guard the root key as the secrets themselves.
//
// Labels are numbered and frozen. A release may add a number; it never changes
// what one means.
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

// Prefix begins every root key and numbers its form.
const Prefix = "layer-root-v1:"

// keySize is the length of a root key and of every key derived from it.
const keySize = 32

const (
	labelValue       = "layer/value/1"
	labelFingerprint = "layer/fingerprint/1"
	labelSeal        = "layer/seal/1"
	labelEntry       = "layer/entry/1"
)

// Fingerprint names a root key without telling it: 16 hex digits.
type Fingerprint string

// Key is one root key. It prints as redacted.
type Key struct {
	material    secret.Value // 32 raw bytes
	fingerprint Fingerprint
}

// Ring is the root keys of a run: the first derives and authenticates what is
// new, the others rebuild and verify what is old.
type Ring struct{ keys []Key }

// ErrUnknownKey is returned where a version or seal was made with a root key
// that the ring does not hold.
var ErrUnknownKey = errors.New("made with a root key that is not given")

// Generate makes a root key from a source of randomness.
func Generate(random io.Reader) (secret.Value, error) {
	material := make([]byte, keySize)
	if _, err := io.ReadFull(random, material); err != nil {
		return secret.Value{}, fmt.Errorf("read randomness: %w", err)
	}
	return secret.NewValue(Prefix + base64.RawURLEncoding.EncodeToString(material)), nil
}

// Parse reads root keys, one per line. Whatever is not exactly of the form that
// Generate makes is refused, so that nobody types a password. Its errors never
// hold what was read.
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
		return Ring{}, errors.New("no root key: make one with `layer root generate`")
	}
	return ring, nil
}

func parseKey(line string) (Key, error) {
	encoded, ok := strings.CutPrefix(line, Prefix)
	material, err := decode(encoded)
	if !ok || err != nil || len(material) != keySize {
		return Key{}, fmt.Errorf("not of the form %s and 43 base64url characters: make one with `layer root generate`", Prefix)
	}
	key := Key{material: secret.NewValue(string(material))}
	print, err := key.derive(labelFingerprint, 8)
	if err != nil {
		return Key{}, err
	}
	key.fingerprint = Fingerprint(hex.EncodeToString(print))
	return key, nil
}

// decode reads unpadded base64url, each text of which stands for other bytes:
// encoding/base64 alone passes over line breaks.
func decode(text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, errors.New("a line break in base64url")
	}
	return base64.RawURLEncoding.Strict().DecodeString(text)
}

// Fingerprint names the key.
func (k Key) Fingerprint() Fingerprint { return k.fingerprint }

// Empty tells that there is no root key, as in checks and on pull requests.
func (r Ring) Empty() bool { return len(r.keys) == 0 }

// First is the key for what is new.
func (r Ring) First() Key { return r.keys[0] }

// Key finds a key by its fingerprint.
func (r Ring) Key(fingerprint Fingerprint) (Key, error) {
	for _, key := range r.keys {
		if key.fingerprint == fingerprint {
			return key, nil
		}
	}
	return Key{}, fmt.Errorf("%w: fingerprint %q", ErrUnknownKey, fingerprint)
}

// derive is HKDF-SHA256 with an empty salt.
func (k Key) derive(info string, length int) ([]byte, error) {
	return hkdf.Key(sha256.New, []byte(k.material.Reveal()), nil, info, length)
}

// info is a label followed by parts that cannot run into each other: each as
// 4-byte big-endian length and bytes.
func info(label string, parts ...string) string {
	out := []byte(label)
	for _, part := range parts {
		out = binary.BigEndian.AppendUint32(out, uint32(len(part)))
		out = append(out, part...)
	}
	return string(out)
}
