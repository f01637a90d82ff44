package cli

import (
	"context"
	"time"

	"github.com/layeron/rotate/internal/secret"
)

// clock tells the time of a run. Waits are always real ones.
type clock struct{ now func() time.Time }

func (c clock) Now() time.Time { return c.now() }

func (clock) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// clock is the process's clock, or one that stands still at an instant.
func (a App) clock(at string) (clock, error) {
	if at == "" {
		return a.startedAt()
	}
	instant, err := secret.ParseInstant(at)
	if err != nil {
		return clock{}, usage("--at: %w", err)
	}
	return clock{func() time.Time { return instant.Time() }}, nil
}

// startedAt is the process's clock, set to LAYER_CLOCK at its first reading.
// Adding to a reading keeps its monotonic part.
func (a App) startedAt() (clock, error) {
	text := a.Getenv(envClock)
	if text == "" {
		return clock{a.Now}, nil
	}
	instant, err := secret.ParseInstant(text)
	if err != nil {
		return clock{}, usage("%s: %w", envClock, err)
	}
	offset := instant.Time().Sub(a.Now())
	return clock{func() time.Time { return a.Now().Add(offset) }}, nil
}
