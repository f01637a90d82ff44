package secret

import (
	"fmt"
	"strings"
)

// Effect says whether a failed write changed the store.
type Effect int

const (
	// EffectUnknown: the store may have applied the write. Only reading the
	// store shows whether it did.
	EffectUnknown Effect = iota
	// EffectNone: the store did not apply the write, and may apply it later
	// (credentials, rate limit, a name still taken, nothing sent).
	EffectNone
	// EffectRefused: the store will never accept this write as it is (value,
	// name, scope, quota).
	EffectRefused
)

// WriteError is a write that failed or may have failed. It never holds a value.
type WriteError struct {
	Effect Effect
	Code   string // Cloudflare's error code, such as secret_value_too_long
	Err    error
}

// Error returns the cause and the store's code.
func (e *WriteError) Error() string {
	if e.Code == "" {
		return e.Err.Error()
	}
	return fmt.Sprintf("%s (%s)", e.Err, e.Code)
}

// OfOneSecret reports whether the error concerns only this secret, so that
// writes of other secrets can still succeed. The store's codes for such errors
// begin with "secret_".
func (e *WriteError) OfOneSecret() bool { return strings.HasPrefix(e.Code, "secret_") }

// Unwrap returns the cause.
func (e *WriteError) Unwrap() error { return e.Err }
