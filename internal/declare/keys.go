package declare

import "strings"

// findKey looks, in the call expression that starts at start, for the object
// literal it is given and there for a key: path "rotation", "everyDays" is the
// everyDays of `f({ rotation: { everyDays: 6 } })`. It returns the offset of
// the innermost key of the path that is written literally; ok is false if none
// is.
func findKey(text string, start int, path []string) (offset int, ok bool) {
	s := &scanner{text: text, at: start}
	if len(path) == 0 || !s.toArgument() {
		return 0, false
	}
	return s.keyIn(path)
}

// scanner reads as much of TypeScript as it takes to find keys: space,
// comments, quotes, brackets and regular expressions.
type scanner struct {
	text string
	at   int
}

// toArgument moves to the brace of the first call argument that is an object
// literal.
func (s *scanner) toArgument() bool {
	for s.at < len(s.text) {
		s.space()
		switch c := s.peek(); {
		case c == '(':
			s.at++
			if s.space(); s.peek() == '{' {
				return true
			}
			s.to(')')
			s.at++
		case c == '<':
			s.to('>')
		case isNamePart(c) || strings.IndexByte(".?!>[\"'", c) >= 0:
			s.skip()
		default:
			return false
		}
	}
	return false
}

// keyIn finds a key in the object literal at the scanner, and leaves the
// scanner behind the literal. The last of several equal keys counts, as it
// does in JavaScript.
func (s *scanner) keyIn(path []string) (offset int, ok bool) {
	s.at++ // the brace
	for s.at < len(s.text) {
		s.space()
		switch s.peek() {
		case '}':
			s.at++
			return offset, ok
		case ')', ']': // what is left of a value in parentheses
			s.at++
			continue
		}
		start := s.at
		if s.key() == path[0] {
			offset, ok = start, true
			if inner, found := s.valueKey(path[1:]); found {
				offset = inner
			}
		}
		s.to(',')
		if s.peek() == ',' {
			s.at++
		}
	}
	return offset, ok
}

// valueKey looks for the rest of a path in the value that follows a key.
func (s *scanner) valueKey(path []string) (int, bool) {
	if s.space(); len(path) == 0 || s.peek() != ':' {
		return 0, false
	}
	s.at++
	for s.space(); s.peek() == '('; s.space() {
		s.at++
	}
	if s.peek() != '{' {
		return 0, false
	}
	return s.keyIn(path)
}

// key reads a key and returns its name, or "" for what is none: a spread, a
// computed key, a method.
func (s *scanner) key() string {
	start := s.at
	switch c := s.peek(); {
	case c == '"' || c == '\'':
		s.quoted(c)
		return s.text[start+1 : max(start+1, s.at-1)]
	case isNamePart(c):
		for isNamePart(s.peek()) {
			s.at++
		}
		return s.text[start:s.at]
	}
	return ""
}

// to moves to the next given byte, or to the end of the enclosing brackets.
func (s *scanner) to(end byte) {
	for s.at < len(s.text) {
		s.space()
		c := s.peek()
		if c == end || c == ')' || c == ']' || c == '}' {
			return
		}
		s.skip()
	}
}

// skip moves over one piece: a bracketed or quoted one as a whole.
func (s *scanner) skip() {
	switch c := s.peek(); c {
	case '(', '[', '{':
		s.at++
		s.to(closing(c))
		for s.at < len(s.text) && s.peek() != closing(c) {
			s.at++ // brackets that do not match
		}
		s.at++
	case '"', '\'':
		s.quoted(c)
	case '`':
		s.template()
	case '/':
		s.slash()
	default:
		s.at++
	}
}

func closing(open byte) byte {
	return map[byte]byte{'(': ')', '[': ']', '{': '}'}[open]
}

// quoted moves over a string, which ends at its quote or, if it is broken, at
// the end of the line.
func (s *scanner) quoted(quote byte) {
	for s.at++; s.at < len(s.text); s.at++ {
		switch s.text[s.at] {
		case '\\':
			s.at++
		case quote:
			s.at++
			return
		case '\n':
			return
		}
	}
}

func (s *scanner) template() {
	for s.at++; s.at < len(s.text); s.at++ {
		switch {
		case s.text[s.at] == '\\':
			s.at++
		case s.text[s.at] == '`':
			s.at++
			return
		case strings.HasPrefix(s.text[s.at:], "${"):
			s.at++
			s.skip()
			s.at--
		}
	}
}

// slash moves over a division sign or a regular expression: it is one where a
// value is expected.
func (s *scanner) slash() {
	before := strings.TrimRight(s.text[:s.at], " \t\r\n")
	if before == "" || strings.IndexByte("(,=:[!&|?{};", before[len(before)-1]) < 0 {
		s.at++
		return
	}
	class := false
	for s.at++; s.at < len(s.text) && s.text[s.at] != '\n'; s.at++ {
		switch c := s.text[s.at]; {
		case c == '\\':
			s.at++
		case c == '[':
			class = true
		case c == ']':
			class = false
		case c == '/' && !class:
			s.at++
			return
		}
	}
}

// space moves over white space and comments.
func (s *scanner) space() {
	for s.at < len(s.text) {
		rest := s.text[s.at:]
		switch {
		case strings.IndexByte(" \t\r\n\f\v", rest[0]) >= 0:
			s.at++
		case strings.HasPrefix(rest, "//"):
			s.at += lengthUntil(rest, "\n")
		case strings.HasPrefix(rest, "/*"):
			s.at += 2 + lengthUntil(rest[2:], "*/")
		default:
			return
		}
	}
}

// lengthUntil is the length of s up to and with the end mark.
func lengthUntil(s, end string) int {
	if i := strings.Index(s, end); i >= 0 {
		return i + len(end)
	}
	return len(s)
}

// peek is the byte at the scanner, 0 at the end.
func (s *scanner) peek() byte {
	if s.at < len(s.text) {
		return s.text[s.at]
	}
	return 0
}

func isNamePart(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
