package declare

import (
	"fmt"
	"strings"

	"github.com/go-sourcemap/sourcemap"
	"github.com/grafana/sobek/ast"

	"github.com/layeron/rotate/internal/secret"
)

// positions translates places in a bundle to places in the user's files.
type positions struct {
	syntax  *syntax
	mapping *sourcemap.Consumer
}

func newPositions(program *ast.Program, sourceMap []byte) (*positions, error) {
	mapping, err := sourcemap.Parse("", sourceMap)
	if err != nil {
		return nil, fmt.Errorf("read source map: %w", err)
	}
	return &positions{syntax: &syntax{program: program}, mapping: mapping}, nil
}

// of returns the position in the user's file that a place in the bundle comes
// from.
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

// innermost returns the first of several places that is in a file of the user.
func (p *positions) innermost(frames []generated) secret.Position {
	for _, at := range frames {
		if position, ok := p.of(at); ok {
			return position
		}
	}
	return secret.Position{}
}

// call returns where a call expression starts, given the place of its opening
// parenthesis.
func (p *positions) call(at generated) secret.Position {
	if call := p.syntax.call(at); call != nil {
		at = p.syntax.callee(call)
	}
	position, _ := p.of(at)
	return position
}

// key returns where an option is written in a call, given the place of the
// call's opening parenthesis: the innermost key of the path that is written
// literally, else the start of the call.
func (p *positions) key(at generated, path ...string) secret.Position {
	if call := p.syntax.call(at); call != nil && len(call.ArgumentList) > 0 {
		if key, ok := p.syntax.key(call.ArgumentList[0], path); ok {
			if position, ok := p.of(key); ok {
				return position
			}
		}
	}
	return p.call(at)
}
