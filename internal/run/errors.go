package run

import (
	"errors"
	"fmt"
)

// Error is an error with a code for JSON documents. Its message is for people:
// what failed and why, and on further lines what to do.
type Error struct {
	Code string
	Err  error
}

func (e *Error) Error() string { return e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// Fail returns an Error.
func Fail(code, format string, args ...any) error {
	return &Error{code, fmt.Errorf(format, args...)}
}

// Usage returns an Error for a mistake in flags or inputs.
func Usage(format string, args ...any) error { return Fail("usage", format, args...) }

// Code returns an error's code, or "failed" if it has none.
func Code(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return "failed"
}
