package secret

import (
	"fmt"
	"io"
	"log/slog"
)

// Redacted is what a Value shows of itself.
const Redacted = "[redacted]"

// Value is a secret's value: a string that no way of printing shows.
// Only Reveal gives it back, so that every use can be found by that name.
//
// The text is behind a pointer because fmt does not ask the methods of a value
// in an unexported field: there it shows an address.
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

// Len is the value's size in bytes.
func (v Value) Len() int { return len(v.Reveal()) }

// Equal tells whether two values are the same text.
func (v Value) Equal(w Value) bool { return v.Reveal() == w.Reveal() }

// Format writes [redacted] for every verb and flag.
func (Value) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, Redacted) }

// String returns [redacted].
func (Value) String() string { return Redacted }

// GoString returns [redacted].
func (Value) GoString() string { return Redacted }

// MarshalText returns [redacted], which covers JSON and every other encoder
// that asks for text.
func (Value) MarshalText() ([]byte, error) { return []byte(Redacted), nil }

// LogValue returns [redacted].
func (Value) LogValue() slog.Value { return slog.StringValue(Redacted) }
