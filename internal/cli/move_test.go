package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A laptop's file journal and the Action never write side by side: whoever has
// not the home is refused, until the journal moves, and nothing is lost by that.
func TestFault40_OneHome(t *testing.T) {
	h := newHub(t, nil)
	h.must(apply...)
	path := filepath.Join(h.project, ".layeron", "rotation", "production.json")
	before := h.values()
	h.github.Commit("main", map[string]string{".layeron/rotation/production.json": readFile(t, path)}, "the journal")
	o := h.action("schedule", map[string]string{"apply": "true"})
	if o.code != 1 || !strings.Contains(o.log, "layer journal move") {
		t.Fatalf("the Action on a file's journal: exit code %d\n%s", o.code, o.said)
	}

	if err := os.MkdirAll(filepath.Join(h.project, ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, stderr, code := h.run("journal", "move", "--env", "production", "--to", "github"); code != 1 || !strings.Contains(stderr, "--repository-id") {
		t.Errorf("without a repository: exit code %d\n%s", code, stderr)
	}
	h.must("journal", "move", "--env", "production", "--to", "github", "--repository-id", "4711")
	if out := h.must("journal", "move", "--env", "production", "--to", "github", "--repository-id", "4711"); !strings.Contains(out, "already") {
		t.Errorf("moved twice: %s", out)
	}
	h.must("journal", "verify", "--env", "production")
	if _, stderr, code := h.run(append(apply, "--force", "--all", "--reason", "x")...); code != 1 || !strings.Contains(stderr, "layer journal move") {
		t.Errorf("the command line on GitHub's journal: exit code %d\n%s", code, stderr)
	}
	h.github.Commit("main", map[string]string{".layeron/rotation/production.json": readFile(t, path)}, "moved")
	if o := h.applied(); o.outputs["rotated"] != "[]" {
		t.Errorf("after the move: rotated %s", o.outputs["rotated"])
	}
	for name, s := range h.values() {
		if before[name] != s {
			t.Errorf("%s was written by a move", name)
		}
	}
}
