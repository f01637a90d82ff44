package store

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// paced is a pace in steps: "take" has to be admitted, "wait" not, a number is
// an answer that says how many requests are left.
func paced(t *testing.T, steps ...any) {
	t.Helper()
	var p pace
	now := time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC)
	for i, step := range steps {
		switch step {
		case "pause": // longer than the burst window, shorter than the other
			now = now.Add(time.Minute)
		case "take", "wait":
			if d := p.take(now); (d > 0) != (step == "wait") {
				t.Fatalf("step %d: told to wait %s, want %q", i, d, step)
			}
		default:
			p.answered(now, http.Header{"Ratelimit": {fmt.Sprintf(`"burst";r=20;t=10, "default";r=%d;t=300`, step)}})
		}
	}
}

// Requests under way may not be counted in an answer, answers overtake each
// other, and what was sent since an answer is not in it: each would lead into
// the penalty.
func TestPaceIsCautious(t *testing.T) {
	paced(t, "take", 2, "take", "take", "wait")
	paced(t, "take", "take", "take", 3, "take", "wait")
	paced(t, "take", "take", 1, 2, "wait")
	paced(t, "take", 0, "pause", "wait")
	paced(t, "take", 900, "take", 0, "pause", "wait")
	paced(t, "take", 900, "pause", "take")
}

func TestParseLimit(t *testing.T) {
	for text, ok := range map[string]bool{
		`"default";r=50;t=30`: true, `"default"; t=30; r=0`: true,
		``: false, `"default"`: false, `r=50`: false, `t=30`: false, `"x";r=-1;t=3`: false, `"x";r=a;t=3`: false, `"x";r=5;t=99999999999`: false,
	} {
		if _, _, got := parseLimit(text); got != ok {
			t.Errorf("%q read: %v, want %v", text, got, ok)
		}
	}
}
