package report

import (
	"github.com/layeron/rotate/internal/forecast"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
)

// Page is what a comment, a summary or a pull request shows.
type Page struct {
	Result  rotate.Result
	Failure *Failure // nil if the run got to its end
	// Document holds the declarations that were planned.
	Document secret.Document
	Proposal *Proposal // nil unless the run is for a pull request
	Limits   forecast.Limits
	Run      Run
}

// Run is the run that writes a text. Empty fields are not shown.
type Run struct {
	Name    string // such as "run 42"
	URL     string
	Commit  string
	Version string // of layer
}

// Comment is a comment in two parts. If only the footer changes, the comment is
// not written again. So the body shows dates without the time of day: it must
// stay the same while only the clock moves.
type Comment struct{ Body, Footer string }

// String returns the whole comment.
func (c Comment) String() string { return c.Body + "\n\n" + c.Footer }

// Proposal is what a pull request changes.
type Proposal struct {
	// Base holds the declarations of the base branch, nil if they are unknown.
	Base *secret.Document
	// EditedJournal is the path of the journal if the pull request edits it.
	EditedJournal string
}

// journalEdited warns about a pull request that edits the journal.
const journalEdited = "this pull request edits the rotation journal, which only layer writes. Plans ignore the edit, and after the merge an entry with an invalid signature is blocked"
