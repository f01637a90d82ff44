package declare

import (
	"sort"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/layeron/rotate/internal/secret"
)

// source is the text of a user's file, with its lines as editors count them.
type source struct {
	text  string
	lines []int // the byte offset of each line's start
}

func newSource(text string) *source {
	s := &source{text: text, lines: []int{0}}
	for i, r := range text {
		switch {
		case r == '\r' && strings.HasPrefix(text[i+1:], "\n"):
		case r == '\n', r == '\r', r == '\u2028', r == '\u2029':
			s.lines = append(s.lines, i+utf8.RuneLen(r))
		}
	}
	return s
}

// offset is the byte offset of a line and column, both counted from 1, the
// column in UTF-16 units.
func (s *source) offset(line, column int) int {
	if line < 1 || line > len(s.lines) {
		return len(s.text)
	}
	start := s.lines[line-1]
	units := 1
	for i, r := range s.text[start:] {
		if units >= column {
			return start + i
		}
		units += max(utf16.RuneLen(r), 1)
	}
	return len(s.text)
}

// position is the reverse of offset; it leaves File empty.
func (s *source) position(offset int) secret.Position {
	line := sort.SearchInts(s.lines, offset+1)
	return secret.Position{Line: line, Column: utf16Length(s.text[s.lines[line-1]:offset]) + 1}
}

func utf16Length(s string) int {
	n := 0
	for _, r := range s {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}

// generated is a place in a bundle: a line counted from 1 and a column counted
// from 0. The zero value means that the place is not known.
type generated struct{ line, column int }
