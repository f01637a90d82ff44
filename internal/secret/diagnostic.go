package secret

import (
	"cmp"
	"fmt"
	"slices"
)

// Severity of a diagnostic. An error forbids to plan or write; a warning does
// not.
type Severity string

// The severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Position is a place in the user's own TypeScript: a slash-separated path
// relative to the project, and a line and column counted from 1, the column in
// UTF-16 units as editors and tsc count. A zero Line means that only the file
// is known; an empty File that not even that is.
type Position struct {
	File   string
	Line   int
	Column int
}

// String is the form that terminals turn into a link: file:line:column.
func (p Position) String() string {
	switch {
	case p.File == "":
		return "-"
	case p.Line == 0:
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Diagnostic is one finding about the declarations. Code is stable and may be
// relied on; Message says what is wrong and what to do.
type Diagnostic struct {
	Severity Severity
	Code     string
	Message  string
	Position Position
}

// HasErrors tells whether any of the diagnostics is an error.
func HasErrors(diagnostics []Diagnostic) bool {
	return slices.ContainsFunc(diagnostics, func(d Diagnostic) bool { return d.Severity == Error })
}

// SortDiagnostics orders by file, line, column and code, and drops exact
// repetitions: a helper called from two backends is wrong once.
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
