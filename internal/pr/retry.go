package pr

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The retry policy. Being rate limited is waited out, for as long as GitHub
// asks, within the budget. A server error, a conflict with another request or a
// lost answer is tried again a few times with growing, jittered pauses, unless
// the request is marked with once. Whoever sends a write has to bear that an
// earlier attempt took effect.
const (
	maxFailures  = 5
	firstBackoff = 500 * time.Millisecond
	blindWait    = time.Minute // what GitHub asks of who was not told how long
)

type onceKey struct{}

// once marks the requests that are not to be sent again when it is not known
// what came of them.
func once(ctx context.Context) context.Context { return context.WithValue(ctx, onceKey{}, true) }

// transport carries the policy out below the client. The client's own would go
// by the machine's clock, so it is not shown what it goes by.
type transport struct {
	next    http.RoundTripper
	options Options
	clock   *serverClock
}

func newTransport(next http.RoundTripper, o Options, clock *serverClock) *transport {
	if next == nil {
		next = http.DefaultTransport
	}
	return &transport{next, o, clock}
}

// failure is an attempt that did not succeed and might the next time.
type failure struct {
	err     error
	limited bool
	wait    time.Duration // that GitHub asked for
}

// RoundTrip sends a request until it is answered.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	end := t.options.Clock.Now().Add(t.options.Budget)
	for failures := 0; ; {
		answer, f := t.attempt(r)
		if f == nil {
			return answer, nil
		}
		wait := f.wait
		if !f.limited {
			failures++
			if failures == maxFailures || r.Context().Value(onceKey{}) != nil || r.Context().Err() != nil {
				return t.giveUp(answer, f)
			}
			wait = max(wait, t.backoff(failures))
		}
		if t.options.Clock.Now().Add(wait).After(end) {
			return t.giveUp(nil, &failure{err: fmt.Errorf("%w; waiting another %s would take longer than the %s allowed", f.err, wait.Round(time.Second), t.options.Budget)})
		}
		t.options.Waiting(wait, f.err.Error())
		if err := t.options.Clock.Sleep(r.Context(), wait); err != nil {
			return nil, err
		}
	}
}

// giveUp passes on what GitHub answered last, if it answered.
func (t *transport) giveUp(answer *http.Response, f *failure) (*http.Response, error) {
	if answer != nil {
		return answer, nil
	}
	return nil, f.err
}

// backoff is the pause after the nth failure: between a half and the whole of
// a span that doubles.
func (t *transport) backoff(n int) time.Duration {
	span := firstBackoff << (n - 1)
	return time.Duration(float64(span) * (1 + t.options.Jitter()) / 2)
}

// attempt sends a request once and reads the whole answer.
func (t *transport) attempt(r *http.Request) (*http.Response, *failure) {
	ctx, cancel := context.WithTimeout(r.Context(), t.options.AttemptTimeout)
	defer cancel()
	sent := r.Clone(ctx)
	if r.GetBody != nil {
		body, err := r.GetBody()
		if err != nil {
			return nil, &failure{err: err}
		}
		sent.Body = body
	}
	answer, err := t.next.RoundTrip(sent)
	if err != nil {
		return nil, t.noAnswer(r, ctx, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, t.noAnswer(r, ctx, err)
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	t.clock.saw(answer.Header, t.options.Clock.Now())
	f := t.judge(r, answer, body)
	for name := range answer.Header {
		if strings.HasPrefix(name, "X-Ratelimit-") {
			answer.Header.Del(name)
		}
	}
	return answer, f
}

func (t *transport) noAnswer(r *http.Request, attempt context.Context, err error) *failure {
	switch {
	case r.Context().Err() != nil:
		err = r.Context().Err()
	case errors.Is(attempt.Err(), context.DeadlineExceeded):
		err = fmt.Errorf("no answer from GitHub within %s", t.options.AttemptTimeout)
	default:
		err = fmt.Errorf("no answer from GitHub: %w", err)
	}
	return &failure{err: err}
}

// judge tells whether an answer is one that may be different the next time.
func (t *transport) judge(r *http.Request, answer *http.Response, body []byte) *failure {
	status := answer.StatusCode
	switch {
	case limited(r, answer, body):
		return &failure{err: errors.New("rate limited by GitHub"), limited: true, wait: t.asked(answer.Header)}
	case status >= 500 || status == http.StatusRequestTimeout || status == http.StatusConflict:
		return &failure{err: fmt.Errorf("GitHub answered HTTP %d", status)}
	}
	return nil
}

// limited tells a rate limit from a missing permission, which has the same
// status; GraphQL answers 200.
func limited(r *http.Request, answer *http.Response, body []byte) bool {
	switch answer.StatusCode {
	case http.StatusTooManyRequests:
		return true
	case http.StatusForbidden:
		return answer.Header.Get("Retry-After") != "" || answer.Header.Get("X-Ratelimit-Remaining") == "0" || bytes.Contains(body, []byte("secondary rate limit"))
	case http.StatusOK:
		return strings.HasSuffix(r.URL.Path, "/graphql") && bytes.Contains(body, []byte(`"RATE_LIMITED"`))
	}
	return false
}

// asked is how long GitHub asks to wait: in seconds, or until an instant by its
// own clock.
func (t *transport) asked(h http.Header) time.Duration {
	if seconds, err := strconv.Atoi(h.Get("Retry-After")); err == nil && seconds >= 0 {
		return time.Duration(min(max(seconds, 1), 1e6)) * time.Second
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = t.options.Clock.Now()
	}
	if until, err := http.ParseTime(h.Get("Retry-After")); err == nil {
		return max(until.Sub(now), time.Second)
	}
	reset, err := strconv.ParseInt(h.Get("X-Ratelimit-Reset"), 10, 64)
	if err == nil && h.Get("X-Ratelimit-Remaining") == "0" {
		return max(time.Unix(reset, 0).Sub(now), 0) + time.Second
	}
	return blindWait
}
