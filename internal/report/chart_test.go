package report_test

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

var bar = regexp.MustCompile(`^  (\S+) :(?:active, )?(\d{4}-\d\d-\d\d), (\d{4}-\d\d-\d\d)$`)

// The bars of a secret follow each other without a gap for 180 days. If a chart
// has no room for all secrets, it shows those that rotate first.
func TestChart(t *testing.T) {
	body := many(t, 100).Comment().Body
	_, chart, _ := strings.Cut(body, "todayMarker off\n")
	chart, _, _ = strings.Cut(chart, "```")
	sections := strings.Split(chart, "  section ")[1:]
	if len(sections) < 10 || len(sections) > 20 {
		t.Errorf("the chart shows %d of 100 secrets, want 10 to 20", len(sections))
	}
	for _, section := range sections {
		end := "2026-06-09"
		for line := range strings.Lines(section) {
			m := bar.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
			if m == nil {
				continue // the name, or an old version
			}
			if m[2] != end {
				t.Errorf("%s: a bar begins at %s, but the one before it ends at %s", section[:15], m[2], end)
			}
			end = m[3]
		}
		if want := time.Date(2026, 6, 9+180, 0, 0, 0, 0, time.UTC).Format(time.DateOnly); end != want {
			t.Errorf("%s ends at %s, want %s", section[:15], end, want)
		}
	}
	if !strings.HasPrefix(sections[0], "service/key-000\n") {
		t.Errorf("the first is %s, though key-000 is due", sections[0][:15])
	}
}

// What follows for a blocked or failed secret is unknown.
func TestChartLeavesOutBlockedAndFailed(t *testing.T) {
	body := applied(t).Comment().Body
	for id, want := range map[string]bool{"auth/session-key": true, "billing/webhook-secret": false, "billing/link-key": false, "billing/number-seed": false} {
		if got := strings.Contains(body, "  section "+id+"\n"); got != want {
			t.Errorf("%s in the chart: %v, want %v", id, got, want)
		}
	}
}
