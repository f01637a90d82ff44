package report

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
)

// Text escapes untrusted text for a line of Markdown: GitHub shows it
// unchanged, and it formats, links, notifies and references nothing. Characters
// with a meaning in Markdown become entities. GitHub looks for mentions,
// references and emoji after it has decoded entities, so a zero-width space
// breaks those.
func Text(s string) string {
	s = Printable(s)
	var out strings.Builder
	for i, r := range s {
		switch {
		case r == '$': // GitHub looks for mathematics both before and after it decodes entities
			out.WriteString("<span>&#36;</span>")
		case r == '_' && insideWord(s, i): // has no meaning there, and is easier to read unescaped
			out.WriteRune(r)
		case strings.ContainsRune("&<>|\\`*_~[]#", r), r == '.' && follows(s[:i], "www"), opensBlock(s[:i], r):
			fmt.Fprintf(&out, "&#%d;", r)
		default:
			out.WriteRune(r)
		}
		if triggers(s, i, r) {
			out.WriteString("&#8203;")
		}
	}
	return out.String()
}

func insideWord(s string, i int) bool {
	const word = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	return i > 0 && i+1 < len(s) && strings.IndexByte(word, s[i-1]) >= 0 && strings.IndexByte(word, s[i+1]) >= 0
}

// opensBlock reports whether a rune would begin a list, a heading or an
// indented block if the text were at the beginning of a line.
func opensBlock(before string, r rune) bool {
	if before == "" {
		return strings.ContainsRune(" -+=", r)
	}
	return (r == '.' || r == ')') && strings.Trim(before, "0123456789") == ""
}

// triggers reports whether the rune at i could make GitHub link, notify or show
// an emoji.
func triggers(s string, i int, r rune) bool {
	switch r {
	case '@', '#':
		return true
	case '-':
		return follows(s[:i], "gh")
	case ':':
		rest := s[i+1:]
		word := strings.TrimLeft(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-")
		return strings.HasPrefix(rest, "//") || len(word) < len(rest) && strings.HasPrefix(word, ":")
	}
	return false
}

func follows(before, word string) bool {
	return len(before) >= len(word) && strings.EqualFold(before[len(before)-len(word):], word)
}

// CodeSpan formats untrusted text as code, in table cells too. It uses
// backticks unless the text contains a pipe, which would end the cell, or a
// "<": between backticks, "<!--" would still look like one of layer's own
// marks.
func CodeSpan(s string) string {
	s = Printable(s)
	if s != "" && !strings.ContainsAny(s, "`|\\<") && strings.TrimSpace(s) == s {
		return "`" + s + "`"
	}
	return "<code>" + Text(s) + "</code>"
}

// clip cuts a text to a number of runes.
func clip(s string, runes int) string {
	n := 0
	for i := range s {
		if n++; n > runes {
			return s[:i] + "…"
		}
	}
	return s
}

// maxText is the length in runes to which untrusted text is cut. An id is
// shorter.
const maxText = 300

func shortText(s string) string { return Text(clip(s, maxText)) }

func shortCode(s string) string { return CodeSpan(clip(s, maxText)) }

// link returns a link, or only its label if the address is not safe to use.
func link(label, address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || strings.ContainsFunc(address, unsafeInLink) {
		return label
	}
	return "[" + label + "](" + address + ")"
}

func unsafeInLink(r rune) bool {
	return r > unicode.MaxASCII || invisible(r) || strings.ContainsRune(" ()<>[]|\\`\"", r)
}
