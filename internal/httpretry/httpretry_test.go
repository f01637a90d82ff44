package httpretry_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/httpretry"
)

var (
	start  = time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC)
	broken = httpretry.Failure{Err: errors.New("HTTP 500")}
)

func limited(d time.Duration) httpretry.Failure {
	return httpretry.Failure{Err: errors.New("rate limited"), Limited: true, Wait: d}
}

// policy returns a complete policy, and the clock that it uses.
func policy(t *testing.T, change func(*httpretry.Policy)) (httpretry.Policy, *fake.Clock) {
	t.Helper()
	clock := fake.NewClock(start)
	p := httpretry.Policy{Clock: clock, Jitter: func() float64 { return 0 }}
	if change != nil {
		change(&p)
	}
	p, err := p.Complete()
	if err != nil {
		t.Fatal(err)
	}
	return p, clock
}

func TestCompleteRequiresClockAndJitter(t *testing.T) {
	for name, p := range map[string]httpretry.Policy{
		"no clock":  {Jitter: func() float64 { return 0 }},
		"no jitter": {Clock: fake.NewClock(start)},
	} {
		if _, err := p.Complete(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// A server in trouble is asked five times, with growing pauses.
func TestNextBacksOff(t *testing.T) {
	for jitter, want := range map[float64][]time.Duration{
		0:   {250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second},
		0.5: {375 * time.Millisecond, 750 * time.Millisecond, 1500 * time.Millisecond, 3 * time.Second},
	} {
		p, clock := policy(t, func(p *httpretry.Policy) { p.Jitter = func() float64 { return jitter } })
		call := p.Start(time.Time{})
		for n, pause := range want {
			before := clock.Slept()
			if err := call.Next(t.Context(), broken); err != nil || clock.Slept()-before != pause {
				t.Errorf("pause %d: waited %s, want %s; %v", n+1, clock.Slept()-before, pause, err)
			}
		}
		err := call.Next(t.Context(), broken)
		if !errors.Is(err, broken.Err) || !strings.Contains(err.Error(), "HTTP 500, 5 times") {
			t.Errorf("after five failures: %v", err)
		}
	}
}

// A server that says when it is back is not asked before that.
func TestNextWaitsAsLongAsTheServerAsks(t *testing.T) {
	for _, failed := range []httpretry.Failure{limited(90 * time.Second), {Err: broken.Err, Wait: 90 * time.Second}} {
		p, clock := policy(t, nil)
		if err := p.Start(time.Time{}).Next(t.Context(), failed); err != nil || clock.Slept() != 90*time.Second {
			t.Errorf("%v: waited %s, %v", failed.Err, clock.Slept(), err)
		}
	}
}

// Rate limits do not count as failures: only the budget ends them. A wait that
// exceeds the budget does not begin.
func TestBudgetEndsRateLimits(t *testing.T) {
	p, clock := policy(t, nil)
	call := p.Start(time.Time{})
	for range 12 {
		if err := call.Next(t.Context(), limited(30*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	err := call.Next(t.Context(), limited(30*time.Second))
	if err == nil || err.Error() != "rate limited; not sent: waiting another 30s would take longer than the 6m0s allowed" {
		t.Errorf("got %v", err)
	}
	if clock.Slept() != httpretry.DefaultBudget {
		t.Errorf("waited %s", clock.Slept())
	}
}

// A write whose answer may come after its deadline is not sent, because another
// run may have taken over by then.
func TestDeadline(t *testing.T) {
	for left, ready := range map[time.Duration]bool{time.Hour: true, 30 * time.Second: true, 30*time.Second - 1: false, -time.Hour: false} {
		p, clock := policy(t, nil)
		call := p.Start(start.Add(left))
		if err := call.Ready(t.Context()); (err == nil) != ready {
			t.Errorf("%s before the deadline: %v", left, err)
		}
		if err := call.Next(t.Context(), limited(40*time.Second)); (err == nil) != (left == time.Hour) || err != nil && clock.Slept() > 0 {
			t.Errorf("a wait, %s before the deadline: %v after %s", left, err, clock.Slept())
		}
	}
}

// A cancelled call neither waits nor announces a wait.
func TestCancelledCallStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p, clock := policy(t, func(p *httpretry.Policy) {
		p.Waiting = func(d time.Duration, why string) { t.Errorf("announced a wait of %s: %s", d, why) }
	})
	call := p.Start(time.Time{})
	if err := call.Ready(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("ready: %v", err)
	}
	if err := call.Next(ctx, limited(time.Second)); !errors.Is(err, context.Canceled) || clock.Slept() > 0 {
		t.Errorf("next: %v after %s", err, clock.Slept())
	}
}

func TestWaitIsAnnounced(t *testing.T) {
	var said []string
	p, _ := policy(t, func(p *httpretry.Policy) {
		p.Waiting = func(d time.Duration, why string) { said = append(said, d.String()+": "+why) }
	})
	if err := p.Start(time.Time{}).Next(t.Context(), limited(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(said, "\n"), "1m0s: rate limited"; got != want {
		t.Errorf("announced %q, want %q", got, want)
	}
}
