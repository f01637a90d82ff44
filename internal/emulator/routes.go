package emulator

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// maxBody is far above the size of a request with the largest value.
const maxBody = 4 << 20

// New returns an emulator with the secrets in its file. If there is no file,
// the store is empty.
func New(o Options) (*Emulator, error) {
	if o.Now == nil || o.Rand == nil {
		return nil, errors.New("emulator: Now and Rand are required")
	}
	if o.Stores == nil {
		o.Stores = []Store{{ID: DefaultStoreID, Name: "default_secrets_store"}}
	}
	if o.Root != nil && len(o.Stores) != 1 {
		return nil, errors.New("emulator: a file holds the secrets of exactly one store")
	}
	setDefault(&o.ValueLimit, 65536)
	setDefault(&o.Quota, 100)
	setDefault(&o.RateLimit, 1200)
	setDefault(&o.PageLimit, maxPerPage)
	setDefault(&o.NotFoundStatus, http.StatusNotFound)
	setDefault(&o.DuplicateStatus, http.StatusConflict)
	e := &Emulator{options: o, stores: o.Stores, secrets: map[key]record{}, file: file{root: o.Root, name: o.File}}
	e.routes = e.newRoutes()
	if o.Root != nil {
		secrets, err := e.file.load()
		if err != nil {
			return nil, err
		}
		for _, s := range secrets {
			e.secrets[key{e.first(), s.Name}] = record{s, o.PendingReads}
		}
	}
	return e, nil
}

func setDefault(option *int, value int) {
	if *option == 0 {
		*option = value
	}
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
		panic(http.ErrAbortHandler) // the client is gone, or the body is too long
	}
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	c := call{r.Method, r.PathValue("account"), r.PathValue("store"), r.PathValue("id"), token, r.URL.Query(), body}
	w.Header().Set("Date", e.options.Now().UTC().Format(http.TimeFormat))
	e.answer(c, e.limit(w.Header()), handle).write(w)
}

// answer checks rate limit, token and store, then handles the request.
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

// authenticate refuses a token that is unknown or lacks the permission.
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

// limit counts a request, puts the rate limit into the headers, and reports
// whether the request is served.
func (e *Emulator) limit(h http.Header) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	served, left, reset := e.rate.take(e.now(), e.options.RateLimit)
	h.Set("Ratelimit", fmt.Sprintf(`"default";r=%d;t=%d`, left, reset))
	h.Set("Ratelimit-Policy", fmt.Sprintf(`"default";q=%d;w=%d`, e.options.RateLimit, int(window.Seconds())))
	if !served {
		h.Set("Retry-After", strconv.Itoa(reset))
	}
	return served
}
