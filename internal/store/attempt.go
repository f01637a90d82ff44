package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"

	"github.com/cloudflare/cloudflare-go/v4/option"
	"github.com/cloudflare/cloudflare-go/v4/secrets_store"

	"github.com/layeron/rotate/internal/secret"
)

// envelope is the form of every answer. It takes the place of the SDK's own
// types, which hold no total_count and let success:false pass unseen.
type envelope struct {
	Success bool            `json:"success"`
	Errors  []apiError      `json:"errors"`
	Result  json.RawMessage `json:"result"`
	Info    struct {
		Total *int `json:"total_count"`
	} `json:"result_info"`
}

type apiError struct {
	Code    int64  `json:"code"`
	Message string `json:"message"`
}

// send makes one request with the SDK, the given options added to it.
type send func(context.Context, ...option.RequestOption) error

// attempt sends one request when the pace allows it, and judges the answer.
func (c *Client) attempt(ctx context.Context, op *operation, request send) (envelope, *failure) {
	if f := c.admit(ctx, op); f != nil {
		return envelope{}, f
	}
	if op.write { // once sent, a write is not given up because the run is
		ctx = context.WithoutCancel(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, c.options.AttemptTimeout)
	defer cancel()
	var raw *http.Response
	var env envelope
	err := request(ctx, option.WithResponseInto(&raw), option.WithResponseBodyInto(&env))
	f := c.judge(raw, env, err)
	c.observe(raw, f)
	if f != nil && f.effect == secret.EffectUnknown {
		op.uncertain = true
	}
	return env, f
}

// observe learns from an answer's headers; raw is nil when there was none.
func (c *Client) observe(raw *http.Response, f *failure) {
	var h http.Header
	if raw != nil {
		h = raw.Header
	}
	c.sawDate(h)
	if raw != nil && raw.StatusCode == http.StatusTooManyRequests {
		c.pace.close(c.options.Clock.Now().Add(f.after))
	}
	c.pace.answered(c.options.Clock.Now(), h)
}

// judge tells what came of an attempt; nil is success. Of the SDK's error it
// keeps numbers and known words only, since the rest holds request and answer.
func (c *Client) judge(raw *http.Response, env envelope, err error) *failure {
	if raw == nil {
		return c.noAnswer(err)
	}
	status, failures := raw.StatusCode, env.Errors
	var refused *secrets_store.Error
	if errors.As(err, &refused) {
		for _, e := range refused.Errors {
			failures = append(failures, apiError{e.Code, e.Message})
		}
	}
	switch {
	case status == http.StatusTooManyRequests:
		return &failure{effect: secret.EffectNone, again: true, after: retryAfter(raw.Header, blindWait), err: errors.New("rate limited by Cloudflare")}
	case denied(status, failures):
		return &failure{effect: secret.EffectNone, err: c.denial(status)}
	case status >= 500 || status == http.StatusRequestTimeout:
		return &failure{effect: secret.EffectUnknown, again: true, after: retryAfter(raw.Header, 0), err: fmt.Errorf("the store answered HTTP %d", status)}
	case status >= 400:
		return refusal(status, failures)
	case status >= 300:
		return &failure{effect: secret.EffectUnknown, err: fmt.Errorf("the store answered HTTP %d, a redirect, which is not followed", status)}
	case err != nil:
		return &failure{effect: secret.EffectUnknown, again: true, err: errors.New("the answer cannot be read")}
	case !env.Success:
		return &failure{effect: secret.EffectUnknown, code: word(failures), err: fmt.Errorf("the store answered HTTP %d, but not that it succeeded", status)}
	}
	return nil
}

// noAnswer judges an attempt whose request got no answer. Only where no
// connection was made is it certain that nothing was sent.
func (c *Client) noAnswer(err error) *failure {
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err // the method and the URL are of no use to the reader
	}
	f := &failure{effect: secret.EffectUnknown, again: true, err: fmt.Errorf("no answer: %w", err)}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		f.effect, f.err = secret.EffectNone, fmt.Errorf("no connection: %w", err)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		f.err = fmt.Errorf("no answer within %s", c.options.AttemptTimeout)
	}
	return f
}
