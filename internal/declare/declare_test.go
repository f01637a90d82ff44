package declare_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/declare"
	"github.com/layeron/rotate/internal/secret"
)

// TestMain lets the test binary be its own child, as the program is.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == declare.ChildArg {
		os.Exit(declare.RunChild(os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// With -update the expectations are written; review them before a commit.
var update = flag.Bool("update", false, "rewrite the expectations of testdata")

// Each file of testdata is a project. Its comment may have option lines such
// as "entry: worker.ts"; its file `want` lists the expected secrets and
// diagnostics, and `document.json`, where there is one, is the whole document.
func TestProjects(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			dir, a := t.TempDir(), parseArchive(string(text))
			expected := unpack(t, dir, a)
			document := compile(t, options(t, dir, a.comment))
			got := map[string]string{"want": summary(document)}
			if _, ok := expected["document.json"]; ok {
				got["document.json"] = indented(t, document)
			}
			if *update {
				write(t, "testdata", filepath.Base(file), a.with(got))
			} else if diff := cmp.Diff(expected, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func indented(t *testing.T, d secret.Document) string {
	t.Helper()
	text, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}

// unpack writes a case's files, and returns those that are expectations.
func unpack(t testing.TB, dir string, a archive) map[string]string {
	t.Helper()
	expected := map[string]string{}
	for _, f := range a.files {
		if f.name == "want" || f.name == "document.json" {
			expected[f.name] = f.data
			continue
		}
		write(t, dir, f.name, f.data)
	}
	return expected
}

func write(t testing.TB, dir, name, contents string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(contents), 0o644); err != nil {
		t.Fatal(err)
	}
}

func options(t *testing.T, dir, comment string) declare.Options {
	t.Helper()
	o := declare.Options{Project: dir, Environment: "production"}
	for line := range strings.Lines(comment) {
		key, text, found := strings.Cut(strings.TrimSpace(line), ": ")
		switch {
		case !found: // a remark
		case key == "project":
			o.Project = filepath.Join(dir, text)
		case key == "entry":
			o.Entry = text
		case key == "project-name":
			o.ProjectName = text
		default:
			t.Fatalf("unknown option %q", key)
		}
	}
	return o
}

func compile(t testing.TB, o declare.Options) secret.Document {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	document, err := declare.Compile(context.Background(), self, o)
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// summary writes a document in the form of a `want` file.
func summary(d secret.Document) string {
	var b strings.Builder
	for _, s := range d.Secrets {
		fmt.Fprintf(&b, "%s %s %s\n", s.Source, s.Kind, s.ID)
	}
	for _, d := range d.Diagnostics {
		fmt.Fprintf(&b, "%s %s %s: %s\n", d.Position, d.Severity, d.Code, d.Message)
	}
	return b.String()
}
