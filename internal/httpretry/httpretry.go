// Package httpretry is the one retry policy of the clients for Cloudflare and
// GitHub.
//
// The policy waits out a rate limit for as long as the server asks. After any
// other failure that may pass (a server error, a lost answer), it allows up to
// five attempts, with pauses that double and vary. All pauses of one call stay
// within a budget, and no attempt starts whose answer may come after the call's
// deadline.
//
// The package sends nothing. A client makes an attempt, and [Call.Next] waits
// until the next one may start. So the client decides: it can look at the
// server first and stop, and it never sends a request twice unless it calls
// Next.
package httpretry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"
)

// The defaults of a Policy. The longest rate limit of Cloudflare is five
// minutes.
const (
	DefaultBudget         = 6 * time.Minute
	DefaultAttemptTimeout = 30 * time.Second
)

const (
	maxFailures  = 5
	firstBackoff = 500 * time.Millisecond
)

// Clock returns the time and waits.
type Clock interface {
	Now() time.Time
	// Sleep waits for d. It returns ctx's error early if ctx ends first.
	Sleep(ctx context.Context, d time.Duration) error
}

// Policy says how long a client may go on trying. Clock and Jitter are
// required.
type Policy struct {
	Clock  Clock
	Jitter func() float64 // returns a number in [0, 1); safe for parallel use

	// Budget limits how long after its start a call may still wait.
	Budget time.Duration
	// AttemptTimeout limits one attempt.
	AttemptTimeout time.Duration
	// Waiting, if not nil, is called before each wait.
	Waiting func(d time.Duration, why string)
}

// Complete returns the policy with its defaults filled in. It returns an error
// if a required field is missing.
func (p Policy) Complete() (Policy, error) {
	if p.Clock == nil || p.Jitter == nil {
		return p, errors.New("clock and jitter are required")
	}
	p.Budget = cmp.Or(p.Budget, DefaultBudget)
	p.AttemptTimeout = cmp.Or(p.AttemptTimeout, DefaultAttemptTimeout)
	if p.Waiting == nil {
		p.Waiting = func(time.Duration, string) {}
	}
	return p, nil
}

// Backoff returns the pause after the nth failure: between half of a span and
// the whole of it. The span starts at 500 ms and doubles.
func (p Policy) Backoff(n int) time.Duration {
	span := firstBackoff << (n - 1)
	return time.Duration(float64(span) * (1 + p.Jitter()) / 2)
}

// Failure is a failed attempt that may succeed when it is repeated.
type Failure struct {
	Err     error
	Limited bool          // by a rate limit, so that it had no effect
	Wait    time.Duration // that the server asks for; 0: it does not say
}

// Call is one call of a client, with all its attempts.
type Call struct {
	policy   Policy
	end      time.Time
	deadline time.Time
	failures int
}

// Start starts a call. Its attempts must be answered before the deadline; the
// zero time is no deadline.
func (p Policy) Start(deadline time.Time) *Call {
	return &Call{policy: p, end: p.Clock.Now().Add(p.Budget), deadline: deadline}
}

// Next waits until the call may make another attempt after a failed one. If it
// may not, the error wraps that of the failed attempt and says why: too many
// failures, budget, deadline, or the end of ctx.
func (c *Call) Next(ctx context.Context, failed Failure) error {
	d := failed.Wait
	if !failed.Limited {
		c.failures++
		if c.failures == maxFailures {
			return fmt.Errorf("%w, %d times", failed.Err, maxFailures)
		}
		d = max(d, c.policy.Backoff(c.failures))
	}
	if err := c.Wait(ctx, d, failed.Err.Error()); err != nil {
		return fmt.Errorf("%w; %w", failed.Err, err)
	}
	return nil
}

// errLate is why an attempt does not start.
var errLate = errors.New("not sent: its answer may come after the deadline")

// Ready returns nil if an attempt may start now. If not, the error says why:
// the deadline or the end of ctx.
func (c *Call) Ready(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if c.late(c.policy.Clock.Now()) {
		return errLate
	}
	return nil
}

// Wait waits for d. It returns an error at once if no attempt could follow:
// because of budget, deadline, or the end of ctx.
func (c *Call) Wait(ctx context.Context, d time.Duration, why string) error {
	then := c.policy.Clock.Now().Add(d)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case then.After(c.end):
		return fmt.Errorf("not sent: waiting another %s would take longer than the %s allowed", d.Round(time.Second), c.policy.Budget)
	case c.late(then):
		return errLate
	}
	c.policy.Waiting(d, why)
	return c.policy.Clock.Sleep(ctx, d)
}

// late reports whether an attempt that starts at an instant may be answered
// after the deadline. It goes by the wall clock and by the monotonic clock,
// because either may have stopped.
func (c *Call) late(start time.Time) bool {
	if c.deadline.IsZero() {
		return false
	}
	left := min(c.deadline.Sub(start), c.deadline.Round(0).Sub(start.Round(0)))
	return left < c.policy.AttemptTimeout
}
