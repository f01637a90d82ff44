package github_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/github"
	"github.com/layeron/rotate/internal/httpretry"
)

// No request that carries the token follows a redirect, wherever it leads.
func TestRedirectsAreNotFollowed(t *testing.T) {
	for _, status := range []int{http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		for name, call := range map[string]func(w *world) error{
			"branch":  func(w *world) error { _, err := w.repository.Head(t.Context(), "main"); return err },
			"archive": func(w *world) error { return w.repository.Unpack(t.Context(), w.Head("main"), t.TempDir()) },
		} {
			carried := false
			elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				carried = carried || r.Header.Get("Authorization") != ""
			}))
			w := newWorld(t, fake.Options{})
			w.SetFault(func(fake.Request) fake.Fault {
				return fake.Fault{Skip: true, Status: status, Header: http.Header{"Location": {elsewhere.URL}}}
			})
			if err := call(w); err == nil || carried {
				t.Errorf("%s, HTTP %d: carried the token: %v; %v", name, status, carried, err)
			}
			elsewhere.Close()
		}
	}
}

// A token is sent without TLS only to this machine.
func TestAddressesNeedTLS(t *testing.T) {
	for address, accepted := range map[string]bool{
		"https://api.github.com": true, "https://github.example.com/api/v3": true,
		"http://127.0.0.1:8080": true, "http://[::1]:8080": true, "http://localhost:8080": true,
		"http://github.example.com/api/v3": false, "http://0.0.0.0:8080": false, "http://[::]:8080": false, "ftp://127.0.0.1": false,
		"http://localhost.example.com": false, "http://127.0.0.1.example.com": false,
	} {
		for field, change := range map[string]func(*github.Options){
			"API URL":     func(o *github.Options) { o.APIURL = address },
			"GraphQL URL": func(o *github.Options) { o.GraphQLURL = address },
		} {
			o := newWorld(t, fake.Options{}).options
			change(&o)
			_, err := github.Open(o)
			if (err == nil) != accepted || err != nil && !strings.Contains(err.Error(), field) {
				t.Errorf("%s %s: %v", field, address, err)
			}
		}
	}
}

// A call without any answer says so, without the address it asked.
func TestNoAnswer(t *testing.T) {
	w := newWorld(t, fake.Options{})
	w.SetFault(func(fake.Request) fake.Fault { return fake.Fault{Skip: true, Drop: true} })
	_, err := w.repository.Head(t.Context(), "main")
	if err == nil || !strings.Contains(err.Error(), `read branch "main": GitHub: no answer: `) || !strings.Contains(err.Error(), ", 5 times") || strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("got %v", err)
	}
}

// Fault 39: a name that leads to another address.
func TestFault39_HostileRepositoryNames(t *testing.T) {
	for _, name := range []string{"", "a/b", "a b", "a?b"} {
		o := newWorld(t, fake.Options{}).options
		o.Repo = name
		if _, err := github.Open(o); err == nil {
			t.Errorf("repository %q was accepted", name)
		}
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for name, change := range map[string]func(*github.Options){
		"API URL": func(o *github.Options) { o.APIURL = "http://a b" },
		"clock":   func(o *github.Options) { o.Retry = httpretry.Policy{} },
	} {
		o := newWorld(t, fake.Options{}).options
		change(&o)
		if _, err := github.Open(o); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestServerTime(t *testing.T) {
	w := newWorld(t, fake.Options{})
	if _, _, ok := w.repository.ServerTime(); ok {
		t.Error("a time before any answer")
	}
	if _, err := w.repository.Head(t.Context(), "main"); err != nil {
		t.Fatal(err)
	}
	if server, local, ok := w.repository.ServerTime(); !ok || !server.Equal(start) || !local.Equal(start) {
		t.Errorf("got %s at %s, %v", server, local, ok)
	}
}
