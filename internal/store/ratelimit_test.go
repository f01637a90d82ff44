package store

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// limited runs a rate limit in steps: it must admit a "take" and not a "wait";
// a number is an answer that says how many requests are left.
func limited(t *testing.T, steps ...any) {
	t.Helper()
	var l rateLimit
	now := time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC)
	for i, step := range steps {
		switch step {
		case "pause": // longer than the burst window, shorter than the other
			now = now.Add(time.Minute)
		case "take", "wait":
			if d := l.take(now); (d > 0) != (step == "wait") {
				t.Fatalf("step %d: waits %s, want %q", i, d, step)
			}
		default:
			l.answered(now, http.Header{"Ratelimit": {fmt.Sprintf(`"burst";r=20;t=10, "default";r=%d;t=300`, step)}})
		}
	}
}

// An answer may not count pending requests, answers overtake each other, and an
// answer does not count what was sent after it: each would lead into a rate
// limit of five minutes.
func TestRateLimitIsCautious(t *testing.T) {
	limited(t, "take", 2, "take", "take", "wait")
	limited(t, "take", "take", "take", 3, "take", "wait")
	limited(t, "take", "take", 1, 2, "wait")
	limited(t, "take", 0, "pause", "wait")
	limited(t, "take", 900, "take", 0, "pause", "wait")
	limited(t, "take", 900, "pause", "take")
}

func TestParseLimit(t *testing.T) {
	for text, ok := range map[string]bool{
		`"default";r=50;t=30`: true, `"default"; t=30; r=0`: true,
		``: false, `"default"`: false, `r=50`: false, `t=30`: false, `"x";r=-1;t=3`: false, `"x";r=a;t=3`: false, `"x";r=5;t=99999999999`: false,
	} {
		if _, _, got := parseLimit(text); got != ok {
			t.Errorf("%q is valid: %v, want %v", text, got, ok)
		}
	}
}
