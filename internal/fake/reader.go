package fake

import (
	"cmp"
	"encoding/base64"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/layeron/rotate/internal/keyring"
	"github.com/layeron/rotate/internal/secret"
)

// Reader reads a stored value as a Worker does. It passes the test vectors in
// testdata/keyring, as the Worker library in worker/ does.
type Reader struct{ keyring.Keyring }

// NewReader returns the reader of a stored value. The encoding is that of a plain
// value, and may be empty.
func NewReader(stored secret.Value, encoding string) Reader {
	return Reader{keyring.Decode(stored, encoding)}
}

// The three reasons why a read finds no version: a mistake in the id, data older
// than the versions that are kept, and data older than the secret.
var (
	ErrUnknownVersion   = errors.New("unknown version")
	ErrNoLongerRetained = errors.New("no longer retained")
	ErrNothingCurrent   = errors.New("nothing was current then")
)

var versionID = regexp.MustCompile(`^v[1-9][0-9]*$`)

// CurrentVersion returns the version in use, which never expires.
func (r Reader) CurrentVersion() keyring.Version {
	v, _ := r.Find(r.Current)
	return v
}

// Version returns the version with an id. It fails with ErrUnknownVersion or
// ErrNoLongerRetained.
func (r Reader) Version(id string, now secret.Instant) (keyring.Version, error) {
	v, held := r.Find(id)
	switch {
	case !versionID.MatchString(id), r.Versioned && !held && above(id, r.Current):
		return keyring.Version{}, ErrUnknownVersion
	case !r.Versioned, !held:
		return keyring.Version{}, ErrNoLongerRetained
	}
	return r.readable(v, now)
}

// above compares ids by number, whatever its size. Every id is above one that is
// no version id.
func above(id, other string) bool {
	return !versionID.MatchString(other) || cmp.Or(cmp.Compare(len(id), len(other)), cmp.Compare(id, other)) > 0
}

// At returns the version that was current at an instant. It fails with
// ErrNothingCurrent or ErrNoLongerRetained, and never returns another version.
func (r Reader) At(instant, now secret.Instant) (keyring.Version, error) {
	if !r.Versioned {
		return keyring.Version{}, ErrNoLongerRetained
	}
	var found *keyring.Version
	for i, v := range r.Versions {
		dated := !v.ActiveFrom.IsZero() && !v.ActiveFrom.After(instant)
		if dated && (found == nil || !v.ActiveFrom.Before(found.ActiveFrom)) {
			found = &r.Versions[i]
		}
	}
	if found == nil {
		if first, held := r.Find("v1"); held && !first.Gone {
			return keyring.Version{}, ErrNothingCurrent
		}
		return keyring.Version{}, ErrNoLongerRetained
	}
	return r.readable(*found, now)
}

// Active returns every version that can validate existing data: the current one,
// then staged ones, then the others that have not expired, newest first.
func (r Reader) Active(now secret.Instant) []keyring.Version {
	if !r.Versioned {
		return slices.Clone(r.Versions)
	}
	var staged, retained []keyring.Version
	for _, v := range slices.Backward(r.Versions) {
		switch {
		case v.ID == r.Current || v.Gone || expired(v, now):
		case v.ActiveFrom.IsZero() && v.ExpiresAt.IsZero():
			staged = append(staged, v)
		default:
			retained = append(retained, v)
		}
	}
	return slices.Concat([]keyring.Version{r.CurrentVersion()}, staged, retained)
}

func (r Reader) readable(v keyring.Version, now secret.Instant) (keyring.Version, error) {
	if v.Gone || v.ID != r.Current && expired(v, now) {
		return keyring.Version{}, ErrNoLongerRetained
	}
	return v, nil
}

func expired(v keyring.Version, now secret.Instant) bool {
	return !v.ExpiresAt.IsZero() && !now.Before(v.ExpiresAt)
}

// Bytes decodes a version's text as its encoding says.
func Bytes(v keyring.Version) ([]byte, error) {
	text := v.Value.Reveal()
	switch {
	case v.Encoding != keyring.Base64URL:
		return []byte(text), nil
	case strings.ContainsAny(text, "\r\n"): // which the decoder would skip
		return nil, errors.New("not base64url: it holds a line break")
	}
	return base64.RawURLEncoding.Strict().DecodeString(text)
}
