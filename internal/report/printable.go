package report

import (
	"strings"
	"unicode"
)

// Printable makes text safe to print on a terminal: control characters, line
// breaks and characters that reorder or hide others become visible escapes.
//
// In the log of a workflow, a line that begins with "::" or contains "##["
// would be a command. Printable puts a space into the second; a caller that
// prints untrusted text at the beginning of a line has to prevent the first.
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

// printableLines does what Printable does, and keeps line breaks.
func printableLines(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = Printable(strings.TrimSuffix(line, "\r"))
	}
	return strings.Join(lines, "\n")
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
