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
	// A chart stays readable, and within what Mermaid takes, up to about this.
	maxChartSecrets = 20
	maxChartBytes   = 16_000
	maxChartLabel   = 32
)

// gantt draws the coming rotations and overlap windows as a Mermaid gantt, for
// the secrets that rotate first. It returns how many it shows and how many there
// are. It changes with the day, not with the minute.
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

// withoutFailed leaves out the secrets that an apply did not write, so that it
// is not known what they hold.
func withoutFailed(result rotate.Result) plan.Plan {
	p := result.Plan
	p.Entries = slices.DeleteFunc(slices.Clone(p.Entries), func(e plan.Entry) bool { return result.Outcomes[e.ID].Result == rotate.Failed })
	return p
}

// ganttHead makes room on the left for the longest name, which Mermaid does not.
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

// ganttSection is one secret's lines: who is current, and what stays beside it.
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

// ganttBar leaves out what is shorter than a day. Mermaid writes a label beside
// a bar too short for it, over the next one: there a dot has to do.
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

// midnight is the beginning of an instant's day.
func midnight(i secret.Instant) secret.Instant { return secret.At(i.Time().Truncate(24 * time.Hour)) }

func day(i secret.Instant) string { return i.Time().Format(time.DateOnly) }

// ganttLabel keeps what has no meaning in Mermaid's grammar, nor to its
// preprocessor of comments, directives and entities.
func ganttLabel(s string) string {
	plain := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" -_./", r) {
			return r
		}
		return '_'
	}, s)
	return clip(cmp.Or(strings.TrimSpace(plain), "_"), maxChartLabel)
}

// labelWidth is about how many pixels a label takes.
func labelWidth(label string) int {
	width := 0
	for _, r := range label {
		if width += 6; r > unicode.MaxLatin1 {
			width += 6
		}
	}
	return width
}
