package secret

import (
	"fmt"
	"time"
)

// InstantLayout is the layout of instants in JSON: UTC with milliseconds.
const InstantLayout = "2006-01-02T15:04:05.000Z07:00"

// Instant is a point in time in UTC, to the millisecond, so that it survives a
// round trip through JSON. The zero Instant means "none" and is null in JSON.
type Instant struct{ t time.Time }

// At converts a time to an Instant, dropping what is finer than a millisecond.
func At(t time.Time) Instant { return Instant{t.UTC().Truncate(time.Millisecond)} }

// ParseInstant parses an RFC 3339 timestamp with a zone.
func ParseInstant(s string) (Instant, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return Instant{}, fmt.Errorf("%q is not an RFC 3339 instant with a zone, such as 2026-06-01T00:00:00Z", s)
	}
	if y := t.UTC().Year(); y < 1 || y > 9999 {
		return Instant{}, fmt.Errorf("%q is outside the years 1 to 9999", s)
	}
	return At(t), nil
}

// IsZero reports whether i is none.
func (i Instant) IsZero() bool { return i.t.IsZero() }

// Before reports whether i is earlier than j.
func (i Instant) Before(j Instant) bool { return i.t.Before(j.t) }

// After reports whether i is later than j.
func (i Instant) After(j Instant) bool { return i.t.After(j.t) }

// Equal reports whether i and j are the same instant.
func (i Instant) Equal(j Instant) bool { return i.t.Equal(j.t) }

// Add returns the instant d after i.
func (i Instant) Add(d time.Duration) Instant { return At(i.t.Add(d)) }

// Time returns the instant as a time.Time.
func (i Instant) Time() time.Time { return i.t }

// UnixMilli returns the milliseconds since 1970. Unlike the time.Duration
// between two instants, it cannot overflow in the years 1 to 9999.
func (i Instant) UnixMilli() int64 { return i.t.UnixMilli() }

// FromUnixMilli returns the instant ms milliseconds after 1970.
func FromUnixMilli(ms int64) Instant { return At(time.UnixMilli(ms)) }

// Later returns the later of two instants. None is earlier than any other.
func Later(i, j Instant) Instant {
	if j.After(i) {
		return j
	}
	return i
}

// String returns the instant as JSON writes it, without quotes, or "none".
func (i Instant) String() string {
	if i.IsZero() {
		return "none"
	}
	return string(i.appendTo(nil))
}

// appendTo appends the instant in InstantLayout. time.Time formats RFC 3339
// several times faster than any other layout, and a journal is mostly instants.
func (i Instant) appendTo(b []byte) []byte {
	b = i.t.AppendFormat(b, time.RFC3339)
	ms := i.t.Nanosecond() / 1e6
	return append(b[:len(b)-len("Z")], '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10), 'Z')
}

// Text returns the instant as people read it: "2026-07-01 00:00 UTC".
func (i Instant) Text() string {
	if i.IsZero() {
		return "none"
	}
	return i.t.Format("2006-01-02 15:04 UTC")
}

// MarshalJSON writes a string in InstantLayout, or null for none.
func (i Instant) MarshalJSON() ([]byte, error) {
	if i.IsZero() {
		return []byte("null"), nil
	}
	return append(i.appendTo(append(make([]byte, 0, len(InstantLayout)), '"')), '"'), nil
}

// UnmarshalJSON reads an RFC 3339 timestamp, or null for none.
func (i *Instant) UnmarshalJSON(data []byte) error {
	text, null, err := decodeText(data)
	if err != nil || null {
		*i = Instant{}
		return err
	}
	read, err := ParseInstant(text)
	if err != nil {
		return err
	}
	*i = read
	return nil
}
