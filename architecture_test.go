package main

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
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
	"secret":        {},
	"declare":       {"secret", "github.com/evanw/esbuild/", "github.com/grafana/sobek", "github.com/go-sourcemap/sourcemap"},
	"schedule":      {"secret"},
	"keyring":       {"secret"},
	"rootkey":       {"secret"},
	"journal":       {"secret", "rootkey"},
	"atomicfile":    {},
	"journalfile":   {"journal", "atomicfile"},
	"plan":          {"secret", "schedule", "keyring", "rootkey", "journal"},
	"forecast":      {"secret", "schedule", "keyring", "plan"},
	"rotate":        {"secret", "schedule", "keyring", "rootkey", "journal", "plan"},
	"httpretry":     {},
	"store":         {"secret", "httpretry", "github.com/cloudflare/cloudflare-go/v4/secrets_store", "github.com/cloudflare/cloudflare-go/v4/option"},
	"emulator":      {"atomicfile"},
	"github":        {"httpretry", "github.com/google/go-github/v66/"},
	"journalbranch": {"journal", "github"},
	"report":        {"secret", "plan", "forecast", "rotate"},
	"actions":       {"github.com/sethvargo/go-githubactions"},
	"run":           {"secret", "declare", "plan", "rootkey", "journal", "journalfile", "atomicfile", "rotate", "httpretry", "store", "emulator"},
	"action":        {"secret", "journal", "plan", "forecast", "rotate", "report", "actions", "run", "httpretry", "github", "journalbranch", "atomicfile"},
	"cli": {"secret", "declare", "rootkey", "journal", "plan", "rotate", "report", "run", "action",
		"github.com/spf13/cobra", "github.com/spf13/pflag", "golang.org/x/term"},
	"fake":     {"secret", "keyring", "rootkey", "emulator"},
	"contract": {"github.com/santhosh-tekuri/jsonschema/v6"},
	"plantest": {"secret", "journal", "plan", "rotate", "fake"},
}

// fileOrder is the order in which the files of a package depend on each other:
// a file uses its own declarations and those of files further down.
var fileOrder = map[string][]string{
	"plan": {"make.go", "advice.go", "operator.go", "external.go", "alteration.go", "orphans.go", "decide.go", "intent.go", "reconcile.go", "standing.go",
		"retention.go", "state.go", "storedvalue.go", "quote.go", "plan.go"},
}

// tangled packages are those whose files do not depend in one direction yet.
var tangled = []string{"fake"}

// pure packages take no clock, randomness, environment, files or network from
// their surroundings.
var (
	pure    = []string{"secret", "schedule", "keyring", "rootkey", "journal", "plan", "forecast", "report"}
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

// Inside a package, files depend on each other in one direction: no two
// files use each other's declarations, directly or through other files. Where
// fileOrder has the package, that is the direction.
func TestFilesDependInOneDirection(t *testing.T) {
	folders, err := filepath.Glob("internal/*")
	if err != nil || len(folders) < 10 {
		t.Fatalf("%d packages found: %v", len(folders), err)
	}
	for _, folder := range folders {
		if slices.Contains(tangled, filepath.Base(folder)) {
			continue
		}
		uses := fileUses(t, folder)
		order := fileOrder[filepath.Base(folder)]
		for file, used := range uses {
			for other, name := range used {
				if reaches(uses, other, file, map[string]bool{}) {
					t.Errorf("%s: %s uses %s of %s, which uses %s in turn", folder, file, name, other, file)
				}
				if from, to := slices.Index(order, file), slices.Index(order, other); order != nil && (from < 0 || to < from) {
					t.Errorf("%s: %s uses %s of %s, against the order of the package", folder, file, name, other)
				}
			}
		}
	}
	if len(fileUses(t, "internal/plan")) == 0 {
		t.Error("no uses between the files of plan were found: this test reads nothing")
	}
}

// fileUses lists, for each file of a package, the files whose declarations it
// uses, with one name for each.
func fileUses(t *testing.T, folder string) map[string]map[string]string {
	t.Helper()
	files := token.NewFileSet()
	var parsed []*ast.File
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if fits, err := build.Default.MatchFile(folder, filepath.Base(path)); err != nil || !fits || strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, file)
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	// Imports are empty packages, so types from them are unknown: those errors
	// are expected, and the package's own declarations resolve all the same.
	config := types.Config{Importer: emptyImports{}, Error: func(error) {}}
	pkg, _ := config.Check(folder, files, parsed, info)
	uses := map[string]map[string]string{}
	for ident, object := range info.Uses {
		_, method := object.(*types.Func)
		if object.Pkg() != pkg || object.Parent() != pkg.Scope() && !method {
			continue
		}
		from, to := filepath.Base(files.Position(ident.Pos()).Filename), filepath.Base(files.Position(object.Pos()).Filename)
		if from == to {
			continue
		}
		if uses[from] == nil {
			uses[from] = map[string]string{}
		}
		uses[from][to] = object.Name()
	}
	return uses
}

// reaches reports whether one file uses another, directly or through others.
func reaches(uses map[string]map[string]string, from, to string, seen map[string]bool) bool {
	if from == to {
		return true
	}
	if seen[from] {
		return false
	}
	seen[from] = true
	for next := range uses[from] {
		if reaches(uses, next, to, seen) {
			return true
		}
	}
	return false
}

// emptyImports resolves every import to an empty package.
type emptyImports struct{}

func (emptyImports) Import(path string) (*types.Package, error) {
	pkg := types.NewPackage(path, filepath.Base(path))
	pkg.MarkComplete()
	return pkg, nil
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
