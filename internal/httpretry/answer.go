package httpretry

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// RetryAfter returns how long an answer asks to wait, at least a second, or 0
// if it does not say. Retry-After holds seconds or a date by the server's
// clock, which showed now.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(text, 64); err == nil && seconds >= 0 {
		return time.Duration(min(max(seconds, 1), 1e6) * float64(time.Second))
	}
	if until, err := http.ParseTime(text); err == nil {
		return max(until.Sub(now), time.Second)
	}
	return 0
}

// NoAnswer words the error of an attempt that got no answer, without the URL.
// sent is false if there was no connection, so that the attempt had no effect.
func (p Policy) NoAnswer(err error) (worded error, sent bool) {
	err = WithoutURL(err)
	var op *net.OpError
	switch {
	case errors.As(err, &op) && op.Op == "dial":
		return fmt.Errorf("no connection: %w", err), false
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("no answer within %s", p.AttemptTimeout), true
	}
	return fmt.Errorf("no answer: %w", err), true
}

// WithoutURL returns an error of an HTTP client without the method and the URL.
func WithoutURL(err error) error {
	var outer *url.Error
	if errors.As(err, &outer) {
		return outer.Err
	}
	return err
}

// ServerClock is the server's clock, as its answers show it in their Date. It
// is safe for parallel use. The zero value has seen no answer.
type ServerClock struct {
	mu            sync.Mutex
	server, local time.Time
}

// See takes in an answer that came at a local time. It returns the time by the
// server's clock, or the local time if the answer has no Date.
func (c *ServerClock) See(h http.Header, local time.Time) time.Time {
	server, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return local
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.server, c.local = server, local
	return server
}

// Last returns the time in the last answer, to the second, and the local time
// when it came. ok is false before any answer with a Date.
func (c *ServerClock) Last() (server, local time.Time, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.server, c.local, !c.server.IsZero()
}
