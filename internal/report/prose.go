package report

import "strings"

// inertLines is text that may have a hint on a line of its own.
func inertLines(s string) string {
	var out []string
	for line := range strings.Lines(clip(s, 4*maxText)) {
		out = append(out, prose(strings.TrimRight(line, "\r\n")))
	}
	return strings.Join(out, "\n")
}

// prose is text of ours that sets commands between backticks, and names in them
// between single quotes, as for a shell.
func prose(s string) string {
	before, rest, found := strings.Cut(s, "`layer ")
	end := commandEnd(rest)
	if !found || end < 0 {
		return quoted(s)
	}
	return quoted(before) + CodeSpan("layer "+rest[:end]) + prose(rest[end+1:])
}

// commandEnd is where the backtick is that ends a command and is no part of a
// name in it.
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

// quoted shows text between pairs of backticks as code.
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
