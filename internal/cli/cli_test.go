package cli_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// layer is the path of the real program, built once for all tests.
var layer string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	folder, err := os.MkdirTemp("", "layer")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(folder) }()
	layer = filepath.Join(folder, "layer")
	if out, err := exec.Command("go", "build", "-o", layer, "../..").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build layer: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// The scripts hold what users type and what they see. `rc N CMD…` runs a
// command that must exit with code N.
func TestScripts(t *testing.T) {
	billing, err := filepath.Abs("../../examples/billing")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", filepath.Dir(layer)+string(os.PathListSeparator)+env.Getenv("PATH"))
			env.Setenv("BILLING", billing)
			return os.CopyFS(filepath.Join(env.WorkDir, "billing"), os.DirFS(billing))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"rc": exitsWith},
	})
}

func exitsWith(ts *testscript.TestScript, _ bool, args []string) {
	before, unread := journals(ts.MkAbs("."))
	err := ts.Exec(args[1], args[2:]...)
	after, alsoUnread := journals(ts.MkAbs("."))
	ts.Check(errors.Join(unread, alsoUnread, checkJournals(before, after), checkPlan(args, ts.ReadFile("stdout"))))
	code := 0
	if exit, ok := err.(*exec.ExitError); ok {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got := fmt.Sprint(code); got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}
