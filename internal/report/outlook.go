package report

import (
	"fmt"
	"strings"

	"github.com/layeron/rotate/internal/forecast"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/secret"
)

const (
	// maxOpenChart is how many secrets a chart shows unasked.
	maxOpenChart = 6
	// maxVersions is how many versions of a secret are listed.
	maxVersions = 6
	// maxVersionBytes keeps that list shorter than what it only adds to.
	maxVersionBytes = 6_000
)

// outlook is the chart of the next 180 days with what it takes to read it.
func (p Page) outlook(limit int) string {
	gantt, shown, all := chart(p.Result, p.Document, min(maxChartBytes, limit-1_000))
	if gantt == "" {
		return ""
	}
	legend := "Each bar is a version while it is current, each grey bar below how long older versions stay readable beside it. A bar ends where a rotation is due."
	if shown < all {
		legend += fmt.Sprintf(" These are the %d secrets whose turn comes first; %d more are left out and stand in the table.", shown, all-shown)
	}
	return details("Rotations and overlap windows of the next 180 days", legend+"\n\n```mermaid\n"+gantt+"```", all <= maxOpenChart)
}

// versions is what each secret holds, before an apply.
func (p Page) versions(limit int) string {
	if p.Result.Outcomes != nil {
		return ""
	}
	full := map[secret.ID]forecast.Full{}
	for _, f := range forecast.CapacityOf(p.Result.Plan, p.Document, p.Limits).Full {
		full[f.ID] = f
	}
	var items []string
	for _, e := range p.Result.Plan.Entries {
		if len(e.Versions) > 0 {
			items = append(items, "- "+shortCode(string(e.ID))+": "+held(e.Versions)+valueSize(e, full[e.ID])+"\n")
		}
	}
	if len(items) == 0 {
		return ""
	}
	return details("Versions held now", rows(items, min(limit, maxVersionBytes), "- and %d more secrets: `layer secret versions` lists them\n"), false)
}

// held lists versions, newest first.
func held(versions []plan.Version) string {
	var parts []string
	for i := len(versions) - 1; i >= 0 && len(parts) < maxVersions; i-- {
		parts = append(parts, heldVersion(versions[i]))
	}
	if left := len(versions) - maxVersions; left > 0 {
		parts = append(parts, fmt.Sprintf("%d older", left))
	}
	return strings.Join(parts, ", ")
}

func heldVersion(v plan.Version) string {
	switch {
	case v.State == "current":
		return "**" + v.ID.String() + "** current since " + v.ActiveFrom.Text()
	case v.ExpiresAt.IsZero():
		return v.ID.String() + " " + v.State
	case v.State == "expired":
		return v.ID.String() + " expired " + v.ExpiresAt.Text()
	}
	return v.ID.String() + " until " + v.ExpiresAt.Text()
}

// valueSize is how large the value is after the plan, and when it is full.
func valueSize(e plan.Entry, full forecast.Full) string {
	out := ""
	if e.Bytes > 0 {
		out = fmt.Sprintf("; %d bytes", e.Bytes)
	}
	if !full.At.IsZero() {
		out += fmt.Sprintf(" of %d, full %s", full.Limit, day(full.At))
	}
	return out
}
