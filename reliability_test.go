package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Rows 1 to faultRows must be in the table. A row up to knownRows is added with
// its first test.
const (
	faultRows = 42
	knownRows = 63
)

var (
	faultRow   = regexp.MustCompile(`(?m)^\| (\d+) \| ([^|]+) \| ([^|]*) \| ((?:P[1-6] ?)+) \|$`)
	testName   = regexp.MustCompile("`(Test[A-Za-z0-9_]+)`")
	testFunc   = regexp.MustCompile(`(?m)^func (Test[A-Za-z0-9_]+)\(`)
	faultTests = regexp.MustCompile(`^TestFault(\d\d)_`)
	numbered   = regexp.MustCompile(`^TestFault\d`) // but perhaps not with two digits
)

// Every fault that docs/reliability.md claims to survive has a test that says
// so in its name, and every such test is told of there.
func TestReliabilityTable(t *testing.T) {
	rows, exist := readFaultRows(t), readTests(t)
	for row := 1; row <= knownRows; row++ {
		if _, listed := rows[row]; row > faultRows && !listed {
			continue
		}
		own := 0
		for _, name := range rows[row] {
			if !slices.Contains(exist, name) {
				t.Errorf("row %d names %s, which does not exist", row, name)
			}
			if of := faultOf(name); of == row {
				own++
			} else if of != 0 {
				t.Errorf("row %d names %s, a test of row %d", row, name, of)
			}
		}
		if own == 0 {
			t.Errorf("row %d has no test named TestFault%02d_…", row, row)
		}
	}
	for _, name := range exist {
		if row := faultOf(name); row != 0 && !slices.Contains(rows[row], name) {
			t.Errorf("%s is not in row %d of docs/reliability.md", name, row)
		}
	}
}

// faultOf is the row that a test's name says it is of; 0 for none.
func faultOf(name string) int {
	m := faultTests.FindStringSubmatch(name)
	if m == nil {
		return 0
	}
	row, _ := strconv.Atoi(m[1])
	return row
}

// readFaultRows are the tests that each row of the table names.
func readFaultRows(t *testing.T) map[int][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("docs", "reliability.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := map[int][]string{}
	for _, m := range faultRow.FindAllStringSubmatch(string(text), -1) {
		row, _ := strconv.Atoi(m[1])
		if _, twice := rows[row]; twice {
			t.Errorf("row %d stands twice in the table", row)
		}
		rows[row] = []string{}
		for _, name := range testName.FindAllStringSubmatch(m[3], -1) {
			rows[row] = append(rows[row], name[1])
		}
	}
	return rows
}

// readTests are the tests of the repository.
func readTests(t *testing.T) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir("internal", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range testFunc.FindAllStringSubmatch(string(text), -1) {
			out = append(out, m[1])
			if row := faultOf(m[1]); numbered.MatchString(m[1]) && (row < 1 || row > knownRows) {
				t.Errorf("%s: %s names no row", path, m[1])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
