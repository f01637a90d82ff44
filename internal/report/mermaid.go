package report

import (
	"cmp"
	"fmt"
	"strings"
	"time"
	"unicode"

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

// chart draws the coming rotations and overlap windows as a Mermaid gantt, for
// the secrets whose turn comes first. It tells how many it shows and how many
// there are. It changes with the day, not with the minute.
func chart(result rotate.Result, doc secret.Document, limit int) (gantt string, shown, all int) {
	from := secret.At(result.Plan.GeneratedAt.Time().Truncate(24 * time.Hour))
	tables := timetables(result, doc, from, from.Add(horizon))
	var sections strings.Builder
	width := 0
	for _, t := range tables {
		section := ganttSection(t)
		if shown == maxChartSecrets || sections.Len()+len(section) > limit {
			break
		}
		sections.WriteString(section)
		width = max(width, labelWidth(ganttLabel(string(t.id))))
		shown++
	}
	if shown == 0 {
		return "", 0, len(tables)
	}
	return fmt.Sprintf(ganttHead, 20+width) + sections.String(), shown, len(tables)
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
func ganttSection(t timetable) string {
	var out strings.Builder
	fmt.Fprintf(&out, "  section %s\n", ganttLabel(string(t.id)))
	for i, s := range t.current {
		tag := ""
		if i == 0 {
			tag = "active, "
		}
		out.WriteString(ganttBar(s.first.String(), tag, s))
	}
	for _, s := range t.overlap {
		label := s.first.String()
		if s.last != s.first {
			label += " to " + s.last.String()
		}
		out.WriteString(ganttBar(label, "done, ", s))
	}
	if t.forever {
		out.WriteString(ganttBar("every version", "done, ", span{from: t.current[0].from, until: t.current[len(t.current)-1].until}))
	}
	return out.String()
}

// ganttBar leaves out what is shorter than a day. Mermaid writes a label beside
// a bar too short for it, over the next one: there a dot has to do.
func ganttBar(label, tag string, s span) string {
	from, until := day(s.from), day(s.until)
	if from == until {
		return ""
	}
	if s.from.Add(time.Duration(2*len(label)+1) * secret.Day).After(s.until) {
		label = "·"
	}
	return fmt.Sprintf("  %s :%s%s, %s\n", label, tag, from, until)
}

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
