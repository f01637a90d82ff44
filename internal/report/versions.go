package report

import (
	"fmt"
	"strings"

	"github.com/layeron/rotate/internal/forecast"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/secret"
)

const (
	// maxVersions is how many versions of a secret are listed.
	maxVersions = 6
	// maxVersionBytes limits the list, which matters less than the table.
	maxVersionBytes = 6_000
)

// versions lists what each secret holds before an apply.
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
	return details("Versions held now", rows(items, min(limit, maxVersionBytes), "more secret", "- and %s: see `layer secret versions`\n"), false)
}

// held lists versions, the newest first.
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

// heldVersion returns a version and until when it is readable.
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

// valueSize returns the size of the stored value after the plan, and when it is
// full.
func valueSize(e plan.Entry, full forecast.Full) string {
	out := ""
	if e.Bytes > 0 {
		out = "; " + secret.Count(e.Bytes, "byte")
	}
	if !full.At.IsZero() {
		out += fmt.Sprintf(" of %d, full %s", full.Limit, day(full.At))
	}
	return out
}
