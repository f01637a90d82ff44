package declare

import (
	"reflect"

	"github.com/grafana/sobek/ast"
	"github.com/grafana/sobek/file"
)

// generated is a place in a bundle: a line counted from 1 and a column counted
// from 0. The zero value means that the place is not known.
type generated struct{ line, column int }

// syntax is the syntax tree of a bundle.
type syntax struct {
	program *ast.Program
	calls   map[generated]*ast.CallExpression // by their opening parenthesis; nil until they are needed
}

// call returns the call whose parenthesis opens at a place, or nil.
func (s *syntax) call(at generated) *ast.CallExpression {
	if s.calls == nil {
		s.calls = map[generated]*ast.CallExpression{}
		s.findCalls()
	}
	return s.calls[at]
}

// findCalls visits all nodes. It does not recurse, because the tree can be
// deep.
func (s *syntax) findCalls() {
	// Each function lists its var declarations once more. Were they visited twice,
	// nested functions would take exponential time.
	declarations := reflect.TypeFor[[]*ast.VariableDeclaration]()
	for nodes := []reflect.Value{reflect.ValueOf(s.program.Body)}; len(nodes) > 0; {
		node := nodes[len(nodes)-1]
		nodes = nodes[:len(nodes)-1]
		switch node.Kind() {
		case reflect.Interface:
			nodes = append(nodes, node.Elem())
		case reflect.Pointer:
			if call, ok := node.Interface().(*ast.CallExpression); ok {
				s.calls[s.place(call.LeftParenthesis)] = call
			}
			nodes = append(nodes, node.Elem())
		case reflect.Slice:
			for i := 0; node.Type() != declarations && i < node.Len(); i++ {
				nodes = append(nodes, node.Index(i))
			}
		case reflect.Struct:
			for i := range node.NumField() {
				nodes = append(nodes, node.Field(i))
			}
		}
	}
}

func (s *syntax) place(i file.Idx) generated {
	at := s.program.File.Position(int(i) - s.program.File.Base())
	return generated{at.Line, at.Column - 1}
}

// callee returns where the expression that is called starts.
func (s *syntax) callee(call *ast.CallExpression) generated {
	callee := call.Callee
	if sequence, ok := callee.(*ast.SequenceExpression); ok { // (0, f)() calls f without a this
		callee = sequence.Sequence[len(sequence.Sequence)-1]
	}
	return s.place(callee.Idx0())
}

// key returns where a key is written in an object literal. The path "rotation",
// "everyDays" is the everyDays of { rotation: { everyDays: 6 } }. If an inner
// key is not written literally, the innermost key of the path that is counts;
// ok is false if none is. The last of several equal keys counts, as in
// JavaScript.
func (s *syntax) key(expression ast.Expression, path []string) (at generated, ok bool) {
	object, isObject := expression.(*ast.ObjectLiteral)
	if !isObject || len(path) == 0 {
		return generated{}, false
	}
	for _, property := range object.Value {
		switch p := property.(type) {
		case *ast.PropertyShort:
			if p.Name.Name.String() == path[0] {
				at, ok = s.place(p.Idx0()), true
			}
		case *ast.PropertyKeyed:
			if keyName(p.Key) == path[0] {
				at, ok = s.place(p.Idx0()), true
				if inner, found := s.key(p.Value, path[1:]); found {
					at = inner
				}
			}
		}
	}
	return at, ok
}

// keyName returns the name of a key that is written literally, or "".
func keyName(key ast.Expression) string {
	switch k := key.(type) {
	case *ast.StringLiteral:
		return k.Value.String()
	case *ast.NumberLiteral:
		return k.Literal
	}
	return ""
}
