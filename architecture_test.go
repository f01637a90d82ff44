package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/layeron/rotate/internal/"

// allowed is what each package under internal/ may import beside the standard
// library: our own packages by name, others by the beginning of their path. It
// is the architecture: data flows down this list, and the pure packages stay
// pure because nothing else is within their reach.
var allowed = map[string][]string{
	"secret":      {},
	"declare":     {"secret", "github.com/evanw/esbuild/", "github.com/grafana/sobek", "github.com/go-sourcemap/sourcemap"},
	"schedule":    {"secret"},
	"keyring":     {"secret"},
	"rootkey":     {"secret"},
	"journal":     {"secret", "rootkey"},
	"atomicfile":  {},
	"journalfile": {"journal", "atomicfile"},
	"plan":        {"secret", "schedule", "keyring", "rootkey", "journal"},
	"rotate":      {"secret", "schedule", "keyring", "rootkey", "journal", "plan"},
	"store":       {"secret", "github.com/cloudflare/cloudflare-go/v4/secrets_store", "github.com/cloudflare/cloudflare-go/v4/option"},
	"emulator":    {"atomicfile"},
	"pr":          {"journal", "github.com/google/go-github/v66/"},
	"report":      {"secret", "plan", "rotate"},
	"actions":     {"github.com/sethvargo/go-githubactions"},
	"cli": {"secret", "declare", "schedule", "keyring", "rootkey", "journal", "atomicfile", "journalfile", "plan", "rotate", "store", "emulator", "pr", "report", "actions",
		"github.com/spf13/cobra", "golang.org/x/term"},
	"fake": {"secret", "rootkey", "emulator"},
}

// pure packages take no clock, randomness, environment, files or network from
// their surroundings.
var (
	pure    = []string{"secret", "schedule", "keyring", "rootkey", "journal", "plan", "report"}
	effects = []string{"os", "net", "net/http", "os/exec", "crypto/rand", "math/rand", "math/rand/v2", "syscall"}
)

// A package that imports what it may not has broken the architecture.
func TestImports(t *testing.T) {
	imports := readImports(t)
	for pkg, paths := range imports {
		rules, known := allowed[pkg]
		if !known {
			t.Errorf("internal/%s is not in the table: say what its one job is, and what it may import", pkg)
		}
		for _, imported := range paths {
			if !mayImport(rules, imported) {
				t.Errorf("internal/%s may not import %s", pkg, imported)
			}
			if slices.Contains(pure, pkg) && slices.Contains(effects, imported) {
				t.Errorf("internal/%s is pure and imports %s", pkg, imported)
			}
		}
	}
	for _, pkg := range []string{"secret", "declare", "plan", "rotate", "cli"} {
		if len(imports[pkg]) == 0 {
			t.Errorf("no imports of internal/%s were found: this test reads nothing", pkg)
		}
	}
}

func mayImport(rules []string, imported string) bool {
	own, isOwn := strings.CutPrefix(imported, module)
	if first, _, _ := strings.Cut(imported, "/"); !isOwn && !strings.Contains(first, ".") {
		return true // standard library
	}
	return slices.ContainsFunc(rules, func(rule string) bool {
		if isOwn {
			return rule == own
		}
		return imported == rule || strings.Contains(rule, ".") && strings.HasPrefix(imported, strings.TrimSuffix(rule, "/")+"/")
	})
}

// readImports lists what the files of each package import, its tests aside.
func readImports(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	err := filepath.WalkDir("internal", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") || strings.Contains(file, "testdata") {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		pkg := path.Base(filepath.ToSlash(filepath.Dir(file)))
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			out[pkg] = append(out[pkg], imported)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The program starts in cli; main has nothing to test.
func TestMainIsShort(t *testing.T) {
	data, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(data), "\n"); lines >= 40 {
		t.Errorf("main.go has %d lines, want under 40", lines)
	}
}
