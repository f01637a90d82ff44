package fake

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"time"
)

// Kind says what a request asks for.
type Kind string

// Request is a request as Options.Fault sees it.
type Request struct {
	Number int // counts all requests, from 1
	Method string
	Kind   Kind
}

// Writes reports whether a request of this kind changes the repository.
func (k Kind) Writes() bool { return kinds[k].level == Write }

// Fault says how a request fails. With the zero Fault it succeeds. The fields
// are applied in their order here, and can be combined.
type Fault struct {
	// Before runs first. It may block, or change the repository.
	Before func(context.Context)
	// Skip leaves out the effect of the request, and the checks before it.
	Skip bool
	// After runs between the effect and the answer.
	After func(context.Context)
	// Drop closes the connection instead of answering.
	Drop bool
	// Status and Body, when Status is set, replace the answer.
	Status int
	Body   string
	// Header is added to the answer.
	Header http.Header
}

// Refuse returns a fault without effect that answers with a status and message.
func Refuse(status int, message string) Fault {
	f := Fail(status, message)
	f.Skip = true
	return f
}

// Fail returns a fault that answers with a status and message, although the
// request had its effect.
func Fail(status int, message string) Fault {
	body, _ := json.Marshal(problem{Message: message, Documentation: documentation})
	return Fault{Status: status, Body: string(body), Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}}
}

// SecondaryLimit refuses a client that sends requests too fast. With a wait of
// 0 the answer has no Retry-After.
func SecondaryLimit(status int, wait time.Duration) Fault {
	f := Refuse(status, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.")
	if wait > 0 {
		f.Header.Set("Retry-After", strconv.Itoa(int(wait.Seconds())))
	}
	return f
}

// PrimaryLimit refuses a client that has used up its requests for the hour.
func PrimaryLimit(reset time.Time) Fault {
	f := Refuse(http.StatusForbidden, "API rate limit exceeded for installation ID 1.")
	f.Header.Set("X-RateLimit-Limit", "1000")
	f.Header.Set("X-RateLimit-Remaining", "0")
	f.Header.Set("X-RateLimit-Reset", strconv.FormatInt(reset.Unix(), 10))
	return f
}

// ask counts a request and asks Options.Fault how it fails.
func (g *GitHub) ask(method string, kind Kind) Fault {
	g.asking.Lock()
	defer g.asking.Unlock()
	g.number++
	g.counts[kind]++
	if g.options.Fault == nil {
		return Fault{}
	}
	return g.options.Fault(Request{Number: g.number, Method: method, Kind: kind})
}

// SetFault replaces Options.Fault. With nil, no request fails.
func (g *GitHub) SetFault(fault func(Request) Fault) {
	g.asking.Lock()
	defer g.asking.Unlock()
	g.options.Fault = fault
}

// Counts returns the number of requests of each kind, failed ones included.
func (g *GitHub) Counts() map[Kind]int {
	g.asking.Lock()
	defer g.asking.Unlock()
	return maps.Clone(g.counts)
}

// ResetCounts sets all counts to 0.
func (g *GitHub) ResetCounts() {
	g.asking.Lock()
	defer g.asking.Unlock()
	g.number = 0
	clear(g.counts)
}

// Totals returns the number of all requests, and of those that write.
func (g *GitHub) Totals() (all, writes int) {
	for kind, n := range g.Counts() {
		all += n
		if kind.Writes() {
			writes += n
		}
	}
	return all, writes
}
