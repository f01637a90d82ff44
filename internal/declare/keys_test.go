package declare

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFindKey(t *testing.T) {
	for name, c := range map[string]struct {
		text string // ‹ marks where the key is
		path string
	}{
		"plain":                   {`f({ a: 1, ‹b: 2 })`, "b"},
		"nested":                  {`f({ a: { b: { ‹c: 1 } } })`, "a.b.c"},
		"quoted":                  {`f({ a: { "x/y": 1, ‹'b/c': 2 } })`, "a.b/c"},
		"not the nested one":      {`f({ x: { b: 1 }, ‹b: 2 })`, "b"},
		"the last of two":         {`f({ b: 1, ‹b: 2 })`, "b"},
		"the parent's":            {`f({ ‹a: other, b: 1 })`, "a.b"},
		"shorthand":               {`f({ x, ‹a, y })`, "a.b"},
		"in parentheses":          {`f({ a: (({ ‹b: 1 }) as const), c: 2 })`, "a.b"},
		"behind a string":         {`f({ x: "}, b: \"", y: '{', ‹b: 1 })`, "b"},
		"behind a template":       {"f({ x: `}${ { b: `}` } } b:`, ‹b: 1 })", "b"},
		"behind a comment":        {"f({ /* b: 1 } */ // b: 2 }\n ‹b: 3 })", "b"},
		"behind a pattern":        {`f({ x: /[/}]b:\/}/g, y: 4 / 2 / 1, ‹b: 1 })`, "b"},
		"behind a function":       {`f({ x(a) { return { b: 1 } }, y: (z) => { b: 1 }, ‹b: 2 })`, "b"},
		"behind a spread":         {`f({ ...{ b: 1 }, [b]: 2, ‹b: 3 })`, "b"},
		"type arguments":          {`f<{ b: 1 }>({ ‹b: 1 })`, "b"},
		"a chain":                 {"g(1).x[\"y\"]\n  .f({ ‹b: 1 })", "b"},
		"an assertion":            {`f!({ ‹b: 1 } satisfies X)`, "b"},
		"unclosed, at least once": {`f({ ‹b: 1, c: (`, "b"},
	} {
		want := strings.Index(c.text, "‹")
		got, ok := findKey(strings.Replace(c.text, "‹", "", 1), 0, strings.Split(c.path, "."))
		if !ok || got != want {
			t.Errorf("%s: got %d, %v, want %d", name, got, ok, want)
		}
	}
	for _, text := range []string{"", "f", "f(options)", "f()", "f({", "f({})", `f({ a: 1 })`, "f; g({ b: 1 })", "f(/* { b: 1 } */)"} {
		if at, ok := findKey(text, 0, []string{"b"}); ok {
			t.Errorf("%s: found at %d", text, at)
		}
	}
}

// The scanner reads whatever the user's file holds: it must always end, and
// inside the file.
func FuzzFindKey(f *testing.F) {
	f.Add("f({ a: { b: `${x}` } })", 0)
	f.Add("f(({[`'\"/*//\\", 2)
	f.Fuzz(func(t *testing.T, text string, start int) {
		if start < 0 || start > len(text) {
			return
		}
		if at, ok := findKey(text, start, []string{"a", "b"}); ok && (at < start || at >= len(text)) {
			t.Errorf("found at %d of %d", at, len(text))
		}
	})
}

func TestChainStart(t *testing.T) {
	for _, line := range []string{
		"x = ‹import_modules.secret.random›({", "‹random›({", "x((0, ‹a.b›)({", "[‹a[\"b\"](1).c›({", "  ‹f\\u00FCx.y›({", "!‹a?.b›({",
	} {
		start := strings.Index(line, "‹")
		paren := strings.Index(line, "›") - len("‹")
		plain := strings.NewReplacer("‹", "", "›", "").Replace(line)
		if strings.HasPrefix(plain[paren:], ")") {
			paren++
		}
		if got := chainStart(plain, paren); got != start {
			t.Errorf("%s: got %d, want %d", line, got, start)
		}
	}
}

func TestPositionsInLines(t *testing.T) {
	s := newSource("a\r\nü🔑b\u2028c\rd\n")
	for _, c := range []struct{ line, column, offset int }{{1, 1, 0}, {2, 1, 3}, {2, 2, 5}, {2, 4, 9}, {3, 1, 13}, {4, 1, 15}, {5, 1, 17}} {
		if got := s.offset(c.line, c.column); got != c.offset {
			t.Errorf("offset of %d:%d: got %d, want %d", c.line, c.column, got, c.offset)
		}
		if got := s.position(c.offset); got.Line != c.line || got.Column != c.column {
			t.Errorf("position of %d: got %d:%d, want %d:%d", c.offset, got.Line, got.Column, c.line, c.column)
		}
	}
}

func TestPrintableIsPrintable(t *testing.T) {
	for _, s := range []string{"", "plain", "a\nb", "\x1b[31m", "\u202e", "\xff", strings.Repeat("\u202e", 2*maxMessage), "::error::\r\n"} {
		got := printable(s)
		if printable(got) != got || strings.ContainsAny(got, "\n\r\x1b\u202e") || !utf8.ValidString(got) {
			t.Errorf("%q becomes %q", s, got)
		}
	}
}
