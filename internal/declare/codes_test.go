package declare_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/layeron/rotate/internal/declare"
)

// Each code has a case in testdata, which shows its message.
func TestEveryCodeHasACase(t *testing.T) {
	var cases strings.Builder
	for _, pattern := range []string{"testdata/*.txtar", "limits_test.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			cases.Write(text)
		}
	}
	for code, meaning := range declare.Codes() {
		if !strings.Contains(cases.String(), string(code)) {
			t.Errorf("%s (%s) has no case", code, meaning)
		}
	}
}
