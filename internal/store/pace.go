package store

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The store's rate limit (CLOUDFLARE.md). The window is a little longer than
// the store's, as a request is counted there when it arrives.
const (
	paceLimit  = 1200
	paceWindow = 5*time.Minute + 10*time.Second
)

// pace keeps the client inside the rate limit. Below it nothing waits. Others
// may use the same token, so the store's own count comes first.
type pace struct {
	mu     sync.Mutex
	sent   []time.Time // within the window, oldest first
	flying int         // requests without an answer yet
	closed time.Time   // until then the store refuses everything
	left   int         // how many the store still takes until reset
	reset  time.Time
}

// take admits a request, or returns how long to wait before asking again.
func (p *pace) take(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.sent) > 0 && now.Sub(p.sent[0]) >= paceWindow {
		p.sent = p.sent[1:]
	}
	switch {
	case now.Before(p.closed):
		return p.closed.Sub(now)
	case now.Before(p.reset) && p.left <= 0:
		return p.reset.Sub(now)
	case len(p.sent) >= paceLimit:
		return paceWindow - now.Sub(p.sent[0])
	}
	p.sent = append(p.sent, now)
	p.flying++
	p.left--
	return 0
}

// close stops all requests until an instant, after one was rate limited.
func (p *pace) close(until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until.After(p.closed) {
		p.closed = until
	}
}

// answered ends a request and learns from its answer. Requests under way may
// not be counted in it yet, and answers may overtake each other, so that within
// one window the count only falls.
func (p *pace) answered(now time.Time, h http.Header) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flying--
	left, span, ok := tightest(h)
	if !ok {
		return
	}
	left -= p.flying
	if now.Before(p.reset) {
		left = min(left, p.left)
	}
	if reset := now.Add(span); !now.Before(p.reset) || left <= 0 && reset.After(p.reset) {
		p.reset = reset
	}
	p.left = left
}

// tightest is the limit of which least is left, among those of an answer.
func tightest(h http.Header) (left int, span time.Duration, ok bool) {
	for limit := range strings.SplitSeq(strings.Join(h.Values("Ratelimit"), ","), ",") {
		if l, s, read := parseLimit(limit); read && (!ok || l < left || l == left && s > span) {
			left, span, ok = l, s, true
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
