package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/layeron/rotate/internal/secret"
)

// The retry policy. Being rate limited is waited out, for as long as the store
// asks, within the budget. A server error, a lost answer or a lost connection
// is tried again a few times with growing, jittered pauses. A refusal is final.
// No attempt of a write starts that may not be answered before the deadline.
const (
	maxFailures  = 5
	firstBackoff = 500 * time.Millisecond
	blindWait    = 30 * time.Second // after 429 without Retry-After
)

// operation is one call of the client: how long it may go on, and how its
// attempts went.
type operation struct {
	write     bool
	end       time.Time // of the budget
	before    time.Time // when a write must have been answered; zero: whenever
	failures  int
	uncertain bool // an attempt failed that may have been applied
}

func (c *Client) reading() *operation {
	return &operation{end: c.options.Clock.Now().Add(c.options.Budget)}
}

func (c *Client) writing(before time.Time) *operation {
	op := c.reading()
	op.write, op.before = true, before
	return op
}

// persist repeats a request that may be repeated.
func (c *Client) persist(ctx context.Context, op *operation, request send) (envelope, *failure) {
	for {
		env, f := c.attempt(ctx, op, request)
		if f == nil {
			return env, nil
		}
		if stop := c.again(ctx, op, f); stop != nil {
			return envelope{}, stop
		}
	}
}

// again waits until another attempt may be made, or tells why none will be.
func (c *Client) again(ctx context.Context, op *operation, f *failure) *failure {
	if !f.again {
		return f
	}
	d := f.after
	if d == 0 || f.effect == secret.EffectUnknown {
		op.failures++
		if op.failures == maxFailures {
			return &failure{effect: f.effect, code: f.code, err: fmt.Errorf("%w, %d times", f.err, maxFailures)}
		}
		d = max(d, c.backoff(op.failures))
	}
	if stop := c.wait(ctx, op, d, f.err.Error()); stop != nil {
		return &failure{effect: f.effect, code: f.code, err: fmt.Errorf("%w; %w", f.err, stop.err)}
	}
	return nil
}

// backoff is the pause after the nth failure: between a half and the whole of
// a span that doubles.
func (c *Client) backoff(n int) time.Duration {
	span := firstBackoff << (n - 1)
	return time.Duration(float64(span) * (1 + c.options.Jitter()) / 2)
}

// admit returns when a request may be sent, or why it will not be.
func (c *Client) admit(ctx context.Context, op *operation) *failure {
	for {
		if err := ctx.Err(); err != nil {
			return unsent(err)
		}
		now := c.options.Clock.Now()
		if op.late(now, c.options.AttemptTimeout) {
			return unsent(errLate)
		}
		d := c.pace.take(now)
		if d == 0 {
			return nil
		}
		if f := c.wait(ctx, op, d, "the rate limit of Cloudflare is reached"); f != nil {
			return f
		}
	}
}

// errLate is why a write is not sent (DESIGN §7.5).
var errLate = errors.New("not sent: too late to be answered before the write's deadline")

// wait passes the time, unless that would be in vain.
func (c *Client) wait(ctx context.Context, op *operation, d time.Duration, why string) *failure {
	then := c.options.Clock.Now().Add(d)
	if then.After(op.end) {
		return unsent(fmt.Errorf("not sent: waiting another %s would take longer than the %s allowed", d.Round(time.Second), c.options.Budget))
	}
	if op.late(then, c.options.AttemptTimeout) {
		return unsent(errLate)
	}
	c.options.Waiting(d, why)
	if err := c.options.Clock.Sleep(ctx, d); err != nil {
		return unsent(err)
	}
	return nil
}

// late tells whether an attempt begun at an instant may be answered too late,
// by the wall clock or by the monotonic one: either may have stood still.
func (op *operation) late(now time.Time, attempt time.Duration) bool {
	if op.before.IsZero() {
		return false
	}
	left := min(op.before.Sub(now), op.before.Round(0).Sub(now.Round(0)))
	return left < attempt
}

func unsent(err error) *failure { return &failure{effect: secret.EffectNone, err: err} }
