package run

import (
	"context"
	"time"

	"github.com/layeron/rotate/internal/secret"
)

// Clock is the clock of a run. Its waits are always real ones.
type Clock struct{ now func() time.Time }

// Now returns the run's time.
func (c Clock) Now() time.Time { return c.now() }

// Sleep waits for d. It returns early with ctx's cause when ctx ends.
func (Clock) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// Clock returns a clock fixed at the instant at, or the process's clock if at is
// empty.
func (p Process) Clock(at string) (Clock, error) {
	if at == "" {
		return p.StartedAt()
	}
	instant, err := secret.ParseInstant(at)
	if err != nil {
		return Clock{}, Usage("--at: %w", err)
	}
	return Clock{func() time.Time { return instant.Time() }}, nil
}

// StartedAt returns the process's clock, starting at LAYER_CLOCK if that is set.
// Adding to a reading keeps its monotonic part.
func (p Process) StartedAt() (Clock, error) {
	text := p.Getenv(EnvClock)
	if text == "" {
		return Clock{p.Now}, nil
	}
	instant, err := secret.ParseInstant(text)
	if err != nil {
		return Clock{}, Usage("%s: %w", EnvClock, err)
	}
	offset := instant.Time().Sub(p.Now())
	return Clock{func() time.Time { return p.Now().Add(offset) }}, nil
}
