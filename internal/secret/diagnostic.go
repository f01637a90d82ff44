package secret

import (
	"cmp"
	"fmt"
	"slices"
)

// Severity says whether a diagnostic stops a run. An Error stops it before
// anything is planned or written; a Warning does not.
type Severity string

// The severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Position is a place in the user's TypeScript: a slash-separated path relative
// to the project, and a line and column counted from 1. The column counts
// UTF-16 units, as editors and tsc do. Line is zero when only the file is
// known, and File is empty when nothing is.
type Position struct {
	File   string
	Line   int
	Column int
}

// String returns file:line:column, which terminals turn into a link.
func (p Position) String() string {
	switch {
	case p.File == "":
		return "-"
	case p.Line == 0:
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Diagnostic is one finding about the declarations. Code never changes between
// releases; Message says what is wrong and what to do.
type Diagnostic struct {
	Severity Severity
	Code     string
	Message  string
	Position Position
}

// HasErrors reports whether any of the diagnostics is an error.
func HasErrors(diagnostics []Diagnostic) bool {
	return slices.ContainsFunc(diagnostics, func(d Diagnostic) bool { return d.Severity == Error })
}

// SortDiagnostics sorts by file, line, column and code, and drops duplicates: a
// mistake in a function that two backends call is reported once.
func SortDiagnostics(diagnostics []Diagnostic) []Diagnostic {
	slices.SortStableFunc(diagnostics, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.Position.File, b.Position.File),
			cmp.Compare(a.Position.Line, b.Position.Line),
			cmp.Compare(a.Position.Column, b.Position.Column),
			cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Message, b.Message),
		)
	})
	return slices.Compact(diagnostics)
}
