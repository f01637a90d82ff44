package emulator

import (
	"io"
	"net/http"
	"net/url"
	"strings"
)

// maxBody is far above what a request with a value of the largest size needs.
const maxBody = 4 << 20

// call is a request that was read.
type call struct {
	method  string
	account string
	store   string
	id      string
	token   string
	query   url.Values
	body    []byte
}

func (e *Emulator) newRoutes() *http.ServeMux {
	const base = " /client/v4/accounts/{account}/secrets_store"
	const secrets = base + "/stores/{store}/secrets"
	m := http.NewServeMux()
	for pattern, handle := range map[string]func(call) answer{
		"GET" + base + "/quota":      func(call) answer { return e.quota() },
		"GET" + base + "/stores":     func(call) answer { return e.listStores() },
		"POST" + base + "/stores":    e.newStore,
		"GET" + secrets:              e.list,
		"POST" + secrets:             e.create,
		"GET" + secrets + "/{id}":    e.get,
		"PATCH" + secrets + "/{id}":  e.change,
		"DELETE" + secrets + "/{id}": e.remove,
		"/":                          func(call) answer { return refusal(http.StatusNotFound, codeNoRoute, "no_route") },
	} {
		m.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { e.serve(w, r, handle) })
	}
	return m
}

// ServeHTTP answers one request.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) { e.routes.ServeHTTP(w, r) }

func (e *Emulator) serve(w http.ResponseWriter, r *http.Request, handle func(call) answer) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		panic(http.ErrAbortHandler) // the client hung up, or sends without end
	}
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	c := call{r.Method, r.PathValue("account"), r.PathValue("store"), r.PathValue("id"), token, r.URL.Query(), body}
	w.Header().Set("Date", e.options.Now().UTC().Format(http.TimeFormat))
	e.answer(c, e.limit(w.Header()), handle).write(w)
}

// answer handles a request after checking who sends it and where to.
func (e *Emulator) answer(c call, served bool, handle func(call) answer) answer {
	if !served {
		return refusal(http.StatusTooManyRequests, codeRateLimited, "rate_limited")
	}
	if a, ok := e.authenticate(c); !ok {
		return a
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if c.store != "" && !e.hasStore(c.store) {
		return e.notFound("store_not_found")
	}
	return handle(c)
}

// authenticate refuses tokens that are unknown, or may not do this.
func (e *Emulator) authenticate(c call) (answer, bool) {
	o := e.options
	reader := o.ReadToken != "" && c.token == o.ReadToken
	switch {
	case c.token == "":
		return refusal(http.StatusBadRequest, codeNoToken, "Unable to authenticate request"), false
	case !reader && o.Token != "" && c.token != o.Token:
		return refusal(http.StatusUnauthorized, codeAuthentication, "Authentication error"), false
	case reader && c.method != http.MethodGet, o.Account != "" && c.account != "" && c.account != o.Account:
		return refusal(http.StatusForbidden, codeAuthentication, "Authentication error"), false
	}
	return answer{}, true
}
