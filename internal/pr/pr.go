// Package pr keeps a rotation journal on GitHub (docs/design/protocol.md, "A
// journal on GitHub"): on a branch of the bot's that only ever moves forward,
// with a pull request that proposes it to the base branch. It also keeps the
// one comment under a pull request that says what it would change in rotation.
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
// Requests are repeated as package httpretry says.
package pr

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/google/go-github/v66/github"

	"github.com/layeron/rotate/internal/httpretry"
)

// Options say which repository to talk to and how. Client, Owner, Repo and
// Retry are required.
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

	Retry httpretry.Policy
	// Warn, when set, is told what could not be done and does no harm.
	Warn func(warning string)
}

// NewClient is a client of GitHub's API at an address, with a token.
func NewClient(apiURL, token string, transport http.RoundTripper) (*github.Client, error) {
	base, err := url.Parse(strings.TrimSuffix(apiURL, "/") + "/")
	if err != nil {
		return nil, fmt.Errorf("the API's address: %w", httpretry.WithoutURL(err))
	}
	client := github.NewClient(&http.Client{Transport: transport}).WithAuthToken(token)
	client.BaseURL = base
	return client, nil
}

// Repository is a client of one repository.
type Repository struct {
	options Options
	api     *github.Client
	server  httpretry.ServerClock
}

var namePattern = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)

// Open checks the options. It sends nothing.
func Open(o Options) (*Repository, error) {
	switch {
	case o.Client == nil:
		return nil, errors.New("a client is required")
	case !namePattern.MatchString(o.Owner) || !namePattern.MatchString(o.Repo):
		return nil, fmt.Errorf("%q is not the name of a repository", o.Owner+"/"+o.Repo)
	}
	var err error
	if o.Retry, err = o.Retry.Complete(); err != nil {
		return nil, err
	}
	if o.Download == nil {
		o.Download = &http.Client{}
	}
	if o.Warn == nil {
		o.Warn = func(string) {}
	}
	if o.GraphQLURL == "" {
		o.GraphQLURL = "graphql"
	}
	r := &Repository{options: o}
	client := o.Client.Client()
	client.Transport = &transport{cmp.Or(client.Transport, http.DefaultTransport), o.Retry, &r.server}
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

// ServerTime returns GitHub's clock as its last answer showed it, to the second,
// and the local clock at that moment. ok is false before any answer.
func (r *Repository) ServerTime() (server, local time.Time, ok bool) { return r.server.Last() }
