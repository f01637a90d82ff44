package report

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
)

// Text makes untrusted text inert in a line of Markdown: it shows as it is and
// formats, links, notifies and references nothing. What Markdown would read is
// written as an entity. GitHub looks for mentions, references and emoji only
// after that, in the text itself, so those are broken by a zero-width space.
func Text(s string) string {
	s = Printable(s)
	var out strings.Builder
	for i, r := range s {
		switch {
		case r == '$': // GitHub's mathematics look at both, source and text
			out.WriteString("<span>&#36;</span>")
		case r == '_' && insideWord(s, i): // reads better as it is, and means nothing
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

// opensBlock reports whether a rune would begin a list, a heading or an indented
// block if the text came first in its line.
func opensBlock(before string, r rune) bool {
	if before == "" {
		return strings.ContainsRune(" -+=", r)
	}
	return (r == '.' || r == ')') && strings.Trim(before, "0123456789") == ""
}

// triggers reports whether the rune at i would make GitHub link or notify.
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

// CodeSpan shows untrusted text as code, also in a table's cell, where a backtick
// span has no certain way to hold a pipe. It never holds a "<": within a backtick
// span, "<!--" would still look like one of layer's marks.
func CodeSpan(s string) string {
	s = Printable(s)
	if s != "" && !strings.ContainsAny(s, "`|\\<") && strings.TrimSpace(s) == s {
		return "`" + s + "`"
	}
	return "<code>" + Text(s) + "</code>"
}

// clip shortens a text whose length nothing else bounds.
func clip(s string, runes int) string {
	n := 0
	for i := range s {
		if n++; n > runes {
			return s[:i] + "…"
		}
	}
	return s
}

// maxText is the longest piece of untrusted text that is shown whole: an id is
// shorter.
const maxText = 300

func shortText(s string) string { return Text(clip(s, maxText)) }

func shortCode(s string) string { return CodeSpan(clip(s, maxText)) }

// link is a link where the address is one, else its label.
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
