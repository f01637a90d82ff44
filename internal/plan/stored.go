package plan

import (
	"encoding/base64"
	"errors"
	"strings"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/keyring"
	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/secret"
)

// Retain is the retention that a state was written under.
func Retain(state journal.State) secret.Retention {
	if state.Policy == nil {
		return secret.Retention{Mode: secret.RetainNone}
	}
	return state.Policy.Retain
}

// Keyring is the stored value of a state, given each version's value. The form
// is that of the retention the state was written under.
func Keyring(state journal.State, value func(journal.Version) (secret.Value, error)) (keyring.Keyring, error) {
	ring := keyring.Keyring{Versioned: Retain(state).Versioned()}
	if ring.Versioned {
		ring.Current = state.Current.String()
	}
	for _, v := range state.Versions {
		if !ring.Versioned && v.Number != state.Current {
			continue
		}
		held := keyring.Version{Gone: v.Gone, Encoding: v.Encoding}
		if ring.Versioned {
			held.ID, held.ActiveFrom, held.ExpiresAt = v.Number.String(), v.ActiveFrom, v.ExpiresAt
		}
		if !v.Gone {
			text, err := value(v)
			if err != nil {
				return keyring.Keyring{}, err
			}
			held.Value = text
		}
		if v.Origin == journal.Derived {
			held.Encoding = keyring.Base64URL
		}
		ring.Versions = append(ring.Versions, held)
	}
	return ring, nil
}

// Context is what a version's value is derived or sealed for.
func Context(environment string, id secret.ID, state journal.State, version secret.Version) rootkey.Context {
	return rootkey.Context{Lineage: state.Lineage, Environment: environment, ID: id, StoreName: state.StoreName, Version: version}
}

// size is the stored value's size in bytes, or 0 where it cannot be known: a
// value from outside is not at hand, or sealed without a root key to open it.
func (p *planner) size(id secret.ID, state journal.State, supplied map[secret.Version]secret.Value) int {
	ring, err := Keyring(state, func(v journal.Version) (secret.Value, error) {
		if value, ok := supplied[v.Number]; ok {
			return value, nil
		}
		if v.Origin == journal.Derived {
			return secret.NewValue(strings.Repeat("A", base64.RawURLEncoding.EncodedLen(v.Bytes))), nil
		}
		key, err := p.in.Ring.Key(v.RootKey)
		if err != nil {
			return secret.Value{}, err
		}
		if v.Origin == journal.External {
			return secret.Value{}, errors.New("only the store has it")
		}
		return key.Open(Context(p.in.Document.Environment, id, state, v.Number), v.Sealed)
	})
	if err != nil {
		return 0
	}
	stored, err := keyring.Encode(ring)
	if err != nil {
		return 0
	}
	return stored.Len()
}

// Versions lists the versions that a state holds, as readers see them now.
func Versions(state *journal.State, now secret.Instant) []Version {
	if state == nil {
		return nil
	}
	var out []Version
	for _, v := range state.Versions {
		version := Version{ID: v.Number, State: "retained", ActiveFrom: v.ActiveFrom, ExpiresAt: v.ExpiresAt}
		switch {
		case v.Gone:
			continue
		case v.Number == state.Current:
			version.State = "current"
		case v.Expired(now):
			version.State = "expired"
		case v.Staged():
			version.State = "staged"
		}
		out = append(out, version)
	}
	return out
}
