package store

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The store takes 1,200 requests in five minutes. The window here is a little
// longer, because the store counts a request when it arrives.
const (
	limitRequests = 1200
	limitWindow   = 5*time.Minute + 10*time.Second
)

// rateLimit keeps the client within the store's rate limit. Below the limit
// nothing waits. Others may use the same token, so the store's own count takes
// precedence.
type rateLimit struct {
	mu      sync.Mutex
	sent    []time.Time // within the window, oldest first
	pending int         // requests without an answer yet
	closed  time.Time   // until then the store refuses all requests
	left    int         // requests that the store still takes until reset
	reset   time.Time
}

// take admits a request, or returns how long to wait before asking again.
func (l *rateLimit) take(now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.sent) > 0 && now.Sub(l.sent[0]) >= limitWindow {
		l.sent = l.sent[1:]
	}
	switch {
	case now.Before(l.closed):
		return l.closed.Sub(now)
	case now.Before(l.reset) && l.left <= 0:
		return l.reset.Sub(now)
	case len(l.sent) >= limitRequests:
		return limitWindow - now.Sub(l.sent[0])
	}
	l.sent = append(l.sent, now)
	l.pending++
	l.left--
	return 0
}

// close stops all requests until an instant, after the store refused one for
// its rate.
func (l *rateLimit) close(until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until.After(l.closed) {
		l.closed = until
	}
}

// answered ends a request and reads the limit from its answer's headers, which
// are nil if there was no answer. The answer may not count pending requests
// yet, and answers may overtake each other, so within one window the count only
// falls.
func (l *rateLimit) answered(now time.Time, h http.Header) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pending--
	left, span, ok := tightest(h)
	if !ok {
		return
	}
	left -= l.pending
	if now.Before(l.reset) {
		left = min(left, l.left)
	}
	if reset := now.Add(span); !now.Before(l.reset) || left <= 0 && reset.After(l.reset) {
		l.reset = reset
	}
	l.left = left
}

// tightest returns the limit of an answer of which the least is left.
func tightest(h http.Header) (left int, span time.Duration, ok bool) {
	for text := range strings.SplitSeq(strings.Join(h.Values("Ratelimit"), ","), ",") {
		if n, d, valid := parseLimit(text); valid && (!ok || n < left || n == left && d > span) {
			left, span, ok = n, d, true
		}
	}
	return left, span, ok
}

// parseLimit reads one limit of a Ratelimit header, such as
// "default";r=50;t=30: 50 requests are left for 30 seconds.
func parseLimit(text string) (left int, span time.Duration, ok bool) {
	seconds, left := -1, -1
	for part := range strings.SplitSeq(text, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		n, err := strconv.Atoi(value)
		switch {
		case err != nil || n < 0 || n > 1e6:
		case name == "r":
			left = n
		case name == "t":
			seconds = n
		}
	}
	return left, time.Duration(seconds) * time.Second, left >= 0 && seconds >= 0
}
