package declare

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPrintableIsPrintable(t *testing.T) {
	for _, s := range []string{"", "plain", "a\nb", "\x1b[31m", "\u202e", "\xff", strings.Repeat("\u202e", 2*maxMessage), "::error::\r\n"} {
		got := printable(s)
		if printable(got) != got || strings.ContainsAny(got, "\n\r\x1b\u202e") || !utf8.ValidString(got) {
			t.Errorf("%q becomes %q", s, got)
		}
	}
}
