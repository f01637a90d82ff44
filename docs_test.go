package main

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

var (
	// citation is how code refers to a document: docs/design/formats.md, with
	// , "Receipt" behind it where one of its headings is meant.
	citation = regexp.MustCompile(`\b(docs/[\w./-]*\w)(?:, "([^"]+)")?`)
	lineEnd  = regexp.MustCompile(`\n[ \t]*(?://|#|\*)?[ \t]*`)
	link     = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	heading  = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *$`)
	fileName = regexp.MustCompile("`((?:internal|docs|worker|examples|testdata|tools)/[\\w./-]*)`")
	// packageRow is a row of the table of packages.
	packageRow = regexp.MustCompile("(?m)^\\| `(\\w+)` \\|")
	fence      = regexp.MustCompile("(?ms)^ *```.*?^ *```")
)

// A citation in code, and a link in a document, leads to a file that exists, and
// to a heading that it has.
func TestCitations(t *testing.T) {
	found := 0
	for _, file := range repositoryFiles(t, ".go", ".ts", ".js", ".mjs", ".yml", "Makefile", "Dockerfile") {
		for _, m := range citation.FindAllStringSubmatch(lineEnd.ReplaceAllString(readText(t, file), " "), -1) {
			found++
			if !exists(m[1]) {
				t.Errorf("%s cites %s, which does not exist", file, m[1])
			} else if m[2] != "" && !slices.Contains(headings(t, m[1]), m[2]) {
				t.Errorf("%s cites the heading %q, which %s does not have", file, m[2], m[1])
			}
		}
	}
	if found == 0 {
		t.Error("no citations were found: this test reads nothing")
	}
}

func TestLinks(t *testing.T) {
	found := 0
	for _, file := range repositoryFiles(t, ".md") {
		for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(readText(t, file), ""), -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			found++
			name, anchor, _ := strings.Cut(m[1], "#")
			target := path.Join(path.Dir(file), name)
			if name == "" {
				target = file
			}
			if !exists(target) {
				t.Errorf("%s links to %s, which does not exist", file, target)
			} else if anchor != "" && !slices.Contains(anchors(t, target), anchor) {
				t.Errorf("%s links to %s, which has no heading for that anchor", file, m[1])
			}
		}
	}
	if found == 0 {
		t.Error("no links were found: this test reads nothing")
	}
}

// Every file that docs/architecture.md names exists, and every package is in it.
func TestArchitectureDocument(t *testing.T) {
	const document = "docs/architecture.md"
	text := readText(t, document)
	names := fileName.FindAllStringSubmatch(text, -1)
	for _, m := range names {
		if !exists(m[1]) {
			t.Errorf("%s names %s, which does not exist", document, m[1])
		}
	}
	if len(names) == 0 {
		t.Error("no file names were found: this test reads nothing")
	}
	rows := map[string]bool{}
	for _, m := range packageRow.FindAllStringSubmatch(text, -1) {
		rows[m[1]] = true
		if _, known := allowed[m[1]]; !known {
			t.Errorf("%s has a row for %s, which is not a package", document, m[1])
		}
	}
	for pkg := range allowed {
		if !rows[pkg] {
			t.Errorf("%s has no row for internal/%s", document, pkg)
		}
	}
}

// repositoryFiles lists the files whose names end in one of the endings.
func repositoryFiles(t *testing.T, endings ...string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if slices.Contains([]string{".git", "node_modules", "testdata", ".layeron", "dist", ".build"}, entry.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if slices.ContainsFunc(endings, func(ending string) bool { return strings.HasSuffix(name, ending) }) {
			out = append(out, filepath.ToSlash(name))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func readText(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func exists(file string) bool {
	_, err := os.Stat(filepath.FromSlash(file))
	return err == nil
}

// headings returns the headings of a document, without their formatting.
func headings(t *testing.T, file string) []string {
	t.Helper()
	var out []string
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(readText(t, file), ""), -1) {
		out = append(out, strings.NewReplacer("`", "", "*", "").Replace(m[1]))
	}
	return out
}

// anchors returns the anchors that GitHub gives to the headings of a document.
func anchors(t *testing.T, file string) []string {
	t.Helper()
	var out []string
	for _, text := range headings(t, file) {
		anchor := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, text)
		unique := anchor
		for n := 1; slices.Contains(out, unique); n++ {
			unique = anchor + "-" + strconv.Itoa(n)
		}
		out = append(out, unique)
	}
	return out
}
