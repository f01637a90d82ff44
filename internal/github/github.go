// Package github is a client of one repository on GitHub: its branches,
// commits, files, pull requests and comments.
//
// It promises:
//
//   - The token goes to the API's address only, and without TLS only on this
//     machine. No request that carries it follows a redirect.
//   - An error says what failed and what GitHub said, on one line, without
//     addresses. If the token may not do something, the error is a
//     [DeniedError], which says on another line what to allow.
//   - Requests are repeated by the policy of package httpretry. Only a request
//     that would have its effect twice is not repeated after a lost answer.
package github

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	gh "github.com/google/go-github/v66/github"

	"github.com/layeron/rotate/internal/httpretry"
)

// Options say which repository to use and how. All but GraphQLURL and Transport
// are required.
type Options struct {
	APIURL     string // such as https://api.github.com
	GraphQLURL string // "" means /graphql below APIURL
	Token      string
	Owner      string
	Repo       string
	Transport  http.RoundTripper // nil means http.DefaultTransport
	Retry      httpretry.Policy
}

// Repository is a client of one repository.
type Repository struct {
	options  Options
	api      *gh.Client
	download *http.Client // for links outside the API; without the token
	server   httpretry.ServerClock
}

var namePattern = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)

// Open returns a client, or an error if an option is missing or malformed. It
// sends nothing.
func Open(o Options) (*Repository, error) {
	o.GraphQLURL = cmp.Or(o.GraphQLURL, strings.TrimSuffix(o.APIURL, "/")+"/graphql")
	base, err := address("API URL", strings.TrimSuffix(o.APIURL, "/")+"/")
	if err != nil {
		return nil, err
	}
	if _, err := address("GraphQL URL", o.GraphQLURL); err != nil {
		return nil, err
	}
	if !namePattern.MatchString(o.Owner) || !namePattern.MatchString(o.Repo) {
		return nil, fmt.Errorf("%q is not the name of a repository", o.Owner+"/"+o.Repo)
	}
	if o.Retry, err = o.Retry.Complete(); err != nil {
		return nil, err
	}
	o.Transport = cmp.Or(o.Transport, http.DefaultTransport)
	r := &Repository{options: o, download: &http.Client{Transport: o.Transport}}
	client := &http.Client{Transport: &transport{o.Transport, o.Retry, &r.server}, CheckRedirect: httpretry.NoRedirect}
	r.api = gh.NewClient(client).WithAuthToken(o.Token)
	r.api.BaseURL = base
	return r, nil
}

// address parses an address that the token is sent to.
func address(name, text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, httpretry.WithoutURL(err))
	}
	if err := httpretry.CheckAddress(u); err != nil {
		return nil, fmt.Errorf("%s %q %w", name, text, err)
	}
	return u, nil
}

// ServerTime returns GitHub's clock as its last answer showed it, to the
// second, and the local clock at that moment. ok is false before any answer.
func (r *Repository) ServerTime() (server, local time.Time, ok bool) { return r.server.Last() }

// Operation is what was done to a pull request or comment.
type Operation string

// The operations.
const (
	Created   Operation = "created"
	Updated   Operation = "updated"
	Untouched Operation = "none"
)

// oneLine returns text of others as part of a line.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 }), " ")
}

// sameText reports whether texts are equal as GitHub keeps them: a browser that
// edits a text changes its line ends.
func sameText(a, b string) bool {
	plain := func(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }
	return plain(a) == plain(b)
}
