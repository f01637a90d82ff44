package report

import "strings"

// inertLines escapes a message line by line: a hint has its own line.
func inertLines(s string) string {
	var out []string
	for line := range strings.Lines(clip(s, 4*maxText)) {
		out = append(out, prose(strings.TrimRight(line, "\r\n")))
	}
	return strings.Join(out, "\n")
}

// prose escapes a sentence in which layer puts commands between backticks, and
// names in those commands between single quotes, as a shell needs them.
func prose(s string) string {
	before, rest, found := strings.Cut(s, "`layer ")
	end := commandEnd(rest)
	if !found || end < 0 {
		return quoted(s)
	}
	return quoted(before) + CodeSpan("layer "+rest[:end]) + prose(rest[end+1:])
}

// commandEnd returns the index of the backtick that ends a command, or -1. A
// backtick in a quoted name does not end it.
func commandEnd(s string) int {
	inName := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && !inName:
			i++
		case s[i] == '\'':
			inName = !inName
		case s[i] == '`' && !inName:
			return i
		}
	}
	return -1
}

// quoted escapes a sentence and formats what is between backticks as code.
func quoted(s string) string {
	if strings.Count(s, "`")%2 == 1 {
		return Text(s)
	}
	var out strings.Builder
	for i, part := range strings.Split(s, "`") {
		switch {
		case part == "":
		case i%2 == 1:
			out.WriteString(CodeSpan(part))
		default:
			out.WriteString(Text(part))
		}
	}
	return out.String()
}
