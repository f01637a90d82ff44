package declare

import (
	"strings"
	"testing"

	"github.com/grafana/sobek"
	"github.com/grafana/sobek/ast"
	"github.com/grafana/sobek/parser"
)

// parseCall parses a text and returns a call in it that takes an object
// literal, or nil.
func parseCall(t *testing.T, text string) (*syntax, *ast.CallExpression) {
	t.Helper()
	program, err := sobek.Parse(bundleName, text, parser.IsModule)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	s := &syntax{program: program}
	s.call(generated{})
	for at, call := range s.calls {
		if len(call.ArgumentList) > 0 {
			if _, ok := call.ArgumentList[0].(*ast.ObjectLiteral); ok && s.call(at) == call {
				return s, call
			}
		}
	}
	return s, nil
}

// mark removes the ‹ from a text and returns where it was.
func mark(text string) (plain string, at generated) {
	before, after, _ := strings.Cut(text, "‹")
	return before + after, generated{strings.Count(before, "\n") + 1, len(before) - strings.LastIndex(before, "\n") - 1}
}

func TestKey(t *testing.T) {
	for name, c := range map[string]struct {
		text string // ‹ is in front of the key to find
		path string
	}{
		"plain":              {`f({ a: 1, ‹b: 2 })`, "b"},
		"nested":             {`f({ a: { b: { ‹c: 1 } } })`, "a.b.c"},
		"quoted":             {`f({ a: { "x/y": 1, ‹'b/c': 2 } })`, "a.b/c"},
		"escaped":            {`f({ a: 1, ‹\u0062: 2, c: 3 })`, "b"},
		"escaped in quotes":  {`f({ a: 1, ‹"\u0062": 2 })`, "b"},
		"a literal computed": {`f({ a: 1, [‹"b"]: 2 })`, "b"},
		"a number":           {`f({ a: 1, ‹7: 2 })`, "7"},
		"a getter":           {`f({ a: 1, get ‹b() { return 2 } })`, "b"},
		"not the nested one": {`f({ x: { b: 1 }, ‹b: 2 })`, "b"},
		"the last of two":    {`f({ b: 1, ‹b: 2 })`, "b"},
		"the parent's":       {`f({ ‹a: other, b: 1 })`, "a.b"},
		"shorthand":          {`f({ x, ‹a, y })`, "a.b"},
		"in parentheses":     {`f({ a: (({ ‹b: 1 })), c: 2 })`, "a.b"},
		"on another line":    {"f({\n  a: 1,\n  ‹b: 2 })", "b"},
		"after a string":     {`f({ x: "}, b: \"", y: '{', ‹b: 1 })`, "b"},
		"after a template":   {"f({ x: `}${ { b: `}` } } b:`, ‹b: 1 })", "b"},
		"after a comment":    {"f({ /* b: 1 } */ // b: 2 }\n ‹b: 3 })", "b"},
		"after a pattern":    {`f({ x: /[/}]b:\/}/g, y: 4 / 2 / 1, ‹b: 1 })`, "b"},
		"after a function":   {`f({ x(a) { return { b: 1 } }, y: (z) => { b: 1 }, ‹b: 2 })`, "b"},
		"after a spread":     {`f({ ...{ b: 1 }, [b]: 2, ‹b: 3 })`, "b"},
		"a chain":            {"g(1).x[\"y\"]\n  .f({ ‹b: 1 })", "b"},
		"in a function":      {`var x = function () { var y = f({ ‹b: 1 }) }`, "b"},
		"in a class":         {`class A { static x = [() => f({ ‹b: 1 })] }`, "b"},
	} {
		plain, want := mark(c.text)
		s, call := parseCall(t, plain)
		if call == nil {
			t.Errorf("%s: the call is not found", name)
			continue
		}
		if got, ok := s.key(call.ArgumentList[0], strings.Split(c.path, ".")); !ok || got != want {
			t.Errorf("%s: got %v, %v, want %v", name, got, ok, want)
		}
	}
	for _, text := range []string{"f({})", "f({ a: 1 })", "f({ a: { b: 1 } })", "f({ [b]: 1 })", "f({ ...{ b: 1 } })"} {
		s, call := parseCall(t, text)
		if at, ok := s.key(call.ArgumentList[0], []string{"b"}); ok {
			t.Errorf("%s: found at %v", text, at)
		}
	}
}

func TestCallee(t *testing.T) {
	for _, text := range []string{
		"x = ‹import_modules.secret.random({})", "‹random({})", "x((0, ‹a.b)({}))", "[‹a[\"b\"](1).c({})]", "  ‹f\\u00FCx.y({})", "!‹a?.b({})",
		"if (x)\n  ‹a?.[b]?.({})", "new A(‹b({}))", "for (const x of ‹a.b({})) c()", "`${‹a({})}`", "(‹() => a)({})",
	} {
		plain, want := mark(text)
		s, call := parseCall(t, plain)
		if call == nil {
			t.Errorf("%s: the call is not found", text)
		} else if got := s.callee(call); got != want {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
}

// A deep tree does not exhaust the stack, and nested functions are visited
// once.
func TestFindCallsInADeepTree(t *testing.T) {
	const depth = 200
	if _, call := parseCall(t, "x = "+strings.Repeat("1 + ", 100_000)+"f({})"); call == nil {
		t.Error("the call in a long sum is not found")
	}
	if _, call := parseCall(t, strings.Repeat("var x = function () { ", depth)+"f({})"+strings.Repeat(" }", depth)); call == nil {
		t.Error("the call in nested functions is not found")
	}
}

// In all code that the engine can parse, the calls are found at places in the
// code.
func FuzzCalls(f *testing.F) {
	f.Add("f({ a: { b: `${x}` } })")
	f.Add("class A { #a = 1n; static { for (var { a, ...b } of [,]) a?.b({ a }) } }")
	f.Fuzz(func(t *testing.T, text string) {
		program, err := sobek.Parse(bundleName, text, parser.IsModule)
		if err != nil {
			return
		}
		lines := strings.Count(text, "\n") + strings.Count(text, "\r") + strings.Count(text, "\u2028") + strings.Count(text, "\u2029") + 1
		s := &syntax{program: program}
		s.call(generated{})
		for at, call := range s.calls {
			for _, place := range []generated{at, s.callee(call)} {
				if place.line < 1 || place.line > lines || place.column < 0 || place.column > len(text) {
					t.Errorf("place %v in %d lines", place, lines)
				}
			}
			for _, argument := range call.ArgumentList {
				s.key(argument, []string{"a", "b"})
			}
		}
	})
}
