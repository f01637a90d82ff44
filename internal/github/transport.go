package github

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/layeron/rotate/internal/httpretry"
)

// limitedWait is how long GitHub asks to wait after a rate limit that does not
// say how long.
const limitedWait = time.Minute

type onceKey struct{}

// once marks a request that must not be sent again after a lost answer: its
// caller decides what to do.
func once(ctx context.Context) context.Context { return context.WithValue(ctx, onceKey{}, true) }

// transport sends each request until it is answered, within the retry policy. A
// repeated write must be harmless if an earlier attempt took effect, unless the
// request is marked with once. The SDK has its own policy for rate limits,
// which uses the machine's clock, so transport removes the headers that it
// reads.
type transport struct {
	next   http.RoundTripper
	retry  httpretry.Policy
	server *httpretry.ServerClock
}

// RoundTrip sends a request. After the last attempt it returns GitHub's answer,
// or an error if there was none or it was a rate limit.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	call := t.retry.Start(time.Time{})
	for {
		answer, failed := t.attempt(r)
		if failed == nil {
			return answer, nil
		}
		stop := failed.Err
		if failed.Limited || r.Context().Value(onceKey{}) == nil {
			stop = call.Next(r.Context(), *failed)
		}
		switch {
		case stop == nil:
		case answer != nil && !failed.Limited && r.Context().Err() == nil:
			return answer, nil
		default:
			return nil, stop
		}
	}
}

// attempt sends a request once and reads the whole answer.
func (t *transport) attempt(r *http.Request) (*http.Response, *httpretry.Failure) {
	ctx, cancel := context.WithTimeout(r.Context(), t.retry.AttemptTimeout)
	defer cancel()
	sent := r.Clone(ctx)
	if r.GetBody != nil {
		body, err := r.GetBody()
		if err != nil {
			return nil, &httpretry.Failure{Err: err}
		}
		sent.Body = body
	}
	answer, err := t.next.RoundTrip(sent)
	if err != nil {
		return nil, t.noAnswer(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, t.noAnswer(err)
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	failed := judge(r, answer, body, t.server.See(answer.Header, t.retry.Clock.Now()))
	for name := range answer.Header {
		if strings.HasPrefix(name, "X-Ratelimit-") {
			answer.Header.Del(name)
		}
	}
	return answer, failed
}

func (t *transport) noAnswer(err error) *httpretry.Failure {
	err, _ = t.retry.NoAnswer(err)
	return &httpretry.Failure{Err: fmt.Errorf("GitHub: %w", err)}
}

// judge returns a failure if the next attempt may be answered differently. now
// is GitHub's time.
func judge(r *http.Request, answer *http.Response, body []byte, now time.Time) *httpretry.Failure {
	status := answer.StatusCode
	switch {
	case limited(r, answer, body):
		return &httpretry.Failure{Err: errors.New("rate limited by GitHub"), Limited: true, Wait: wait(answer.Header, now)}
	case status >= 500 || status == http.StatusRequestTimeout || status == http.StatusConflict:
		return &httpretry.Failure{Err: fmt.Errorf("GitHub answered HTTP %d", status)}
	}
	return nil
}

// limited distinguishes a rate limit from a missing permission, which has the
// same status. GraphQL answers a rate limit with 200.
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

// wait returns how long a rate limit asks to wait: by Retry-After, or until the
// limit is reset.
func wait(h http.Header, now time.Time) time.Duration {
	asked := httpretry.RetryAfter(h, now)
	reset, err := strconv.ParseInt(h.Get("X-Ratelimit-Reset"), 10, 64)
	if err == nil && h.Get("X-Ratelimit-Remaining") == "0" {
		asked = cmp.Or(asked, max(time.Unix(reset, 0).Sub(now), 0)+time.Second)
	}
	return cmp.Or(asked, limitedWait)
}
