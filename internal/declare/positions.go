package declare

import (
	"fmt"
	"strings"

	"github.com/go-sourcemap/sourcemap"

	"github.com/layeron/rotate/internal/secret"
)

// positions translates places in a bundle to places in the user's files.
type positions struct {
	lines   []string
	mapping *sourcemap.Consumer
	sources map[string]*source
}

func newPositions(code string, sourceMap []byte) (*positions, error) {
	mapping, err := sourcemap.Parse("", sourceMap)
	if err != nil {
		return nil, fmt.Errorf("read source map: %w", err)
	}
	return &positions{lines: strings.Split(code, "\n"), mapping: mapping, sources: map[string]*source{}}, nil
}

// of is where a place of the bundle comes from in a file of the user's.
func (p *positions) of(at generated) (secret.Position, bool) {
	if at.line == 0 {
		return secret.Position{}, false
	}
	file, _, line, column, ok := p.mapping.Source(at.line, at.column)
	if !ok || file == firstModule || strings.HasPrefix(file, standInNamespace+":") || strings.HasPrefix(file, layerNamespace+":") {
		return secret.Position{}, false
	}
	return secret.Position{File: printable(file), Line: line, Column: column + 1}, true
}

// innermost is the first of several places that is in a file of the user's.
func (p *positions) innermost(frames []generated) secret.Position {
	for _, at := range frames {
		if position, ok := p.of(at); ok {
			return position
		}
	}
	return secret.Position{}
}

// call is where a call expression starts, given the place of its opening
// parenthesis.
func (p *positions) call(at generated) secret.Position {
	if at.line < 1 || at.line > len(p.lines) || at.column > len(p.lines[at.line-1]) {
		return secret.Position{}
	}
	start := chainStart(p.lines[at.line-1], at.column)
	position, _ := p.of(generated{at.line, start})
	return position
}

// key is where an option is written in the call that starts at a position: the
// innermost key of the path that is written literally, else the call itself.
func (p *positions) key(call secret.Position, path ...string) secret.Position {
	text := p.source(call.File)
	if text == nil {
		return call
	}
	offset, ok := findKey(text.text, text.offset(call.Line, call.Column), path)
	if !ok {
		return call
	}
	at := text.position(offset)
	at.File = call.File
	return at
}

func (p *positions) source(file string) *source {
	if file == "" {
		return nil
	}
	if s, ok := p.sources[file]; ok {
		return s
	}
	var s *source
	if text := p.mapping.SourceContent(file); text != "" {
		s = newSource(text)
	}
	p.sources[file] = s
	return s
}

// chainStart walks back from a call's parenthesis over the expression that is
// called. esbuild prints it on one line and without space: `a.b`, `a["b"]`,
// `a(1).b` or `(0, a.b)`.
func chainStart(line string, paren int) int {
	i := paren
	for i > 0 {
		c := line[i-1]
		if c == ')' || c == ']' {
			open := matchingOpen(line, i-1)
			if open < 0 {
				break
			}
			i = open
		} else if isNamePart(c) || c == '.' || c == '\\' || c == '?' {
			i--
		} else {
			break
		}
	}
	if strings.HasPrefix(line[i:], "(0, ") {
		return i + len("(0, ")
	}
	return i
}

// matchingOpen finds the bracket that the one at end closes, or -1.
func matchingOpen(line string, end int) int {
	depth := 0
	for i := end; i >= 0; i-- {
		switch line[i] {
		case ')', ']', '}':
			depth++
		case '(', '[', '{':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}
