package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/layeron/rotate/internal/forecast"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
)

const (
	// horizon is how far a chart looks ahead.
	horizon = 180 * secret.Day
	// A larger chart is hard to read, and more than Mermaid accepts.
	maxChartSecrets = 20
	maxChartBytes   = 16_000
	maxChartLabel   = 32
)

// gantt draws the coming rotations and overlap windows as a Mermaid gantt, for
// the secrets that rotate first. It returns how many secrets it shows and how
// many there are. During a day it stays the same.
func gantt(result rotate.Result, doc secret.Document, limit int) (diagram string, shown, all int) {
	timelines := forecast.Timelines(withoutFailed(result), doc, midnight(result.Plan.GeneratedAt).Add(horizon))
	var sections strings.Builder
	width := 0
	for _, t := range timelines {
		section := ganttSection(t)
		if shown == maxChartSecrets || sections.Len()+len(section) > limit {
			break
		}
		sections.WriteString(section)
		width = max(width, labelWidth(ganttLabel(string(t.ID))))
		shown++
	}
	if shown == 0 {
		return "", 0, len(timelines)
	}
	return fmt.Sprintf(ganttHead, 20+width) + sections.String(), shown, len(timelines)
}

// withoutFailed returns the plan without the secrets that an apply failed to
// write: what follows for them is unknown.
func withoutFailed(result rotate.Result) plan.Plan {
	p := result.Plan
	p.Entries = slices.DeleteFunc(slices.Clone(p.Entries), func(e plan.Entry) bool { return result.Outcomes[e.ID].Result == rotate.Failed })
	return p
}

// ganttHead leaves room on the left for the longest name. Mermaid itself does
// not.
const ganttHead = `---
displayMode: compact
config:
  gantt:
    leftPadding: %d
    barHeight: 18
---
gantt
  dateFormat YYYY-MM-DD
  axisFormat %%d %%b
  tickInterval 1month
  todayMarker off
`

// ganttSection returns the lines of a secret: the current versions, and below
// them the old ones.
func ganttSection(t forecast.Timeline) string {
	var out strings.Builder
	fmt.Fprintf(&out, "  section %s\n", ganttLabel(string(t.ID)))
	for i, s := range t.Current {
		tag := ""
		if i == 0 {
			tag = "active, "
		}
		out.WriteString(ganttBar(s.First.String(), tag, s))
	}
	for _, s := range t.Overlap {
		label := s.First.String()
		if s.Last != s.First {
			label += " to " + s.Last.String()
		}
		out.WriteString(ganttBar(label, "done, ", s))
	}
	if t.Forever {
		out.WriteString(ganttBar("every version", "done, ", forecast.Span{From: t.Current[0].From, Until: t.Current[len(t.Current)-1].Until}))
	}
	return out.String()
}

// ganttBar returns one bar, or nothing if it is shorter than a day. Mermaid
// writes the label of a short bar over the next bar, so a short bar gets a dot
// instead.
func ganttBar(label, tag string, s forecast.Span) string {
	from, until := day(s.From), day(s.Until)
	if from == until {
		return ""
	}
	if midnight(s.From).Add(time.Duration(2*len(label)+1) * secret.Day).After(midnight(s.Until)) {
		label = "·"
	}
	return fmt.Sprintf("  %s :%s%s, %s\n", label, tag, from, until)
}

// midnight returns the beginning of the day of an instant.
func midnight(i secret.Instant) secret.Instant { return secret.At(i.Time().Truncate(24 * time.Hour)) }

func day(i secret.Instant) string { return i.Time().Format(time.DateOnly) }

// ganttLabel replaces every character that could have a meaning in Mermaid, in
// its grammar or in its comments, directives and entities.
func ganttLabel(s string) string {
	plain := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" -_./", r) {
			return r
		}
		return '_'
	}, s)
	return clip(cmp.Or(strings.TrimSpace(plain), "_"), maxChartLabel)
}

// labelWidth returns roughly how many pixels wide a label is.
func labelWidth(label string) int {
	width := 0
	for _, r := range label {
		if width += 6; r > unicode.MaxLatin1 {
			width += 6
		}
	}
	return width
}
