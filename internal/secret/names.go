package secret

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxNameLength is the longest namespace, name or project, in characters.
const MaxNameLength = 128

// CheckName refuses a namespace, name or project that a reader could misread in
// a table, a comment or a path: invisible and control characters, slashes, and
// spaces at either end. A valid name may still contain Markdown or look like a
// workflow command, so code that prints one must escape it.
func CheckName(s string) error {
	switch {
	case s == "":
		return errors.New("is empty")
	case !utf8.ValidString(s):
		return errors.New("is not valid UTF-8")
	case utf8.RuneCountInString(s) > MaxNameLength:
		return fmt.Errorf("is longer than %d characters", MaxNameLength)
	case strings.TrimSpace(s) != s:
		return errors.New("begins or ends with a space")
	}
	for _, r := range s {
		if r == '/' || r == '\\' {
			return fmt.Errorf("contains %q, which separates namespace and name", r)
		}
		if !unicode.IsPrint(r) {
			return fmt.Errorf("contains the invisible character %U", r)
		}
	}
	return nil
}

// NameRule describes what CheckName accepts, as advice in a message.
const NameRule = "use 1 to 128 visible characters without slashes"

var environment = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// CheckEnvironment accepts names that are valid in a file name and in the name
// of a git branch, because each environment gets both.
func CheckEnvironment(s string) error {
	if !environment.MatchString(s) || strings.Contains(s, "..") || strings.HasSuffix(s, ".") || strings.HasSuffix(s, ".lock") {
		return fmt.Errorf("%q is not an environment name: use 1 to 64 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit, without '..', not ending in '.' or '.lock'", s)
	}
	return nil
}

var storeName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// MaxStoreNameLength is the longest store name that a user may choose.
// Cloudflare does not document the store's limit.
const MaxStoreNameLength = 255

// CheckStoreName accepts the characters that Secrets Store accepts in a name.
func CheckStoreName(s string) error {
	if !storeName.MatchString(s) || len(s) > MaxStoreNameLength {
		return fmt.Errorf("%q is not a Secrets Store name: use 1 to %d letters, digits, '_' and '-'", s, MaxStoreNameLength)
	}
	return nil
}

// StoreName derives the name of a secret in Secrets Store: `lo_` and the first
// 24 hex digits of SHA-256 over workspace, project, environment, namespace and
// name, each written as its length (4 bytes, big endian) and its UTF-8 bytes.
func StoreName(workspace, project, environment string, id ID) string {
	h := sha256.New()
	for _, part := range []string{workspace, project, environment, id.Namespace(), id.Name()} {
		var length [4]byte
		binary.BigEndian.PutUint32(length[:], uint32(len(part)))
		h.Write(length[:])
		h.Write([]byte(part))
	}
	return "lo_" + hex.EncodeToString(h.Sum(nil))[:24]
}
