package httpretry_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/layeron/rotate/internal/httpretry"
)

func TestRetryAfter(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"":                              0,
		"soon":                          0,
		"-1":                            0,
		"NaN":                           0,
		"0":                             time.Second,
		"1.5":                           1500 * time.Millisecond,
		"300":                           5 * time.Minute,
		"99999999999999999999":          1e6 * time.Second,
		"Mon, 01 Jun 2026 03:04:00 GMT": 4 * time.Minute,
		"Mon, 01 Jun 2026 02:00:00 GMT": time.Second,
	} {
		if got := httpretry.RetryAfter(http.Header{"Retry-After": {text}}, start); got != want {
			t.Errorf("Retry-After %q: wait %s, want %s", text, got, want)
		}
	}
}

// Only a request without a connection is known to have had no effect. No error
// shows an address with its query.
func TestNoAnswer(t *testing.T) {
	p, _ := policy(t, nil)
	outer := func(err error) error { return &url.Error{Op: "Get", URL: "https://api.test/?secret", Err: err} }
	for name, test := range map[string]struct {
		err  error
		text string
		sent bool
	}{
		"closed":  {io.EOF, "no answer: EOF", true},
		"timeout": {outer(context.DeadlineExceeded), "no answer within 30s", true},
		"refused": {outer(&net.OpError{Op: "dial", Err: errors.New("connection refused")}), "no connection: dial: connection refused", false},
		"reset":   {outer(&net.OpError{Op: "read", Err: errors.New("connection reset")}), "no answer: read: connection reset", true},
	} {
		if got, sent := p.NoAnswer(test.err); got.Error() != test.text || sent != test.sent {
			t.Errorf("%s: %q, sent %v, want %q, %v", name, got, sent, test.text, test.sent)
		}
	}
}

func TestServerClock(t *testing.T) {
	var c httpretry.ServerClock
	if _, _, ok := c.Last(); ok {
		t.Error("a time before any answer")
	}
	if now := c.See(http.Header{}, start); !now.Equal(start) {
		t.Errorf("without a Date the time is %s", now)
	}
	if _, _, ok := c.Last(); ok {
		t.Error("a time from an answer without a Date")
	}
	theirs := start.Add(time.Hour)
	if now := c.See(http.Header{"Date": {theirs.Format(http.TimeFormat)}}, start); !now.Equal(theirs) {
		t.Errorf("the time is %s, want %s", now, theirs)
	}
	if server, local, ok := c.Last(); !ok || !server.Equal(theirs) || !local.Equal(start) {
		t.Errorf("got %s at %s, %v", server, local, ok)
	}
}
