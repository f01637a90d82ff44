package emulator

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
)

// Kind is what a request wants.
type Kind string

// The kinds of requests.
const (
	KindQuota    Kind = "quota"
	KindStores   Kind = "stores"
	KindNewStore Kind = "new-store"
	KindList     Kind = "list"
	KindGet      Kind = "get"
	KindCreate   Kind = "create"
	KindChange   Kind = "change"
	KindDelete   Kind = "delete"
	KindUnknown  Kind = "unknown"
)

// Request is a request as Options.Fault sees it.
type Request struct {
	Number int // counts all requests, from 1
	Method string
	Kind   Kind
	Name   string // of the secret, where the request is about one that is known
}

// Fault is what goes wrong with a request. The zero Fault is nothing: the
// request has its effect and its answer. Its parts combine, in this order.
type Fault struct {
	// Before runs first: it may stall, until the client is gone if it waits for
	// the context, or change the store.
	Before func(context.Context)
	// Skip leaves out the effect, and the checks that come before it.
	Skip bool
	// After runs between effect and answer.
	After func(context.Context)
	// Drop closes the connection instead of answering.
	Drop bool
	// ID replaces the id of the first secret in the answer.
	ID string
	// Page edits the page that a list answers.
	Page func(*Page)
	// Unsuccessful answers 200 with success:false and no result.
	Unsuccessful bool
	// Status, when set, answers so instead, with Body as it is.
	Status int
	Body   string
	// Header is added to the answer.
	Header http.Header
}

// Refuse answers an error as the API words it, without effect.
func Refuse(status, code int, message string) Fault {
	f := Fail(status, code, message)
	f.Skip = true
	return f
}

// Fail answers an error as the API words it, although the effect took place.
func Fail(status, code int, message string) Fault {
	body, _ := json.Marshal(newEnvelope(answer{failures: []failure{{code, message}}}))
	return Fault{Status: status, Body: string(body), Header: http.Header{"Content-Type": {"application/json"}}}
}

// ask counts a request and asks what should go wrong with it.
func (e *Emulator) ask(c call) Fault {
	name := e.nameOf(c)
	e.asking.Lock()
	defer e.asking.Unlock()
	e.number++
	e.counts[c.kind]++
	if e.options.Fault == nil {
		return Fault{}
	}
	return e.options.Fault(Request{Number: e.number, Method: c.method, Kind: c.kind, Name: name})
}

// Counts is how many requests there were of each kind, however they were
// answered.
func (e *Emulator) Counts() map[Kind]int {
	e.asking.Lock()
	defer e.asking.Unlock()
	return maps.Clone(e.counts)
}

// apply changes an answer; it does not return when the connection is dropped.
func (f Fault) apply(a answer) answer {
	if f.Drop {
		panic(http.ErrAbortHandler) // how a handler tells its server to hang up
	}
	if f.ID != "" && len(a.secrets) > 0 {
		a.secrets[0].ID = f.ID
	}
	if f.Page != nil && a.info != nil {
		p := Page{a.secrets, a.info.Page, a.info.PerPage, a.info.Total}
		f.Page(&p)
		a.secrets, a.info = p.Secrets, &resultInfo{len(p.Secrets), p.Number, p.PerPage, p.Total}
	}
	if f.Unsuccessful {
		return answer{status: http.StatusOK, failures: []failure{{codeInternal, "internal_error"}}}
	}
	return a
}
