// Package report turns a plan, or what an apply made of it, into text
// (docs/design/surface.md): a table for people, one JSON document for programs,
// and for GitHub Markdown with charts, and annotations. It is pure, and it is
// where untrusted text is made safe to show and cut to what its reader takes.
//
// Names, reasons and advice come from declarations and from the journal, which
// anyone who opens a pull request may write. Declarations with names that
// cannot be shown are refused when they are compiled; what comes from a journal
// is not, so every text passes through here.
package report

import "github.com/layeron/rotate/internal/rotate"

// Failure is why there is no plan, or no whole one.
type Failure struct {
	Code    string // names the error in JSON
	Message string
}

// outcome is what an apply did for an entry, if it was one.
func outcome(result rotate.Result, i int) (rotate.Outcome, bool) {
	o, ok := result.Outcomes[result.Plan.Entries[i].ID]
	return o, ok && o.Result != ""
}
