package report

import (
	"fmt"
)

// maxOpenChart is how many secrets a chart shows without being unfolded.
const maxOpenChart = 6

// chart is the chart of the next 180 days with what it takes to read it.
func (p Page) chart(limit int) string {
	diagram, shown, all := gantt(p.Result, p.Document, min(maxChartBytes, limit-1_000))
	if diagram == "" {
		return ""
	}
	legend := "Each bar is a version while it is current, each grey bar below how long older versions stay readable beside it. A bar ends where a rotation is due."
	if shown < all {
		legend += fmt.Sprintf(" These are the %d secrets whose turn comes first; %d more are only in the table.", shown, all-shown)
	}
	return details("Rotations and overlap windows of the next 180 days", legend+"\n\n```mermaid\n"+diagram+"```", all <= maxOpenChart)
}
