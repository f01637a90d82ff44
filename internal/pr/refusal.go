package pr

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/google/go-github/v66/github"

	"github.com/layeron/rotate/internal/httpretry"
)

// DeniedError is what the token may not do, or a rule of the repository does
// not allow. What was to be done had no effect.
type DeniedError struct {
	// Doing is what was refused.
	Doing string
	// Permission is the line to add to the workflow's `permissions`, such as
	// "contents: write"; empty where a rule stands in the way.
	Permission string
	// Advice is what to do about it.
	Advice string
	Err    error
}

func (e *DeniedError) Error() string { return e.Doing + ": " + e.Err.Error() + "\n" + e.Advice }

func (e *DeniedError) Unwrap() error { return e.Err }

// What the calls need.
const (
	readContents = "contents: read"
	contents     = "contents: write"
	readPulls    = "pull-requests: read"
	pulls        = "pull-requests: write"
)

// fail words an error of a call that needed a permission.
func fail(doing, permission string, err error) error {
	r := reason(err)
	switch {
	case r.status == http.StatusUnauthorized:
		return &DeniedError{doing, permission, "the token was not accepted: it may have expired, or `github-token` is not one of this server's", r}
	case r.byRule():
		return &DeniedError{doing, "", "a ruleset or branch protection refuses it: exempt this branch, or let the token's app bypass the rule", r}
	case r.denied():
		return &DeniedError{doing, permission, "add to the workflow's job: `permissions: " + permission + "`", r}
	}
	return &callError{doing, r}
}

// callError is any other failure. Its text is one line.
type callError struct {
	doing string
	err   refusal
}

func (e *callError) Error() string { return e.doing + ": " + e.err.Error() }
func (e *callError) Unwrap() error { return e.err }

// refusal is what GitHub said, or why it did not say anything.
type refusal struct {
	status int    // 0: there was no answer
	kind   string // of a GraphQL error
	text   string
	err    error
}

func (r refusal) Error() string { return r.text }
func (r refusal) Unwrap() error { return r.err }

// reason reads an error of the client.
func reason(err error) refusal {
	var again refusal
	if errors.As(err, &again) {
		return again
	}
	var answered *github.ErrorResponse
	if !errors.As(err, &answered) || answered.Response == nil {
		err = httpretry.WithoutURL(err)
		return refusal{text: oneLine(err.Error()), err: err}
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
	return refusal{status: answered.Response.StatusCode, text: text, err: err}
}

func (r refusal) says(text string) bool {
	return strings.Contains(strings.ToLower(r.text), strings.ToLower(text))
}

func (r refusal) notFound() bool { return r.status == http.StatusNotFound || r.kind == "NOT_FOUND" }

func (r refusal) denied() bool {
	return r.status == http.StatusForbidden || r.kind == "FORBIDDEN" || r.kind == "INSUFFICIENT_SCOPES"
}

func (r refusal) byRule() bool {
	return r.says("rule violation") || r.says("protected branch") || r.kind == "BRANCH_PROTECTION_RULE_VIOLATION"
}

// uncertain tells whether it is not known what came of the request, or whether
// another attempt may fare better.
func (r refusal) uncertain() bool {
	return r.status == 0 || r.status >= 500 || r.status == http.StatusRequestTimeout || r.status == http.StatusConflict
}

// oneLine is text of others as part of an error of ours.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 }), " ")
}
