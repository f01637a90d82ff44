package report

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
)

// Style is how a table looks.
type Style struct {
	Color bool // the output is a terminal that shows colours
}

// The escape codes of the colours that a table uses.
const (
	reset  = "\x1b[0m"
	bold   = "\x1b[1m"
	dim    = "\x1b[2m"
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
)

func (s Style) paint(color, text string) string {
	if !s.Color || color == "" || text == "" {
		return text
	}
	return color + text + reset
}

// Table writes a plan or a result for people to read on a terminal.
func Table(w io.Writer, result rotate.Result, style Style) error {
	p := result.Plan
	var out strings.Builder
	fmt.Fprintf(&out, "%s  %s\n\n", style.paint(bold, Printable(p.Project)+" / "+p.Environment), style.paint(dim, Store(p)+", "+p.GeneratedAt.Text()))
	rows := [][]string{{"ACTION", "SECRET", "VERSION", "DUE", "OVERLAP", "WHY"}}
	for i, e := range p.Entries {
		o, applied := outcome(result, i)
		rows = append(rows, row(e, o, applied))
	}
	widths := widths(rows)
	writeRow(&out, rows[0], widths, dim, style)
	for i, e := range p.Entries {
		writeRow(&out, rows[i+1], widths, actionColor(e.Action), style)
		writeNotes(&out, e, result, i, widths[0], style)
	}
	if len(p.Entries) > 0 {
		out.WriteString("\n")
	}
	out.WriteString(Counts(result) + "\n")
	_, err := io.WriteString(w, out.String())
	return err
}

// Columns writes rows of cells under a header, made printable and aligned.
func Columns(out *strings.Builder, rows [][]string, style Style) {
	for _, cells := range rows {
		for i := range cells {
			cells[i] = Printable(cells[i])
		}
	}
	widths := widths(rows)
	for i, cells := range rows {
		color := ""
		if i == 0 {
			color = dim
		}
		writeRow(out, cells, widths, color, style)
	}
}

// row returns the cells of an entry: action, secret, versions, due, overlap,
// why.
func row(e plan.Entry, o rotate.Outcome, applied bool) []string {
	action := string(e.Action)
	switch {
	case applied && o.Result == rotate.Failed:
		action = "failed"
	case applied && o.Result == rotate.Applied:
		action = did[e.Action]
	}
	if applied {
		e.DueAt = secret.Instant{} // this slot is done: show the next one
	}
	return []string{action, Printable(string(e.ID)), versions(e), due(e), e.Retain.Length(), Printable(e.Reason)}
}

// due returns the slot that makes a secret due, else the next one.
func due(e plan.Entry) string {
	if !e.DueAt.IsZero() {
		return instant(e.DueAt)
	}
	return instant(e.NextDueAt)
}

func actionColor(action plan.Action) string {
	switch action {
	case plan.Blocked:
		return red
	case plan.Orphaned:
		return yellow
	case plan.None:
		return dim
	}
	return green
}

func widths(rows [][]string) []int {
	out := make([]int, len(rows[0]))
	for _, cells := range rows {
		for i, cell := range cells {
			out[i] = max(out[i], utf8.RuneCountInString(cell))
		}
	}
	return out
}

// writeRow pads a cell before it adds colours, because escape codes have no
// width. The last cell needs no padding.
func writeRow(out *strings.Builder, cells []string, widths []int, color string, style Style) {
	for i, cell := range cells {
		padding := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2)
		if i == 0 || color == dim {
			cell = style.paint(color, cell)
		}
		out.WriteString(cell)
		if i < len(cells)-1 {
			out.WriteString(padding)
		}
	}
	out.WriteString("\n")
}

// writeNotes writes the error and the advice of an entry below its row.
func writeNotes(out *strings.Builder, e plan.Entry, result rotate.Result, i, indent int, style Style) {
	margin := strings.Repeat(" ", indent+2)
	if o, ok := outcome(result, i); ok && o.Error != "" {
		out.WriteString(margin + style.paint(red, "error: "+Printable(o.Error)) + "\n")
	}
	if e.Advice != "" {
		out.WriteString(margin + style.paint(yellow, "to do: "+Printable(e.Advice)) + "\n")
	}
}
