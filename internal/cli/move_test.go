package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A journal is either in a file or on GitHub. The command line refuses to apply
// with a journal on GitHub, and the Action with one in a file, until `layer
// journal move` moves it. Moving changes no secret.
func TestFault40_OneJournalPlace(t *testing.T) {
	r := newRepository(t, nil)
	r.must(apply...)
	path := filepath.Join(r.project, journalPath)
	before := r.values()
	r.github.Commit("main", map[string]string{journalPath: readFile(t, path)}, "the journal")
	o := r.action("schedule", map[string]string{"apply": "true"})
	if o.code != 1 || !strings.Contains(o.stdout, "layer journal move") {
		t.Fatalf("the Action with a journal in a file: exit code %d\n%s", o.code, o.stderr)
	}

	if err := os.MkdirAll(filepath.Join(r.project, ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, stderr, code := r.run("journal", "move", "--env", "production", "--to", "github"); code != 1 || !strings.Contains(stderr, "--repository-id") {
		t.Errorf("without a repository: exit code %d\n%s", code, stderr)
	}
	r.must("journal", "move", "--env", "production", "--to", "github", "--repository-id", "4711")
	if out := r.must("journal", "move", "--env", "production", "--to", "github", "--repository-id", "4711"); !strings.Contains(out, "already") {
		t.Errorf("moved twice: %s", out)
	}
	r.must("journal", "verify", "--env", "production")
	if _, stderr, code := r.run(append(apply, "--force", "--all", "--reason", "x")...); code != 1 || !strings.Contains(stderr, "layer journal move") {
		t.Errorf("the command line with a journal on GitHub: exit code %d\n%s", code, stderr)
	}
	r.github.Commit("main", map[string]string{journalPath: readFile(t, path)}, "moved")
	if o := r.mustApply(); o.outputs["rotated"] != "[]" {
		t.Errorf("after the move: rotated %s", o.outputs["rotated"])
	}
	for name, s := range r.values() {
		if before[name] != s {
			t.Errorf("the move changed %s", name)
		}
	}
}
