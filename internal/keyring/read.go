package keyring

import (
	"errors"
	"slices"

	"github.com/layeron/rotate/internal/secret"
)

// The three ways in which a read finds nothing. A reader needs to tell them
// apart: a mistake in the id, data older than what is kept, and data older
// than the secret.
var (
	ErrUnknownVersion   = errors.New("unknown version")
	ErrNoLongerRetained = errors.New("no longer retained")
	ErrNothingCurrent   = errors.New("nothing was current then")
)

// CurrentVersion is the version in use; it never expires.
func (k Keyring) CurrentVersion() Version {
	v, _ := k.Find(k.Current)
	return v
}

// Version reads by id at the reader's instant. It fails with ErrUnknownVersion
// or ErrNoLongerRetained.
func (k Keyring) Version(id string, now secret.Instant) (Version, error) {
	if !wellFormed.MatchString(id) {
		return Version{}, ErrUnknownVersion
	}
	if !k.Versioned {
		return Version{}, ErrNoLongerRetained
	}
	v, held := k.Find(id)
	switch {
	case !held && compareIDs(id, k.Current) > 0:
		return Version{}, ErrUnknownVersion
	case !held:
		return Version{}, ErrNoLongerRetained
	}
	return k.readable(v, now)
}

// At reads the version that was current at an instant. It fails with
// ErrNothingCurrent or ErrNoLongerRetained, never with another version's
// value.
func (k Keyring) At(instant, now secret.Instant) (Version, error) {
	if !k.Versioned {
		return Version{}, ErrNoLongerRetained
	}
	var found *Version
	for i, v := range k.Versions {
		dated := !v.ActiveFrom.IsZero() && !v.ActiveFrom.After(instant)
		if dated && (found == nil || !v.ActiveFrom.Before(found.ActiveFrom)) {
			found = &k.Versions[i]
		}
	}
	if found == nil {
		if first, held := k.Find("v1"); held && !first.Gone {
			return Version{}, ErrNothingCurrent
		}
		return Version{}, ErrNoLongerRetained
	}
	return k.readable(*found, now)
}

// Active lists every version that can validate existing data: the current one,
// then staged ones, then the others that have not expired, newest first.
func (k Keyring) Active(now secret.Instant) []Version {
	if !k.Versioned {
		return slices.Clone(k.Versions)
	}
	var staged, retained []Version
	for _, v := range slices.Backward(k.Versions) {
		switch {
		case v.ID == k.Current || v.Gone || v.expired(now):
		case v.staged():
			staged = append(staged, v)
		default:
			retained = append(retained, v)
		}
	}
	return slices.Concat([]Version{k.CurrentVersion()}, staged, retained)
}

func (k Keyring) readable(v Version, now secret.Instant) (Version, error) {
	if v.Gone || v.ID != k.Current && v.expired(now) {
		return Version{}, ErrNoLongerRetained
	}
	return v, nil
}
