package main

import (
	"regexp"
	"testing"
)

// elsewhere is a citation of a document that is not in the repository: by one of
// the names of the drafts that the pages in docs/design replaced, or by the number
// of a section.
var elsewhere = regexp.MustCompile(`\b(?:DESIG[N]|FAULT[S])\b|\b(?:CLOUDFLAR[E]|ACTIO[N]|STYL[E])\.md\b|\x{00a7} ?\d`)

// Code and documents cite only what a reader of the repository can open. A fault's
// number is its row in docs/reliability.md.
func TestNoCitationOfOtherDocuments(t *testing.T) {
	for _, file := range repositoryFiles(t, ".go", ".ts", ".js", ".mjs", ".md", ".yml", "Makefile", "Dockerfile") {
		if found := elsewhere.FindString(readText(t, file)); found != "" {
			t.Errorf("%s cites %q, which is not in this repository", file, found)
		}
	}
}
