package secret

import (
	"fmt"
	"io"
	"log/slog"
)

// Redacted is printed in place of a Value.
const Redacted = "[redacted]"

// Value is a secret's value: a string that cannot be printed by accident. Only
// Reveal returns it, so a search for that name finds every use.
//
// The text is behind a pointer because fmt does not call the methods of a value
// in an unexported field. There it prints the address.
type Value struct{ text *string }

// NewValue wraps a string.
func NewValue(text string) Value { return Value{&text} }

// Reveal returns the value itself.
func (v Value) Reveal() string {
	if v.text == nil {
		return ""
	}
	return *v.text
}

// Len returns the size of the value in bytes.
func (v Value) Len() int { return len(v.Reveal()) }

// Equal reports whether two values hold the same text.
func (v Value) Equal(w Value) bool { return v.Reveal() == w.Reveal() }

// Format writes [redacted] for every verb and flag.
func (Value) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, Redacted) }

// String returns [redacted].
func (Value) String() string { return Redacted }

// GoString returns [redacted].
func (Value) GoString() string { return Redacted }

// MarshalText returns [redacted], for JSON and other encoders that marshal
// text.
func (Value) MarshalText() ([]byte, error) { return []byte(Redacted), nil }

// LogValue returns [redacted].
func (Value) LogValue() slog.Value { return slog.StringValue(Redacted) }
