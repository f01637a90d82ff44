package fake

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"time"
)

// Kind says what a request asks for.
type Kind string

// Request is what a fault is chosen by.
type Request struct {
	Number int // counts all requests, from 1
	Method string
	Kind   Kind
	Name   string // of the secret that a request to the store is about, if it exists
}

// Writes reports whether a request of this kind changes the repository.
func (k Kind) Writes() bool { return kinds[k].level == Write }

// Fault says how a request fails. With the zero Fault it succeeds. The fields
// are applied in their order here, and can be combined.
type Fault struct {
	// Before runs first. It may block, until the client is gone if it waits for
	// the context, or change what the server holds.
	Before func(context.Context)
	// Skip leaves out the effect of the request, and the checks before it.
	Skip bool
	// After runs between the effect and the answer.
	After func(context.Context)
	// Drop closes the connection instead of answering.
	Drop bool
	// Edit changes the body of the answer.
	Edit func(body []byte) []byte
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

// RequestFaults returns the ways in which one request to GitHub can fail, by
// name. The primary rate limit ends at reset.
func RequestFaults(reset time.Time) map[string]Fault {
	return map[string]Fault{
		"502 before":     Refuse(http.StatusBadGateway, "Bad Gateway"),
		"502 after":      Fail(http.StatusBadGateway, "Bad Gateway"),
		"503 page":       {Skip: true, Status: http.StatusServiceUnavailable, Body: "<html>unicorn</html>"},
		"lost before":    {Skip: true, Drop: true},
		"lost after":     {Drop: true},
		"409":            Refuse(http.StatusConflict, "Conflict"),
		"secondary, 403": SecondaryLimit(http.StatusForbidden, 30*time.Second),
		"secondary, 429": SecondaryLimit(http.StatusTooManyRequests, 0),
		"primary":        PrimaryLimit(reset),
	}
}

// faults chooses a fault for each request to a server, and counts the requests.
type faults struct {
	now func() time.Time

	asking sync.Mutex // guards counts, number and calls of choose
	choose func(Request) Fault
	counts map[Kind]int
	number int
}

// SetFault sets the function that chooses the fault of each request. It is called
// for one request at a time, and must not call Counts. With nil, no request fails.
func (f *faults) SetFault(choose func(Request) Fault) {
	f.asking.Lock()
	defer f.asking.Unlock()
	f.choose = choose
}

// Counts returns the number of requests of each kind, failed ones included.
func (f *faults) Counts() map[Kind]int {
	f.asking.Lock()
	defer f.asking.Unlock()
	return maps.Clone(f.counts)
}

// ResetCounts sets all counts to 0.
func (f *faults) ResetCounts() {
	f.asking.Lock()
	defer f.asking.Unlock()
	f.number = 0
	clear(f.counts)
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

// ask counts a request and chooses its fault.
func (f *faults) ask(r Request) Fault {
	f.asking.Lock()
	defer f.asking.Unlock()
	f.number++
	f.counts[r.Kind]++
	if f.choose == nil {
		return Fault{}
	}
	r.Number = f.number
	return f.choose(r)
}

// serve answers a request whose body has been read: with handle, or as the fault
// says. about has the kind and name of the request.
func (f *faults) serve(w http.ResponseWriter, r *http.Request, about Request, handle http.HandlerFunc) {
	about.Method = r.Method
	fault := f.ask(about)
	if fault.Before != nil {
		fault.Before(r.Context())
	}
	answer := httptest.NewRecorder()
	answer.Header().Set("Content-Type", "application/json")
	answer.Header().Set("Date", f.now().UTC().Format(http.TimeFormat))
	if !fault.Skip {
		handle(answer, r)
	}
	if fault.After != nil {
		fault.After(r.Context())
	}
	fault.send(w, answer)
}

// send sends the answer, or what the fault sends instead.
func (f Fault) send(w http.ResponseWriter, answer *httptest.ResponseRecorder) {
	if f.Drop {
		panic(http.ErrAbortHandler) // closes the connection
	}
	status, body := answer.Code, answer.Body.Bytes()
	if f.Edit != nil {
		body = f.Edit(body)
	}
	if f.Status != 0 {
		status, body = f.Status, []byte(f.Body)
	}
	for _, header := range []http.Header{answer.Header(), f.Header} {
		for name, values := range header {
			w.Header()[http.CanonicalHeaderKey(name)] = values
		}
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // an error means that the client is gone
}
