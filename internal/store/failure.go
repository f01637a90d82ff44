package store

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/layeron/rotate/internal/secret"
)

// failure is an attempt that did not succeed.
type failure struct {
	effect secret.Effect // what is known of it
	again  bool          // whether another attempt may fare better
	after  time.Duration // how long to wait before that; 0 if nothing was said
	code   string        // the store's own word
	err    error
}

// read is the failure as the error of a call that changes nothing.
func (f *failure) read(doing string) error {
	if f.code == "" {
		return fmt.Errorf("%s: %w", doing, f.err)
	}
	return fmt.Errorf("%s: %w (%s)", doing, f.err, f.code)
}

// The store's words on which the client itself acts.
const (
	nameTaken      = "secret_name_already_exists"
	secretNotFound = "secret_not_found"
)

// meanings are the refusals that are known, by the word that tells them apart:
// the store's error numbers do not. A name that is taken or a secret that is
// gone says nothing against the value, so the write may be made another time.
var meanings = []struct {
	word   string
	effect secret.Effect
	text   string
}{
	{"secret_value_too_long", secret.EffectRefused, "the value is longer than the store accepts"},
	{"secret_scopes_empty", secret.EffectRefused, "the store wants a scope"},
	{"secret_scope_invalid", secret.EffectRefused, "the store does not know the scope"},
	{"invalid_json_body", secret.EffectRefused, "the store cannot read the request"},
	{"maximum_secrets_exceeded", secret.EffectRefused, "the account's quota of secrets is used up: delete one that is not needed, or have the quota raised"},
	{nameTaken, secret.EffectNone, "the name is taken, perhaps still by a secret that was deleted: try again later"},
	{secretNotFound, secret.EffectNone, "the secret is not in the store any more"},
	{"store_not_found", secret.EffectNone, "the account has no such store: check CLOUDFLARE_STORE_ID and CLOUDFLARE_ACCOUNT_ID"},
}

// refusal judges a status of the 400s. One that is not known is taken to be
// about the request itself where the status says so.
func refusal(status int, failures []apiError) *failure {
	code := word(failures)
	for _, m := range meanings {
		if m.word == code {
			return &failure{effect: m.effect, code: code, err: errors.New(m.text)}
		}
	}
	f := &failure{effect: secret.EffectNone, code: code, err: fmt.Errorf("the store refused with HTTP %d%s", status, numbers(failures))}
	if slices.Contains([]int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity}, status) {
		f.effect = secret.EffectRefused
	}
	return f
}

// vocabulary is the form of the store's words. Nothing else of a message is
// ever shown: it might quote what was sent.
var vocabulary = regexp.MustCompile(`^[a-z]{2,20}(_[a-z]{2,20}){1,5}$`)

// word finds the store's word among the messages: a known one anywhere, else a
// message that is nothing but a word.
func word(failures []apiError) string {
	for _, e := range failures {
		for _, m := range meanings {
			if strings.Contains(e.Message, m.word) {
				return m.word
			}
		}
	}
	for _, e := range failures {
		if vocabulary.MatchString(e.Message) {
			return e.Message
		}
	}
	return ""
}

func numbers(failures []apiError) string {
	text := ""
	for _, e := range failures {
		text += fmt.Sprintf(", error %d", e.Code)
	}
	return text
}

// denied tells whether the token is what the store does not like.
func denied(status int, failures []apiError) bool {
	const authentication, unable = 10000, 10001
	return status == http.StatusUnauthorized || status == http.StatusForbidden ||
		status >= 400 && status < 500 && slices.ContainsFunc(failures, func(e apiError) bool {
			return e.Code == authentication || e.Code == unable
		})
}

func (c *Client) denial(status int) error {
	what := "the API token may not do this"
	if status == http.StatusUnauthorized {
		what = "the API token was not accepted; it may have expired"
	}
	return fmt.Errorf("%s: the API token needs Account › Secrets Store › Edit on account %s (Read is enough for a check)", what, c.options.Account)
}

// retryAfter reads how long the store asks to wait, in seconds or as a date,
// and at least a second; otherwise is for an answer that does not say.
func retryAfter(h http.Header, otherwise time.Duration) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(text, 64); err == nil && seconds >= 0 {
		return time.Duration(min(max(seconds, 1), 1e6) * float64(time.Second))
	}
	until, badDate := http.ParseTime(text)
	now, badNow := http.ParseTime(h.Get("Date"))
	if badDate == nil && badNow == nil {
		return max(until.Sub(now), time.Second)
	}
	return otherwise
}
