package report_test

import (
	"html"
	"strings"
	"testing"

	"github.com/layeron/rotate/internal/report"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"not due yet":           "not due yet",
		"slot 2026-07-01 00:00": "slot 2026-07-01 00:00",
		"retain_for 7 days":     "retain_for 7 days",
		"a|b":                   "a&#124;b",
		"@octocat":              "@&#8203;octocat",
		"fixes #12, GH-3":       "fixes &#35;&#8203;12, GH-&#8203;3",
		"https://evil.example":  "https:&#8203;//evil.example",
		"www.evil.example":      "www&#46;evil.example",
		":tada:":                ":&#8203;tada:",
		":a:b:":                 ":&#8203;a:&#8203;b:",
		"<img src=x>":           "&#60;img src=x&#62;",
		"[x](y)":                "&#91;x&#93;(y)",
		"_it_ **b** ~~s~~ `c`":  "&#95;it&#95; &#42;&#42;b&#42;&#42; &#126;&#126;s&#126;&#126; &#96;c&#96;",
		"&amp;":                 "&#38;amp;",
		"$x$":                   "<span>&#36;</span>x<span>&#36;</span>",
		"- item":                "&#45; item",
		"12. item":              "12&#46; item",
		"two\nlines\u202e":      "two&#92;u{a}lines&#92;u{202e}",
		"not \xff UTF-8":        "not \ufffd UTF-8",
		"see src/x.ts:100:2":    "see src/x.ts:&#8203;100:2", // :100: is an emoji
	} {
		if got := report.Text(in); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

func TestCodeSpan(t *testing.T) {
	for in, want := range map[string]string{
		"auth/session-key": "`auth/session-key`",
		"<b> & @octocat":   "<code>&#60;b&#62; &#38; @&#8203;octocat</code>",
		"a|b":              "<code>a&#124;b</code>",
		"a/<!-- layer -->": "<code>a/&#60;!-- layer --&#62;</code>",
		"a`b":              "<code>a&#96;b</code>",
		`a\b`:              "<code>a&#92;b</code>",
		" a":               "<code>&#32;a</code>",
		"":                 "<code></code>",
		"a\nb":             "<code>a&#92;u{a}b</code>",
	} {
		if got := report.CodeSpan(in); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

// Any text is shown unchanged, and none of it has a meaning in Markdown.
func FuzzText(f *testing.F) {
	for _, s := range append(evil, "<span>&#36;</span>", "a\r\nb", "\u200b@x", "x@y.z") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text := report.Text(s)
		inert(t, text)
		if got, want := shown(text), report.Printable(s); got != want {
			t.Errorf("shows as %q, want %q", got, want)
		}
		code := report.CodeSpan(s)
		if inner, span := strings.CutPrefix(code, "`"); span {
			if inner = strings.TrimSuffix(inner, "`"); strings.ContainsAny(inner, "`|<\r\n") || inner != report.Printable(s) {
				t.Errorf("%q does not show %q as code in a table", code, s)
			}
			return
		}
		inert(t, strings.TrimSuffix(strings.TrimPrefix(code, "<code>"), "</code>"))
	})
}

const dollar = "<span>&#36;</span>"

func inert(t *testing.T, text string) {
	t.Helper()
	if rest := strings.ReplaceAll(text, dollar, ""); strings.ContainsAny(rest, "|<>\r\n`*~[]\\$") {
		t.Errorf("%q has characters with a meaning in Markdown", rest)
	}
	for i := range text {
		if text[i] == '@' && !strings.HasPrefix(text[i:], "@&#8203;") || strings.HasPrefix(text[i:], "://") {
			t.Errorf("%q mentions a user or links", text)
		}
	}
}

// shown returns what a reader sees of escaped text.
func shown(text string) string {
	text = strings.ReplaceAll(text, "&#8203;", "")
	return html.UnescapeString(strings.ReplaceAll(text, dollar, "&#36;"))
}
