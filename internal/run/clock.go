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

// Sleep waits, or returns the cause for which ctx ended.
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

// Clock returns the process's clock, or one that always returns one instant.
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

// StartedAt returns the process's clock, which starts at LAYER_CLOCK where that
// is set. Adding to a reading keeps its monotonic part.
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
