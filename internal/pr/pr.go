// Package pr keeps a rotation journal on GitHub (DESIGN §7): on a branch of the
// bot's that only ever moves forward, with a pull request that proposes it to
// the base branch. It also keeps the one comment under a pull request that says
// what it would change in rotation.
//
// What it promises:
//
//   - A journal is written against the very head that was read, or not at all:
//     another run that was faster gives [journal.ErrMoved], and nothing of
//     either is lost.
//   - A commit is never made twice. Where an answer got lost, the branch tells
//     what came of the request.
//   - People's commits are never overwritten, on either branch, and no branch is
//     ever forced.
//   - A pull request stays mergeable whatever way the one before it was merged.
//   - Running without cause writes nothing.
//
// There is one retry policy, in retry.go.
package pr

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/google/go-github/v66/github"
)

// The defaults of Options.
const (
	DefaultBudget         = 6 * time.Minute
	DefaultAttemptTimeout = 30 * time.Second
)

// Options say which repository to talk to and how. Client, Owner, Repo, Clock
// and Jitter are required.
type Options struct {
	// Client knows the server and the token. Only its address and transport are
	// used.
	Client *github.Client
	// GraphQLURL is "graphql" under the client's base URL unless it is set.
	GraphQLURL  string
	Owner, Repo string
	// Download fetches what links lead to that are no part of the API. It must
	// not hold the token.
	Download *http.Client

	Clock  Clock
	Jitter func() float64 // in [0, 1)

	// Budget is how long one call may go on waiting for GitHub.
	Budget time.Duration
	// AttemptTimeout is how long one request may take.
	AttemptTimeout time.Duration
	// Waiting, when set, is told of each wait before it begins.
	Waiting func(d time.Duration, why string)
	// Warn, when set, is told what could not be done and does no harm.
	Warn func(warning string)
}

// NewClient is a client of GitHub's API at an address, with a token.
func NewClient(apiURL, token string, transport http.RoundTripper) (*github.Client, error) {
	base, err := url.Parse(strings.TrimSuffix(apiURL, "/") + "/")
	if err != nil {
		return nil, fmt.Errorf("the API's address: %w", bare(err))
	}
	client := github.NewClient(&http.Client{Transport: transport}).WithAuthToken(token)
	client.BaseURL = base
	return client, nil
}

// Clock tells the time and passes it.
type Clock interface {
	Now() time.Time
	// Sleep returns early, with the context's error, when the context ends.
	Sleep(ctx context.Context, d time.Duration) error
}

// Repository is a client of one repository.
type Repository struct {
	options Options
	api     *github.Client
	seen    *serverClock
}

var namePattern = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)

// Open checks the options. It sends nothing.
func Open(o Options) (*Repository, error) {
	switch {
	case o.Client == nil || o.Clock == nil || o.Jitter == nil:
		return nil, errors.New("client, clock and jitter are required")
	case !namePattern.MatchString(o.Owner) || !namePattern.MatchString(o.Repo):
		return nil, fmt.Errorf("%q is not the name of a repository", o.Owner+"/"+o.Repo)
	}
	if o.Budget == 0 {
		o.Budget = DefaultBudget
	}
	if o.Download == nil {
		o.Download = &http.Client{}
	}
	if o.AttemptTimeout == 0 {
		o.AttemptTimeout = DefaultAttemptTimeout
	}
	if o.Waiting == nil {
		o.Waiting = func(time.Duration, string) {}
	}
	if o.Warn == nil {
		o.Warn = func(string) {}
	}
	if o.GraphQLURL == "" {
		o.GraphQLURL = "graphql"
	}
	r := &Repository{options: o, seen: &serverClock{}}
	client := o.Client.Client()
	client.Transport = newTransport(client.Transport, o, r.seen)
	client.CheckRedirect = sameHost
	client.Timeout = 0 // the transport's business
	r.api = github.NewClient(client)
	r.api.BaseURL, r.api.UserAgent = o.Client.BaseURL, o.Client.UserAgent
	return r, nil
}

// sameHost follows a repository that was renamed, and nothing that would carry
// the token elsewhere.
func sameHost(next *http.Request, via []*http.Request) error {
	if first := via[0].URL; len(via) > 5 || next.URL.Host != first.Host || next.URL.Scheme != first.Scheme {
		return http.ErrUseLastResponse
	}
	return nil
}

// ServerTime is GitHub's clock as its newest answer showed it, to the second,
// and the local clock at that moment. It is not ok before any answer.
func (r *Repository) ServerTime() (server, local time.Time, ok bool) { return r.seen.get() }

// serverClock is what answers told of the server's clock.
type serverClock struct {
	mu            sync.Mutex
	server, local time.Time
}

func (c *serverClock) saw(h http.Header, now time.Time) {
	server, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.server, c.local = server, now
}

func (c *serverClock) get() (server, local time.Time, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.server, c.local, !c.server.IsZero()
}

// bare is an error without the address that was asked: it says nothing to the
// reader.
func bare(err error) error {
	var outer *url.Error
	if errors.As(err, &outer) {
		return outer.Err
	}
	return err
}
