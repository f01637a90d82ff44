package report

import "fmt"

// maxOpenChart is the most secrets with which a chart is unfolded at first.
const maxOpenChart = 6

// chart returns the chart of the next 180 days and how to read it.
func (p Page) chart(limit int) string {
	diagram, shown, all := gantt(p.Result, p.Document, min(maxChartBytes, limit-1_000))
	if diagram == "" {
		return ""
	}
	legend := "Each bar shows how long a version is current. A grey bar below shows how long old versions stay readable. A bar ends where a rotation is due."
	if shown < all {
		legend += fmt.Sprintf(" The chart shows %d of %d secrets, those that rotate first.", shown, all)
	}
	return details("Rotations and overlap windows in the next 180 days", legend+"\n\n```mermaid\n"+diagram+"```", all <= maxOpenChart)
}
