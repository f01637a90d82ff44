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

// Retain returns the retention that a state was written under.
func Retain(state journal.State) secret.Retention {
	if state.Policy == nil {
		return secret.Retention{Mode: secret.RetainNone}
	}
	return state.Policy.Retain
}

// Keyring returns the stored value of a state, given each version's value. Its
// form is that of the retention the state was written under.
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

// Context returns what a version's value is derived or sealed for.
func Context(environment string, id secret.ID, state journal.State, version secret.Version) rootkey.Context {
	return rootkey.Context{Lineage: state.Lineage, Environment: environment, ID: id, StoreName: state.StoreName, Version: version}
}

// size returns the stored value's size in bytes, or 0 if it is not known: a value
// from outside is missing, or is sealed and there is no root key.
func size(environment string, ring rootkey.Ring, id secret.ID, state journal.State, supplied map[secret.Version]secret.Value) int {
	held, err := Keyring(state, func(v journal.Version) (secret.Value, error) {
		if value, ok := supplied[v.Number]; ok {
			return value, nil
		}
		if v.Origin == journal.Derived {
			return secret.NewValue(strings.Repeat("A", base64.RawURLEncoding.EncodedLen(v.Bytes))), nil
		}
		key, err := ring.Key(v.RootKey)
		if err != nil {
			return secret.Value{}, err
		}
		if v.Origin == journal.External {
			return secret.Value{}, errors.New("only the store has it")
		}
		return key.Open(Context(environment, id, state, v.Number), v.Sealed)
	})
	if err != nil {
		return 0
	}
	stored, err := keyring.Encode(held)
	if err != nil {
		return 0
	}
	return stored.Len()
}
