package fake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"

	"github.com/layeron/rotate/internal/emulator"
)

// The kinds of requests to Secrets Store.
const (
	KindQuota        Kind = "quota"
	KindStores       Kind = "stores"
	KindNewStore     Kind = "new-store"
	KindListSecrets  Kind = "list"
	KindGetSecret    Kind = "get"
	KindCreateSecret Kind = "create"
	KindChangeSecret Kind = "change"
	KindDeleteSecret Kind = "delete"
)

// Store is the emulator of Secrets Store, whose requests a test can make fail.
type Store struct {
	*emulator.Emulator
	faults
	routes *http.ServeMux
}

// NewStore returns a store none of whose requests fail until SetFault is called.
func NewStore(o emulator.Options) (*Store, error) {
	e, err := emulator.New(o)
	if err != nil {
		return nil, err
	}
	s := &Store{Emulator: e, faults: faults{now: o.Now, counts: map[Kind]int{}}, routes: http.NewServeMux()}
	const base = " /client/v4/accounts/{account}/secrets_store"
	const secrets = base + "/stores/{store}/secrets"
	for pattern, kind := range map[string]Kind{
		"GET" + base + "/quota":      KindQuota,
		"GET" + base + "/stores":     KindStores,
		"POST" + base + "/stores":    KindNewStore,
		"GET" + secrets:              KindListSecrets,
		"POST" + secrets:             KindCreateSecret,
		"GET" + secrets + "/{id}":    KindGetSecret,
		"PATCH" + secrets + "/{id}":  KindChangeSecret,
		"DELETE" + secrets + "/{id}": KindDeleteSecret,
		"/":                          KindUnknown,
	} {
		s.routes.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, kind) })
	}
	return s, nil
}

// ServeHTTP answers one request.
func (s *Store) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.routes.ServeHTTP(w, r) }

func (s *Store) answer(w http.ResponseWriter, r *http.Request, kind Kind) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler) // the client is gone
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	s.faults.serve(w, r, Request{Kind: kind, Name: s.nameOf(r.PathValue("id"), body)}, s.Emulator.ServeHTTP)
}

// nameOf returns the name of the secret with an id, or without an id the name of
// the first secret that a body creates.
func (s *Store) nameOf(id string, body []byte) string {
	if id == "" {
		var items []struct{ Name string }
		if json.Unmarshal(body, &items) == nil && len(items) > 0 {
			return items[0].Name
		}
		return ""
	}
	for _, secret := range s.Secrets() {
		if secret.ID == id {
			return secret.Name
		}
	}
	return ""
}

// StoreRefuses returns a fault without effect that answers as Secrets Store does
// when it refuses a request.
func StoreRefuses(status, code int, message string) Fault {
	f := StoreFails(status, code, message)
	f.Skip = true
	return f
}

// StoreFails returns a fault that answers in the same way, although the request
// has its effect.
func StoreFails(status, code int, message string) Fault {
	type failure struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}
	body, _ := json.Marshal(map[string]any{"success": false, "errors": []failure{{code, message}}, "messages": []string{}, "result": nil})
	return Fault{Status: status, Body: string(body), Header: http.Header{"Content-Type": {"application/json"}}}
}

// Unsuccessful returns a fault that answers 200 with success:false and no result.
func Unsuccessful() Fault { return StoreFails(http.StatusOK, 1000, "internal_error") }

// AnotherID returns a fault that replaces the id of the first secret in the answer.
func AnotherID(id string) Fault {
	return Fault{Edit: func(body []byte) []byte {
		if at := idField.FindIndex(body); at != nil {
			return slices.Concat(body[:at[0]], fmt.Appendf(nil, `"id":%q`, id), body[at[1]:])
		}
		return body
	}}
}

var idField = regexp.MustCompile(`"id":"[^"]*"`)

// Page is one page of a list of secrets.
type Page struct {
	Secrets []emulator.Metadata
	Number  int
	PerPage int
	Total   int
}

// EditPage returns a fault that changes each page of a list of secrets.
func EditPage(edit func(*Page)) Fault {
	type info struct {
		Count   int `json:"count"`
		Number  int `json:"page"`
		PerPage int `json:"per_page"`
		Total   int `json:"total_count"`
	}
	type list struct {
		Success  bool                `json:"success"`
		Errors   json.RawMessage     `json:"errors"`
		Messages json.RawMessage     `json:"messages"`
		Result   []emulator.Metadata `json:"result"`
		Info     *info               `json:"result_info"`
	}
	return Fault{Edit: func(body []byte) []byte {
		var l list
		if json.Unmarshal(body, &l) != nil || l.Info == nil {
			return body
		}
		p := Page{l.Result, l.Info.Number, l.Info.PerPage, l.Info.Total}
		edit(&p)
		l.Result, l.Info = p.Secrets, &info{len(p.Secrets), p.Number, p.PerPage, p.Total}
		edited, _ := json.Marshal(l)
		return edited
	}}
}
