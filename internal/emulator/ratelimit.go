package emulator

import (
	"time"
)

// window is how long requests are counted, and how long they are refused after
// there were too many.
const window = 5 * time.Minute

// rate counts requests against the rate limit.
type rate struct {
	end    time.Time // of the current window
	used   int
	closed bool // no request is served until end
}

// take counts a request. It reports whether the request is served, and returns
// how many more can be, and in how many seconds the window ends.
func (r *rate) take(now time.Time, limit int) (served bool, left, reset int) {
	if !now.Before(r.end) {
		*r = rate{end: now.Add(window)}
	}
	r.used++
	if r.used > limit && !r.closed {
		r.closed, r.end = true, now.Add(window)
	}
	reset = int((r.end.Sub(now) + time.Second - 1) / time.Second)
	return !r.closed, max(0, limit-r.used), reset
}
