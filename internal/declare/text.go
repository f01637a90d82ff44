package declare

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Lengths of what messages show, in characters.
const (
	maxMessage = 1000
	maxShown   = 120
)

// printable makes a text safe to show on one line: characters that do not
// print are escaped as in a Go string, and it is cut to maxMessage characters.
func printable(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteByte(' ')
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return cut(b.String(), maxMessage)
}

// shown quotes a text that the user wrote, cut to maxShown characters.
func shown(s string) string { return strconv.Quote(cut(s, maxShown)) }

func cut(s string, length int) string {
	if utf8.RuneCountInString(s) <= length {
		return s
	}
	n := 0
	for i := range s {
		if n == length {
			return s[:i] + "…"
		}
		n++
	}
	return s
}

// oneOf lists words for a message: "a", "b" or "c".
func oneOf[T ~string](words []T) string {
	var b strings.Builder
	for i, w := range words {
		switch {
		case i == 0:
		case i == len(words)-1:
			b.WriteString(" or ")
		default:
			b.WriteString(", ")
		}
		b.WriteString(strconv.Quote(string(w)))
	}
	return b.String()
}
