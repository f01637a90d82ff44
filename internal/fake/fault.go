package fake

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"time"
)

// Kind is what a request wants.
type Kind string

// Request is a request as Options.Fault sees it.
type Request struct {
	Number int // counts all requests, from 1
	Method string
	Kind   Kind
}

// Writes tells whether the request changes anything.
func (k Kind) Writes() bool { return kinds[k].level == Write }

// Fault is what goes wrong with a request. The zero Fault is nothing: the
// request has its effect and its answer. Its parts combine, in this order.
type Fault struct {
	// Before runs first: it may stall, or change the repository.
	Before func(context.Context)
	// Skip leaves out the effect, and the checks that come before it.
	Skip bool
	// After runs between effect and answer.
	After func(context.Context)
	// Drop closes the connection instead of answering.
	Drop bool
	// Status, when set, answers so instead, with Body as it is.
	Status int
	Body   string
	// Header is added to the answer.
	Header http.Header
}

// Refuse answers an error as GitHub words it, without effect.
func Refuse(status int, message string) Fault {
	f := Fail(status, message)
	f.Skip = true
	return f
}

// Fail answers an error as GitHub words it, although the effect took place.
func Fail(status int, message string) Fault {
	body, _ := json.Marshal(problem{Message: message, Documentation: documentation})
	return Fault{Status: status, Body: string(body), Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}}
}

// SecondaryLimit is the answer to somebody who is too fast. Without a wait it
// does not say how long to stay away.
func SecondaryLimit(status int, wait time.Duration) Fault {
	f := Refuse(status, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.")
	if wait > 0 {
		f.Header.Set("Retry-After", strconv.Itoa(int(wait.Seconds())))
	}
	return f
}

// PrimaryLimit is the answer to somebody whose hour is used up.
func PrimaryLimit(reset time.Time) Fault {
	f := Refuse(http.StatusForbidden, "API rate limit exceeded for installation ID 1.")
	f.Header.Set("X-RateLimit-Limit", "1000")
	f.Header.Set("X-RateLimit-Remaining", "0")
	f.Header.Set("X-RateLimit-Reset", strconv.FormatInt(reset.Unix(), 10))
	return f
}

// ask counts a request and asks what should go wrong with it.
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

// SetFault replaces Options.Fault; nil means that nothing goes wrong.
func (g *GitHub) SetFault(fault func(Request) Fault) {
	g.asking.Lock()
	defer g.asking.Unlock()
	g.options.Fault = fault
}

// Counts is how many requests there were of each kind, however they were
// answered.
func (g *GitHub) Counts() map[Kind]int {
	g.asking.Lock()
	defer g.asking.Unlock()
	return maps.Clone(g.counts)
}

// ResetCounts starts counting anew.
func (g *GitHub) ResetCounts() {
	g.asking.Lock()
	defer g.asking.Unlock()
	g.number = 0
	clear(g.counts)
}

// Totals sums the counts: all requests, and those that write.
func (g *GitHub) Totals() (all, writes int) {
	for kind, n := range g.Counts() {
		all += n
		if kind.Writes() {
			writes += n
		}
	}
	return all, writes
}
