package store

import (
	"context"
	"net/http"
	"time"

	"github.com/cloudflare/cloudflare-go/v4/option"

	"github.com/layeron/rotate/internal/httpretry"
	"github.com/layeron/rotate/internal/secret"
)

// operation is one call of the client, with all its attempts.
type operation struct {
	*httpretry.Call
	write     bool
	uncertain bool // the store may have applied a failed attempt
}

func (c *Client) reading() *operation {
	return &operation{Call: c.options.Retry.Start(time.Time{})}
}

func (c *Client) writing(before time.Time) *operation {
	return &operation{Call: c.options.Retry.Start(before), write: true}
}

// request sends one request with the SDK, with the given options added to it.
type request func(context.Context, ...option.RequestOption) error

// retry sends a request until it succeeds or another attempt makes no sense.
func (c *Client) retry(ctx context.Context, op *operation, send request) (envelope, *failure) {
	for {
		env, f := c.attempt(ctx, op, send)
		if f == nil {
			return env, nil
		}
		if stop := op.next(ctx, f); stop != nil {
			return envelope{}, stop
		}
	}
}

// next waits until another attempt may start after a failed one. It returns why
// there is none.
func (op *operation) next(ctx context.Context, f *failure) *failure {
	if !f.again {
		return f
	}
	if err := op.Next(ctx, httpretry.Failure{Err: f.err, Limited: f.limited, Wait: f.wait}); err != nil {
		return &failure{effect: f.effect, code: f.code, err: err}
	}
	return nil
}

// attempt sends one request as soon as the rate limit allows it, and judges the
// answer.
func (c *Client) attempt(ctx context.Context, op *operation, send request) (envelope, *failure) {
	if err := c.admit(ctx, op); err != nil {
		return envelope{}, unsent(err)
	}
	if op.write { // the end of the run does not interrupt a write that was sent
		ctx = context.WithoutCancel(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, c.options.Retry.AttemptTimeout)
	defer cancel()
	var raw *http.Response
	var env envelope
	err := send(ctx, option.WithResponseInto(&raw), option.WithResponseBodyInto(&env))
	f := c.judge(raw, env, err)
	if f != nil && f.effect == secret.EffectUnknown {
		op.uncertain = true
	}
	return env, f
}

// admit waits until a request may be sent. The error says why it may not.
func (c *Client) admit(ctx context.Context, op *operation) error {
	for {
		if err := op.Ready(ctx); err != nil {
			return err
		}
		d := c.limit.take(c.options.Retry.Clock.Now())
		if d == 0 {
			return nil
		}
		if err := op.Wait(ctx, d, "the rate limit of Cloudflare is reached"); err != nil {
			return err
		}
	}
}
