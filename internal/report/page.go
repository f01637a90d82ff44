package report

import (
	"github.com/layeron/rotate/internal/forecast"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
)

// Page is what a comment, a summary or a pull request shows.
type Page struct {
	Result  rotate.Result
	Failure *Failure // why there is no result, or no whole one
	// Document is what was planned from.
	Document secret.Document
	Proposal *Proposal // nil where no pull request is looked at
	Limits   forecast.Limits
	Run      Run
}

// Run is where a text comes from. What is empty is not shown.
type Run struct {
	Name    string // such as "run 42"
	URL     string
	Commit  string
	Version string // of this tool
}

// Comment is a comment in two parts: a new footer alone is no reason to write the
// comment again. Its body shows the plan's instants by the day, so that it stays
// the same when only the clock has moved.
type Comment struct{ Body, Footer string }

// String is the whole comment.
func (c Comment) String() string { return c.Body + "\n\n" + c.Footer }

// Proposal is what a pull request proposes.
type Proposal struct {
	// Base is the base branch's declarations; nil where they are not known.
	Base *secret.Document
	// EditedJournal is the path of the journal, where the pull request edits it.
	EditedJournal string
}

// journalEdited is said wherever a pull request edits the journal.
const journalEdited = "this pull request edits the rotation journal, which layer keeps: a plan never uses the edit, and an entry that fails its signature after the merge is blocked"
