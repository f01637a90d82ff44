package fake_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/emulator"
	"github.com/layeron/rotate/internal/fake"
)

const (
	storePath   = "/accounts/0123456789abcdef0123456789abcdef/secrets_store"
	secretsPath = storePath + "/stores/" + emulator.DefaultStoreID + "/secrets"
)

func newStore(t *testing.T, fault func(fake.Request) fake.Fault) (*fake.Store, *http.Client) {
	t.Helper()
	s, err := fake.NewStore(emulator.Options{Now: func() time.Time { return start }, Rand: rand.NewChaCha8(sha256.Sum256(nil))})
	if err != nil {
		t.Fatal(err)
	}
	s.SetFault(fault)
	return s, &http.Client{Transport: emulator.Transport(s)}
}

// always makes the same fault of every request.
func always(f fake.Fault) func(fake.Request) fake.Fault {
	return func(fake.Request) fake.Fault { return f }
}

// send returns an answer of the store as it is.
func send(ctx context.Context, c *http.Client, base, method, path, body string) (int, string, error) {
	request, err := http.NewRequestWithContext(ctx, method, base+"/client/v4"+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("Authorization", "Bearer token")
	response, err := c.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

func create(ctx context.Context, c *http.Client, base, name string) (int, string, error) {
	return send(ctx, c, base, "POST", secretsPath, fmt.Sprintf(`[{"name":%q,"value":"v","scopes":["workers"]}]`, name))
}

// Each fault shows to the client as it would from afar, over a socket and
// inside the process, and has its effect or not.
func TestStoreFaults(t *testing.T) {
	for name, test := range map[string]struct {
		fault   fake.Fault
		status  int // 0: no answer
		says    string
		applied bool
	}{
		"none":                  {fake.Fault{}, 200, `"success":true`, true},
		"refused":               {fake.StoreRefuses(400, 7, "some_word"), 400, `"errors":[{"code":7,"message":"some_word"}]`, false},
		"failed after effect":   {fake.StoreFails(500, 7, "some_word"), 500, "some_word", true},
		"page of a proxy":       {fake.Fault{Skip: true, Status: 502, Body: "<html>"}, 502, "<html>", false},
		"lost after effect":     {fake.Fault{Drop: true}, 0, "", true},
		"lost before effect":    {fake.Fault{Skip: true, Drop: true}, 0, "", false},
		"another id":            {fake.AnotherID("other"), 200, `"id":"other"`, true},
		"success that is false": {fake.Unsuccessful(), 200, `"success":false`, true},
	} {
		t.Run(name, func(t *testing.T) {
			inside, client := newStore(t, always(test.fault))
			served, _ := newStore(t, always(test.fault))
			server := httptest.NewServer(served)
			defer server.Close()
			for store, client := range map[*fake.Store]*http.Client{inside: client, served: server.Client()} {
				status, text, err := create(t.Context(), client, server.URL, "NAME")
				if status != test.status || (err != nil) != (test.status == 0) || !strings.Contains(text, test.says) {
					t.Errorf("got %d %q, %v, want %d %q", status, text, err, test.status, test.says)
				}
				if applied := len(store.Secrets()) == 1; applied != test.applied {
					t.Errorf("applied: %v, want %v", applied, test.applied)
				}
			}
		})
	}
}

// A fault is chosen by what the request is about.
func TestStoreFaultIsChosenByRequest(t *testing.T) {
	var seen []fake.Request
	store, client := newStore(t, func(r fake.Request) fake.Fault {
		seen = append(seen, r)
		return fake.Fault{}
	})
	do := func(method, path, body string) {
		if status, text, err := send(t.Context(), client, "http://store", method, path, body); err != nil || status >= 300 {
			t.Errorf("%s %s: %d %s, %v", method, path, status, text, err)
		}
	}
	do("POST", secretsPath, `[{"name":"NAME","value":"v","scopes":["workers"]}]`)
	id := store.Secrets()[0].ID
	do("PATCH", secretsPath+"/"+id, `{"value":"w"}`)
	do("GET", secretsPath, "")
	do("GET", secretsPath+"/"+id, "")
	do("GET", storePath+"/stores", "")
	do("GET", storePath+"/quota", "")
	do("DELETE", secretsPath+"/"+id, "")
	want := []fake.Request{
		{Number: 1, Method: "POST", Kind: "create", Name: "NAME"},
		{Number: 2, Method: "PATCH", Kind: "change", Name: "NAME"},
		{Number: 3, Method: "GET", Kind: "list"},
		{Number: 4, Method: "GET", Kind: "get", Name: "NAME"},
		{Number: 5, Method: "GET", Kind: "stores"},
		{Number: 6, Method: "GET", Kind: "quota"},
		{Number: 7, Method: "DELETE", Kind: "delete", Name: "NAME"},
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestEditPage(t *testing.T) {
	store, client := newStore(t, always(fake.EditPage(func(p *fake.Page) { p.Secrets, p.Total = p.Secrets[:1], 7 })))
	for _, name := range []string{"A", "B"} {
		if err := store.Put(name, "v", ""); err != nil {
			t.Fatal(err)
		}
	}
	_, text, err := send(t.Context(), client, "http://store", "GET", secretsPath+"?order=name", "")
	var got struct {
		Success bool
		Result  []struct{ Name string }
		Info    map[string]int `json:"result_info"`
	}
	if err := errors.Join(err, json.Unmarshal([]byte(text), &got)); err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"count": 1, "page": 1, "per_page": 20, "total_count": 7}
	if diff := cmp.Diff(want, got.Info); diff != "" || !got.Success || len(got.Result) != 1 || got.Result[0].Name != "A" {
		t.Errorf("got %s (-want +got):\n%s", text, diff)
	}
	if status, text, err := create(t.Context(), client, "http://store", "C"); status != 200 || err != nil || strings.Contains(text, "result_info") {
		t.Errorf("an answer that is no list was changed: %d %s, %v", status, text, err)
	}
}

// The hooks run around the effect.
func TestStoreFaultRunsAroundTheEffect(t *testing.T) {
	var store *fake.Store
	var counts []int
	count := func(context.Context) { counts = append(counts, len(store.Secrets())) }
	store, client := newStore(t, always(fake.Fault{Before: count, After: count}))
	if _, _, err := create(t.Context(), client, "http://store", "NAME"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{0, 1}, counts); diff != "" {
		t.Errorf("secrets before and after (-want +got):\n%s", diff)
	}
}

// A client that gave up does not undo its request: it may land late.
func TestRequestLandsAfterItsClientLeft(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	landed := make(chan struct{})
	store, client := newStore(t, always(fake.Fault{
		Before: func(ctx context.Context) { cancel(); <-ctx.Done() },
		After:  func(context.Context) { close(landed) },
	}))
	if _, _, err := create(ctx, client, "http://store", "NAME"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	<-landed
	if len(store.Secrets()) != 1 {
		t.Error("the request was lost with its client")
	}
	if _, _, err := create(ctx, client, "http://store", "NAME"); !errors.Is(err, context.Canceled) || store.Counts()["create"] != 1 {
		t.Errorf("a request was sent by a client that had left: %v", err)
	}
}

// Requests are counted, also when they come at once; changes by hand are none.
func TestStoreCountsRequests(t *testing.T) {
	store, client := newStore(t, nil)
	if err := store.Put("NAME", "v", ""); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if _, _, err := create(t.Context(), client, "http://store", fmt.Sprint("N", i)); err != nil {
				t.Error(err)
			}
			if _, _, err := send(t.Context(), client, "http://store", "GET", secretsPath, ""); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if diff := cmp.Diff(map[fake.Kind]int{"create": 20, "list": 20}, store.Counts()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}
