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

import (
	"strings"
	"unicode"

	"github.com/layeron/rotate/internal/rotate"
)

// Failure is why there is no plan, or no whole one.
type Failure struct {
	Code    string // names the error in JSON
	Message string
}

// Printable makes text harmless on a terminal: control characters, line breaks
// and characters that reorder or hide others become visible escapes.
//
// In the log of a workflow, what begins with "::" or holds "##[" would be a
// command; the latter gets a space, and the caller that begins a line avoids the former.
func Printable(s string) string {
	s = strings.ReplaceAll(s, "##[", "## [")
	if !strings.ContainsFunc(s, invisible) && strings.ToValidUTF8(s, "") == s {
		return s
	}
	var out strings.Builder
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		if invisible(r) {
			out.WriteString(escape(r))
		} else {
			out.WriteRune(r)
		}
	}
	return out.String()
}

func invisible(r rune) bool { return !unicode.IsPrint(r) }

func escape(r rune) string {
	const hex = "0123456789abcdef"
	out := []byte(`\u{`)
	for shift := 20; shift >= 0; shift -= 4 {
		if digit := r >> shift & 0xf; digit != 0 || len(out) > 3 || shift == 0 {
			out = append(out, hex[digit])
		}
	}
	return string(append(out, '}'))
}

// outcome is what an apply did for an entry, if it was one.
func outcome(result rotate.Result, i int) (rotate.Outcome, bool) {
	o, ok := result.Outcomes[result.Plan.Entries[i].ID]
	return o, ok && o.Result != ""
}
