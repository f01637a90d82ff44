package cli_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/layeron/rotate/internal/contract"
)

// Every journal that a run writes, and every plan that it prints, satisfies the
// schemas in docs/design. The functions that run the program call the checks
// below.

// journals returns the journals under a folder, by path. It skips symbolic
// links, which no run writes.
func journals(folder string) (map[string]string, error) {
	found := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || filepath.Base(filepath.Dir(path)) != "rotation" || filepath.Ext(path) != ".json" {
			return err
		}
		data, err := os.ReadFile(path)
		found[path] = string(data)
		return err
	})
	return found, err
}

// checkJournals checks the journals that changed. A test may have written the
// others by hand.
func checkJournals(before, after map[string]string) error {
	for path, text := range after {
		if text == before[path] {
			continue
		}
		if err := contract.Journal([]byte(text)); err != nil {
			return err
		}
	}
	return nil
}

// checkPlan checks the output of `secret rotate --json`.
func checkPlan(args []string, stdout string) error {
	if !slices.Contains(args, "rotate") || !slices.Contains(args, "--json") {
		return nil
	}
	return contract.Plan([]byte(stdout))
}

// The Action writes the same plan to its output and to a file.
func TestPlanOfTheAction(t *testing.T) {
	r := newRepository(t, nil)
	for _, apply := range []string{"false", "true", "true"} {
		run := r.action("schedule", map[string]string{"apply": apply})
		if run.code != 0 {
			t.Fatalf("exit code %d: %s", run.code, run.stderr)
		}
		file := readFile(t, filepath.Join(r.project, filepath.FromSlash(run.outputs["plan-file"])))
		if strings.TrimSpace(file) != strings.TrimSpace(run.outputs["plan"]) {
			t.Error("output plan and the file that plan-file names differ")
		}
	}
}
