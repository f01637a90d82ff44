package store

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/layeron/rotate/internal/secret"
)

// The store's words that the client acts on.
const (
	nameTaken      = "secret_name_already_exists"
	secretNotFound = "secret_not_found"
)

// meanings explain the store's refusals by their words: the store's error
// numbers do not distinguish them. A name that is taken or a secret that is
// gone is no objection to the value, so the same write may succeed later.
var meanings = []struct {
	word   string
	effect secret.Effect
	text   string
}{
	{"secret_value_too_long", secret.EffectRefused, "the value is longer than the store accepts"},
	{"secret_scopes_empty", secret.EffectRefused, "the store requires a scope"},
	{"secret_scope_invalid", secret.EffectRefused, "the store does not know the scope"},
	{"invalid_json_body", secret.EffectRefused, "the store cannot read the request"},
	{"maximum_secrets_exceeded", secret.EffectRefused, "the account's quota of secrets is used up: delete a secret that is not needed, or ask Cloudflare for a higher quota"},
	{nameTaken, secret.EffectNone, "the name is taken, perhaps still by a deleted secret: try again later"},
	{secretNotFound, secret.EffectNone, "the secret is no longer in the store"},
	{"store_not_found", secret.EffectNone, "the account has no such store: check CLOUDFLARE_STORE_ID and CLOUDFLARE_ACCOUNT_ID"},
}

// refusal judges a status from 400 to 499. An unknown refusal counts as an
// objection to the request itself if the status says so.
func refusal(status int, said []apiError) *failure {
	code := word(said)
	for _, m := range meanings {
		if m.word == code {
			return &failure{effect: m.effect, code: code, err: errors.New(m.text)}
		}
	}
	f := &failure{effect: secret.EffectNone, code: code, err: fmt.Errorf("the store refused with HTTP %d%s", status, numbers(said))}
	if slices.Contains([]int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity}, status) {
		f.effect = secret.EffectRefused
	}
	return f
}

// wordPattern is the form of the store's words. Nothing else of a message is
// ever shown, because it may quote what was sent.
var wordPattern = regexp.MustCompile(`^[a-z]{2,20}(_[a-z]{2,20}){1,5}$`)

// word finds the store's word in its messages: a known word anywhere in one,
// else a message that is a single word. It returns "" if there is none.
func word(said []apiError) string {
	for _, e := range said {
		for _, m := range meanings {
			if strings.Contains(e.Message, m.word) {
				return m.word
			}
		}
	}
	for _, e := range said {
		if wordPattern.MatchString(e.Message) {
			return e.Message
		}
	}
	return ""
}

func numbers(said []apiError) string {
	text := ""
	for _, e := range said {
		text += fmt.Sprintf(", error %d", e.Code)
	}
	return text
}

// denied reports whether the store refuses the token.
func denied(status int, said []apiError) bool {
	const authentication, unable = 10000, 10001
	return status == http.StatusUnauthorized || status == http.StatusForbidden ||
		status >= 400 && status < 500 && slices.ContainsFunc(said, func(e apiError) bool {
			return e.Code == authentication || e.Code == unable
		})
}

func (c *Client) denial(status int) error {
	what := "the API token may not do this"
	if status == http.StatusUnauthorized {
		what = "the API token was not accepted; it may have expired"
	}
	return fmt.Errorf("%s: it needs Account › Secrets Store › Edit on account %s (Read is enough for a check)", what, c.options.Account)
}
