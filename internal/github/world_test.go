package github_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/github"
	"github.com/layeron/rotate/internal/httpretry"
)

const token = "token-that-must-not-show"

var start = time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC)

// world is a GitHub on loopback and a client of a repository on it.
type world struct {
	*fake.GitHub
	repository *github.Repository
	options    github.Options
	clock      *fake.Clock
}

func newWorld(t *testing.T, o fake.Options) *world {
	t.Helper()
	w := &world{clock: fake.NewClock(start)}
	o.Now = w.clock.Now
	var server *httptest.Server
	w.GitHub, server = fake.Serve(t, o)
	w.options = github.Options{
		APIURL: server.URL, Token: token, Owner: "acme", Repo: "billing", Transport: server.Client().Transport,
		Retry: httpretry.Policy{Clock: w.clock, Jitter: func() float64 { return 0 }},
	}
	var err error
	if w.repository, err = github.Open(w.options); err != nil {
		t.Fatal(err)
	}
	return w
}
