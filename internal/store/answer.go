package store

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/cloudflare/cloudflare-go/v4/secrets_store"

	"github.com/layeron/rotate/internal/httpretry"
	"github.com/layeron/rotate/internal/secret"
)

// limitedWait is the wait after a 429 without Retry-After.
const limitedWait = 30 * time.Second

// judge returns what was wrong with an attempt, nil if it succeeded. raw is nil
// if there was no answer. The SDK's error holds request and answer, so judge
// takes only numbers and known words from it.
func (c *Client) judge(raw *http.Response, env envelope, err error) *failure {
	local := c.options.Retry.Clock.Now()
	if raw == nil {
		c.limit.answered(local, nil)
		text, sent := c.options.Retry.NoAnswer(err)
		f := &failure{effect: secret.EffectUnknown, again: true, err: text}
		if !sent {
			f.effect = secret.EffectNone
		}
		return f
	}
	wait := httpretry.RetryAfter(raw.Header, c.server.See(raw.Header, local))
	if raw.StatusCode == http.StatusTooManyRequests {
		wait = cmp.Or(wait, limitedWait)
		c.limit.close(local.Add(wait))
	}
	c.limit.answered(local, raw.Header)
	var refused *secrets_store.Error
	if errors.As(err, &refused) {
		for _, e := range refused.Errors {
			env.Errors = append(env.Errors, apiError{e.Code, e.Message})
		}
	}
	return c.judgeStatus(raw.StatusCode, env, err, wait)
}

func (c *Client) judgeStatus(status int, env envelope, err error, wait time.Duration) *failure {
	switch {
	case status == http.StatusTooManyRequests:
		return &failure{effect: secret.EffectNone, again: true, limited: true, wait: wait, err: errors.New("rate limited by Cloudflare")}
	case denied(status, env.Errors):
		return unsent(c.denial(status))
	case status >= 500 || status == http.StatusRequestTimeout:
		return &failure{effect: secret.EffectUnknown, again: true, wait: wait, err: fmt.Errorf("the store answered HTTP %d", status)}
	case status >= 400:
		return refusal(status, env.Errors)
	case status >= 300:
		return &failure{effect: secret.EffectUnknown, err: fmt.Errorf("the store answered HTTP %d, a redirect, which is not followed", status)}
	case err != nil:
		return &failure{effect: secret.EffectUnknown, again: true, err: errUnreadable}
	case !env.Success:
		return &failure{effect: secret.EffectUnknown, code: word(env.Errors), err: fmt.Errorf("the store answered HTTP %d without reporting success", status)}
	}
	return nil
}

var errUnreadable = errors.New("the answer cannot be read")
