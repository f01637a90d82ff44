// Package report renders a plan, or the result of an apply, as text
// (docs/design/surface.md): a table for the terminal, a JSON document for
// programs, and Markdown with charts and annotations for GitHub. It is pure. It
// makes untrusted text safe to show, and cuts it to the length that its reader
// accepts.
//
// Names, reasons and advice come from declarations and from the journal. Anyone
// who opens a pull request can write both. A compile refuses names that cannot
// be shown, but nothing checks the text in a journal, so all text is escaped
// here.
package report

import "github.com/layeron/rotate/internal/rotate"

// Failure is why there is no plan, or why an apply stopped.
type Failure struct {
	Code    string // names the error in JSON
	Message string
}

// outcome returns what an apply did for entry i, and whether it was an apply.
func outcome(result rotate.Result, i int) (rotate.Outcome, bool) {
	o, ok := result.Outcomes[result.Plan.Entries[i].ID]
	return o, ok && o.Result != ""
}
