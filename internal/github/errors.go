package github

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	gh "github.com/google/go-github/v66/github"

	"github.com/layeron/rotate/internal/httpretry"
)

// Errors that callers distinguish with errors.Is.
var (
	// ErrNotFound: it does not exist, or the token may not see it.
	ErrNotFound = errors.New("not found")
	// ErrExists: it exists already.
	ErrExists = errors.New("already exists")
	// ErrMoved: the branch has another head than expected.
	ErrMoved = errors.New("the branch moved")
	// ErrNotFile: the path is that of a folder or a link.
	ErrNotFile = errors.New("not a file")
	// ErrNothingToMerge: a pull request would have no commits.
	ErrNothingToMerge = errors.New("nothing to merge")
)

// DeniedError says that the token may not do something, or that a rule of the
// repository forbids it. The request had no effect.
type DeniedError struct {
	Doing string
	// Permission is the line to add to the workflow's `permissions`, such as
	// "contents: write"; "" if a rule forbids it.
	Permission string
	Advice     string
	Err        error
}

func (e *DeniedError) Error() string { return e.Doing + ": " + e.Err.Error() + "\n" + e.Advice }

func (e *DeniedError) Unwrap() error { return e.Err }

// The permissions that requests need.
const (
	readContents  = "contents: read"
	writeContents = "contents: write"
	readPulls     = "pull-requests: read"
	writePulls    = "pull-requests: write"
	readActions   = "actions: read"
)

// apiError is what GitHub answered to a failed request, or why there was no
// answer. Its text is one line.
type apiError struct {
	doing  string
	status int    // 0: no answer
	kind   string // type of a GraphQL error
	text   string
	err    error
}

func (e *apiError) Error() string {
	if e.doing == "" {
		return e.text
	}
	return e.doing + ": " + e.text
}

func (e *apiError) Unwrap() error { return e.err }

// Is makes errors.Is work with the errors of this package.
func (e *apiError) Is(target error) bool {
	switch target {
	case ErrNotFound:
		return e.status == http.StatusNotFound || e.kind == "NOT_FOUND" || e.status == http.StatusUnprocessableEntity && e.says("no commit found")
	case ErrExists:
		return e.says("already exists")
	case ErrMoved:
		return e.kind == "STALE_DATA"
	case ErrNothingToMerge:
		return e.says("no commits between")
	}
	return false
}

// fail returns the error of a request that needed a permission: a *DeniedError,
// an *apiError, or nil if err is nil.
func fail(doing, permission string, err error) error {
	if err == nil {
		return nil
	}
	e := readError(err)
	switch {
	case e.status == http.StatusUnauthorized:
		return &DeniedError{doing, permission, "the token was not accepted: it may have expired, or `github-token` belongs to another server", e}
	case e.byRule():
		return &DeniedError{doing, "", "a ruleset or branch protection forbids it: exempt this branch, or let the token's app bypass the rule", e}
	case e.status == http.StatusForbidden || e.kind == "FORBIDDEN" || e.kind == "INSUFFICIENT_SCOPES":
		return &DeniedError{doing, permission, "add to the workflow's job: `permissions: " + permission + "`", e}
	}
	e.doing = doing
	return e
}

// readError returns an error of the client as an *apiError that does not say
// what failed.
func readError(err error) *apiError {
	if e := new(apiError); errors.As(err, &e) {
		return e
	}
	var answered *gh.ErrorResponse
	if !errors.As(err, &answered) || answered.Response == nil {
		err = httpretry.WithoutURL(err)
		return &apiError{text: oneLine(err.Error()), err: err}
	}
	said := []string{answered.Message}
	for _, e := range answered.Errors {
		said = append(said, e.Message)
	}
	said = slices.DeleteFunc(said, func(s string) bool { return s == "" })
	text := oneLine(strings.Join(said, ": "))
	if text == "" || answered.Response.StatusCode >= 500 {
		text = "GitHub answered HTTP " + answered.Response.Status
	}
	return &apiError{status: answered.Response.StatusCode, text: text, err: err}
}

func (e *apiError) says(text string) bool { return strings.Contains(strings.ToLower(e.text), text) }

func (e *apiError) byRule() bool {
	return e.says("rule violation") || e.says("protected branch") || e.kind == "BRANCH_PROTECTION_RULE_VIOLATION"
}

// uncertain reports whether the request may have had an effect, or another
// attempt may succeed.
func (e *apiError) uncertain() bool {
	return e.status == 0 || e.status >= 500 || e.status == http.StatusRequestTimeout || e.status == http.StatusConflict
}
