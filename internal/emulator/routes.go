package emulator

import (
	"encoding/json"
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
	kind    Kind
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
	for pattern, kind := range map[string]Kind{
		"GET" + base + "/quota":      KindQuota,
		"GET" + base + "/stores":     KindStores,
		"POST" + base + "/stores":    KindNewStore,
		"GET" + secrets:              KindList,
		"POST" + secrets:             KindCreate,
		"GET" + secrets + "/{id}":    KindGet,
		"PATCH" + secrets + "/{id}":  KindChange,
		"DELETE" + secrets + "/{id}": KindDelete,
		"/":                          KindUnknown,
	} {
		m.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { e.serve(w, r, kind) })
	}
	return m
}

// ServeHTTP answers one request.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) { e.routes.ServeHTTP(w, r) }

func (e *Emulator) serve(w http.ResponseWriter, r *http.Request, kind Kind) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		panic(http.ErrAbortHandler) // the client hung up, or sends without end
	}
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	c := call{r.Method, kind, r.PathValue("account"), r.PathValue("store"), r.PathValue("id"), token, r.URL.Query(), body}
	w.Header().Set("Date", e.options.Now().UTC().Format(http.TimeFormat))
	served := e.limit(w.Header())
	f := e.ask(c)
	if f.Before != nil {
		f.Before(r.Context())
	}
	a := answer{status: http.StatusOK}
	switch {
	case f.Skip:
	case !served:
		a = refusal(http.StatusTooManyRequests, codeRateLimited, "rate_limited")
	default:
		a = e.handle(c)
	}
	if f.After != nil {
		f.After(r.Context())
	}
	f.write(w, f.apply(a))
}

// handle carries out a request after checking who sends it and where to.
func (e *Emulator) handle(c call) answer {
	if a, ok := e.authenticate(c); !ok {
		return a
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if c.store != "" && !e.hasStore(c.store) {
		return e.notFound("store_not_found")
	}
	switch c.kind {
	case KindQuota:
		return e.quota()
	case KindStores:
		return e.listStores()
	case KindNewStore:
		return e.newStore(c)
	case KindList:
		return e.list(c)
	case KindGet:
		return e.get(c)
	case KindCreate:
		return e.create(c)
	case KindChange:
		return e.change(c)
	case KindDelete:
		return e.remove(c)
	}
	return refusal(http.StatusNotFound, codeNoRoute, "no_route")
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
	case reader && c.method != http.MethodGet, o.Account != "" && c.kind != KindUnknown && c.account != o.Account:
		return refusal(http.StatusForbidden, codeAuthentication, "Authentication error"), false
	}
	return answer{}, true
}

// nameOf is the name of the secret that a request is about.
func (e *Emulator) nameOf(c call) string {
	if c.kind == KindCreate {
		var items []struct{ Name string }
		if json.Unmarshal(c.body, &items) == nil && len(items) > 0 {
			return items[0].Name
		}
		return ""
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	r, _ := e.find(c.store, c.id)
	return r.Name
}
