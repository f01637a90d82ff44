package secret

import (
	"fmt"
	"strings"
)

// Stored is what the store tells of a secret: all but its value.
type Stored struct {
	ID       string // 32 hex digits
	Name     string
	Comment  string
	Status   string // pending, active or deleted
	Created  Instant
	Modified Instant
}

// Effect says what is known of a write that failed.
type Effect int

const (
	// EffectUnknown: the write may have been applied; only reading the store
	// tells.
	EffectUnknown Effect = iota
	// EffectNone: the store did not take the write, for a reason that may pass
	// (credentials, rate limit, a name still taken, nothing sent).
	EffectNone
	// EffectRefused: the store will never take this write as it is (value,
	// name, scope, quota).
	EffectRefused
)

// WriteError is a write that failed, as far as is known. It never holds a
// value.
type WriteError struct {
	Effect Effect
	Code   string // the store's own word, such as secret_value_too_long
	Err    error
}

// Error says what went wrong.
func (e *WriteError) Error() string {
	if e.Code == "" {
		return e.Err.Error()
	}
	return fmt.Sprintf("%s (%s)", e.Err, e.Code)
}

// OfOneSecret tells that no other write would meet the same: the store's words
// for that begin with "secret_".
func (e *WriteError) OfOneSecret() bool { return strings.HasPrefix(e.Code, "secret_") }

// Unwrap returns the cause.
func (e *WriteError) Unwrap() error { return e.Err }
