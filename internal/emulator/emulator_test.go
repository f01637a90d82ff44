package emulator_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/emulator"
	"github.com/layeron/rotate/internal/fake"
)

const (
	root    = "/accounts/0123456789abcdef0123456789abcdef/secrets_store"
	secrets = root + "/stores/" + emulator.DefaultStoreID + "/secrets"
)

// world is an emulator with a client that calls it in the process.
type world struct {
	*emulator.Emulator
	clock  *fake.Clock
	client *http.Client
}

func options() (emulator.Options, *fake.Clock) {
	c := fake.NewClock(time.Date(2026, 6, 1, 3, 0, 0, 123456789, time.UTC))
	return emulator.Options{Now: c.Now, Rand: rand.NewChaCha8(sha256.Sum256(nil))}, c
}

func newWorld(t *testing.T, change func(*emulator.Options)) *world {
	t.Helper()
	o, c := options()
	if change != nil {
		change(&o)
	}
	e, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return &world{e, c, &http.Client{Transport: emulator.Transport(e)}}
}

// reply is the part of an answer that the tests check.
type reply struct {
	status  int
	header  http.Header
	Success bool
	Errors  []struct {
		Code    int
		Message string
	}
	Messages []string
	Result   json.RawMessage
	Info     struct {
		Count, Page int
		PerPage     int `json:"per_page"`
		Total       int `json:"total_count"`
	} `json:"result_info"`
}

func (r reply) message() string {
	if len(r.Errors) == 0 {
		return ""
	}
	return r.Errors[0].Message
}

// names returns the names of the secrets in the result, joined.
func (r reply) names() string {
	var all []emulator.Metadata
	_ = json.Unmarshal(r.Result, &all)
	var names []string
	for _, m := range all {
		names = append(names, m.Name)
	}
	return strings.Join(names, " ")
}

// first returns the first or only secret of the result.
func (r reply) first() emulator.Metadata {
	var all []emulator.Metadata
	if json.Unmarshal(r.Result, &all) == nil && len(all) > 0 {
		return all[0]
	}
	var one emulator.Metadata
	_ = json.Unmarshal(r.Result, &one)
	return one
}

func (w *world) as(t *testing.T, token, method, path, body string) reply {
	t.Helper()
	request, err := http.NewRequest(method, "http://emulator/client/v4"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := w.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	r := reply{status: response.StatusCode, header: response.Header}
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatalf("%s %s answered %q: %v", method, path, text, err)
	}
	return r
}

func (w *world) do(t *testing.T, method, path, body string) reply {
	t.Helper()
	return w.as(t, "token", method, path, body)
}

func (w *world) create(t *testing.T, name string) reply {
	t.Helper()
	return w.do(t, "POST", secrets, fmt.Sprintf(`[{"name":%q,"value":"v","scopes":["workers"],"comment":"about %s"}]`, name, name))
}

// A secret is created, changed, read and deleted, with answers in the API's
// form.
func TestCreateChangeDelete(t *testing.T) {
	w := newWorld(t, nil)
	made := w.create(t, "NAME")
	want := emulator.Metadata{
		ID: w.Secrets()[0].ID, Name: "NAME", StoreID: emulator.DefaultStoreID, Status: "active", Comment: "about NAME",
		Created: "2026-06-01T03:00:00.123Z", Modified: "2026-06-01T03:00:00.123Z", Scopes: []string{"workers"},
	}
	if diff := cmp.Diff(want, made.first()); diff != "" || made.status != 200 || made.Result[0] != '[' || len(want.ID) != 32 {
		t.Errorf("created %d %s (-want +got):\n%s", made.status, made.Result, diff)
	}
	w.clock.Advance(time.Minute)
	want.Modified, want.Comment = "2026-06-01T03:01:00.123Z", "new"
	changed := w.do(t, "PATCH", secrets+"/"+want.ID, `{"value":"v2","comment":"new"}`)
	if diff := cmp.Diff(want, changed.first()); diff != "" || changed.Result[0] != '{' {
		t.Errorf("changed %s (-want +got):\n%s", changed.Result, diff)
	}
	if got := w.do(t, "GET", secrets+"/"+want.ID, ""); cmp.Diff(want, got.first()) != "" || strings.Contains(string(got.Result), "v2") {
		t.Errorf("got %s", got.Result)
	}
	if s := w.Secrets()[0]; s.Value != "v2" || s.ID != want.ID {
		t.Errorf("holds %+v", s)
	}
	if got := w.do(t, "GET", root+"/quota", ""); string(got.Result) != `{"secrets":{"quota":100,"usage":1}}` {
		t.Errorf("quota %s", got.Result)
	}
	if got := w.do(t, "DELETE", secrets+"/"+want.ID, ""); got.status != 202 || string(got.Result) != "null" || !got.Success || len(w.Secrets()) != 0 {
		t.Errorf("deletion answered %d %s", got.status, got.Result)
	}
}

// A change leaves the fields that it does not name.
func TestChangeOfOnePart(t *testing.T) {
	w := newWorld(t, nil)
	path := secrets + "/" + w.create(t, "NAME").first().ID
	w.do(t, "PATCH", path, `{"comment":""}`)
	w.do(t, "PATCH", path, `{"value":"v2"}`)
	w.do(t, "PATCH", path, `{"scopes":["workers"]}`)
	if s := w.Secrets()[0]; s.Value != "v2" || s.Comment != "" {
		t.Errorf("holds %+v", s)
	}
}

func TestRefusals(t *testing.T) {
	none := secrets + "/" + strings.Repeat("0", 32)
	entry := `{"name":"B","value":"v","scopes":["workers"]}`
	for name, test := range map[string]struct {
		method, path, body string
		status             int
		message            string
	}{
		"object in place of array": {"POST", secrets, entry, 400, "invalid_json_body"},
		"empty array":              {"POST", secrets, `[]`, 400, "invalid_json_body"},
		"not JSON":                 {"POST", secrets, `[`, 400, "invalid_json_body"},
		"two documents":            {"POST", secrets, `[` + entry + `][]`, 400, "invalid_json_body"},
		"no value":                 {"POST", secrets, `[{"name":"B","scopes":["workers"]}]`, 400, "invalid_json_body"},
		"bad name":                 {"POST", secrets, `[{"name":"a b","value":"v","scopes":["workers"]}]`, 400, "invalid_json_body"},
		"unknown field":            {"POST", secrets, `[{"name":"B","text":"v"}]`, 400, "invalid_json_body"},
		"no scopes":                {"POST", secrets, `[{"name":"B","value":"v"}]`, 400, "secret_scopes_empty"},
		"bad scope":                {"POST", secrets, `[{"name":"B","value":"v","scopes":["moon"]}]`, 400, "secret_scope_invalid"},
		"name taken":               {"POST", secrets, `[{"name":"A","value":"v","scopes":["workers"]}]`, 409, "secret_name_already_exists"},
		"second of two is taken":   {"POST", secrets, `[` + entry + `,` + entry + `]`, 409, "secret_name_already_exists"},
		"value too long":           {"POST", secrets, `[{"name":"B","value":"` + strings.Repeat("x", 11) + `","scopes":["workers"]}]`, 400, "secret_value_too_long"},
		"comment too long":         {"POST", secrets, `[{"name":"B","value":"v","comment":"` + strings.Repeat("x", 21) + `","scopes":["workers"]}]`, 400, "secret_comment_too_long"},
		"over the quota":           {"POST", secrets, `[` + entry + `,{"name":"C","value":"v","scopes":["workers"]}]`, 400, "maximum_secrets_exceeded"},
		"name in a change":         {"PATCH", secrets + "/A", `{"name":"A","value":"w"}`, 400, "invalid_json_body"},
		"change too long":          {"PATCH", secrets + "/A", `{"value":"` + strings.Repeat("x", 11) + `"}`, 400, "secret_value_too_long"},
		"change of nothing":        {"PATCH", none, `{"value":"w"}`, 404, "secret_not_found"},
		"deletion of nothing":      {"DELETE", none, ``, 404, "secret_not_found"},
		"reading nothing":          {"GET", none, ``, 404, "secret_not_found"},
		"no such store":            {"GET", root + "/stores/x/secrets", ``, 404, "store_not_found"},
		"second store":             {"POST", root + "/stores", `{"name":"second"}`, 400, "maximum_stores_exceeded"},
		"stores in an array":       {"POST", root + "/stores", `[{"name":"second"}]`, 400, "invalid_json_body"},
		"page of 101":              {"GET", secrets + "?per_page=101", ``, 400, "invalid_query"},
		"page zero":                {"GET", secrets + "?page=0", ``, 400, "invalid_query"},
		"order by value":           {"GET", secrets + "?order=value", ``, 400, "invalid_query"},
		"unknown path":             {"GET", root + "/things", ``, 404, "no_route"},
		"unknown method":           {"PUT", secrets, ``, 404, "no_route"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(o *emulator.Options) { o.Quota, o.ValueLimit, o.CommentLimit = 2, 10, 20 })
			id := w.create(t, "A").first().ID
			got := w.do(t, test.method, strings.Replace(test.path, "/A", "/"+id, 1), test.body)
			if got.status != test.status || got.message() != test.message || got.Success || string(got.Result) != "null" || got.Messages == nil {
				t.Errorf("got %d %+v, want %d %s", got.status, got, test.status, test.message)
			}
			if all := w.Secrets(); len(all) != 1 || all[0].Value != "v" {
				t.Errorf("the store was changed: %+v", all)
			}
		})
	}
}

func TestAuthentication(t *testing.T) {
	w := newWorld(t, func(o *emulator.Options) {
		o.Token, o.ReadToken, o.Account = "writer", "reader", "0123456789abcdef0123456789abcdef"
	})
	elsewhere := strings.Replace(secrets, "0123", "ffff", 1)
	for _, test := range []struct {
		token, method, path string
		status, code        int
	}{
		{"writer", "GET", secrets, 200, 0},
		{"reader", "GET", secrets, 200, 0},
		{"writer", "POST", secrets, 400, 1001},
		{"reader", "POST", secrets, 403, 10000},
		{"reader", "PATCH", secrets + "/" + strings.Repeat("0", 32), 403, 10000},
		{"other", "GET", secrets, 401, 10000},
		{"", "GET", secrets, 400, 10001},
		{"writer", "GET", elsewhere, 403, 10000},
	} {
		got := w.as(t, test.token, test.method, test.path, "")
		if got.status != test.status || len(got.Errors) > 0 && got.Errors[0].Code != test.code {
			t.Errorf("%q %s: got %d %v, want %d, code %d", test.token, test.method, got.status, got.Errors, test.status, test.code)
		}
	}
}

func TestPages(t *testing.T) {
	w := newWorld(t, func(o *emulator.Options) { o.PageLimit = 2 })
	for _, name := range []string{"C", "A", "D", "B", "AB"} {
		w.create(t, name)
		w.clock.Advance(time.Second)
	}
	for query, want := range map[string]string{
		"":                            "C A", // as created
		"?order=name":                 "A AB",
		"?order=name&page=2":          "B C",
		"?order=name&page=3":          "D",
		"?order=name&page=4":          "",
		"?order=name&direction=desc":  "D C",
		"?order=created&per_page=1":   "C",
		"?order=name&search=A":        "A AB",
		"?search=about%20D":           "D",
		"?order=modified&page=3":      "AB",
		"?order=status":               "A AB",
		"?order=comment&per_page=100": "A AB",
	} {
		got := w.do(t, "GET", secrets+query, "")
		total := map[string]int{"?order=name&search=A": 2, "?search=about%20D": 1}[query]
		if total == 0 {
			total = 5
		}
		if got.names() != want || got.Info.Total != total || got.Info.Count != len(strings.Fields(want)) {
			t.Errorf("%s: got %q, %+v, want %q of %d", query, got.names(), got.Info, want, total)
		}
	}
}

// A new secret can be pending, and a deleted one can still be listed.
func TestPendingAndDeleted(t *testing.T) {
	w := newWorld(t, func(o *emulator.Options) { o.PendingReads, o.DeletedReads, o.PendingOnChange = 2, 1, true })
	status := func() string {
		r := w.do(t, "GET", secrets, "")
		if r.names() == "" {
			return "gone"
		}
		return r.first().Status
	}
	id := w.create(t, "NAME").first().ID
	got := []string{status(), status(), status(), status()}
	w.do(t, "PATCH", secrets+"/"+id, `{"value":"w"}`)
	got = append(got, status(), status(), status())
	w.do(t, "DELETE", secrets+"/"+id, "")
	if r := w.create(t, "NAME"); r.message() != "secret_name_already_exists" {
		t.Errorf("the name of a deleted secret was free: %+v", r)
	}
	if r := w.do(t, "PATCH", secrets+"/"+id, `{"value":"x"}`); r.message() != "secret_not_found" {
		t.Errorf("a deleted secret was changed: %+v", r)
	}
	got = append(got, status(), status())
	want := []string{"pending", "pending", "active", "active", "pending", "pending", "active", "deleted", "gone"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
	if r := w.create(t, "NAME"); !r.Success || r.first().ID == id {
		t.Errorf("a recreated secret has id %q, the old one %q", r.first().ID, id)
	}
}

func TestStores(t *testing.T) {
	w := newWorld(t, func(o *emulator.Options) { o.Stores = []emulator.Store{} })
	if got := w.do(t, "GET", root+"/stores", ""); string(got.Result) != "[]" {
		t.Errorf("stores %s", got.Result)
	}
	made := w.do(t, "POST", root+"/stores", `{"name":"first"}`)
	var store struct{ ID, Name string }
	if err := json.Unmarshal(made.Result, &store); err != nil || store.Name != "first" {
		t.Fatalf("made %s, %v", made.Result, err)
	}
	if got := w.do(t, "GET", root+"/stores/"+store.ID+"/secrets", ""); string(got.Result) != "[]" || !got.Success {
		t.Errorf("secrets of the new store: %+v", got)
	}
}

// A client that sends too many requests gets 429 for five minutes, as the
// headers announce.
func TestRateLimit(t *testing.T) {
	w := newWorld(t, func(o *emulator.Options) { o.RateLimit = 2 })
	step := func(wait time.Duration, status int, ratelimit, retryAfter string) {
		t.Helper()
		w.clock.Advance(wait)
		got := w.do(t, "GET", root+"/quota", "")
		if got.status != status || got.header.Get("Ratelimit") != ratelimit || got.header.Get("Retry-After") != retryAfter || got.header.Get("Ratelimit-Policy") != `"default";q=2;w=300` {
			t.Errorf("got %d %v, want %d, %s, Retry-After %q", got.status, got.header, status, ratelimit, retryAfter)
		}
		if date, err := http.ParseTime(got.header.Get("Date")); err != nil || !date.Equal(w.clock.Now().Truncate(time.Second)) {
			t.Errorf("Date %q at %s", got.header.Get("Date"), w.clock.Now())
		}
	}
	step(0, 200, `"default";r=1;t=300`, "")
	step(100*time.Second, 200, `"default";r=0;t=200`, "")
	step(100*time.Second, 429, `"default";r=0;t=300`, "300")
	step(299*time.Second, 429, `"default";r=0;t=1`, "1")
	step(time.Second, 200, `"default";r=1;t=300`, "")
}

func TestParallelRequests(t *testing.T) {
	w := newWorld(t, at(t, t.TempDir()+"/store.json"))
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			id := w.create(t, fmt.Sprint("N", i)).first().ID
			w.do(t, "GET", secrets, "")
			w.do(t, "PATCH", secrets+"/"+id, `{"value":"w"}`)
		})
	}
	all.Wait()
	for _, s := range w.Secrets() {
		if s.Value != "w" {
			t.Errorf("%s holds %q", s.Name, s.Value)
		}
	}
	if n := len(w.Secrets()); n != 20 {
		t.Errorf("%d secrets", n)
	}
}

// Put and Remove change the store as a person does in the dashboard.
func TestEditsWithoutARequest(t *testing.T) {
	w := newWorld(t, nil)
	put := func(value, comment string) emulator.Secret {
		t.Helper()
		if err := w.Put("NAME", value, comment); err != nil {
			t.Fatal(err)
		}
		return w.Secrets()[0]
	}
	made := put("v", "c")
	w.clock.Advance(time.Minute)
	edited := put("w", "d")
	if edited.ID != made.ID || edited.Value != "w" || edited.Comment != "d" || !edited.Modified.After(made.Modified) || !edited.Created.Equal(made.Created) {
		t.Errorf("made %+v, edited %+v", made, edited)
	}
	if err := w.Remove("NAME"); err != nil || len(w.Secrets()) != 0 {
		t.Errorf("holds %v, %v", w.Secrets(), err)
	}
	if again := put("w", "d"); again.ID == made.ID {
		t.Error("a recreated secret kept its id")
	}
}
