package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A journal that was copied from another environment is refused, although it
// verifies with the root key.
func TestFault16_AnotherEnvironmentsJournal(t *testing.T) {
	r := newRemote(t)
	r.must("secret", "rotate", "--env", "staging", "--apply", "--yes")
	folder := filepath.Join(r.project, ".layeron", "rotation")
	copied := readFile(t, filepath.Join(folder, "staging.json"))
	if err := os.WriteFile(filepath.Join(folder, "production.json"), []byte(copied), 0o644); err != nil {
		t.Fatal(err)
	}
	before := r.values()
	for _, args := range [][]string{apply, {"secret", "rotate", "--env", "production"}, {"journal", "verify", "--env", "production"}, {"secret", "versions", "auth/session-key", "--env", "production"}} {
		if _, stderr, code := r.run(args...); code != 1 || !strings.Contains(stderr, `"staging"`) {
			t.Errorf("%v: exit code %d\n%s", args, code, stderr)
		}
	}
	if len(r.values()) != len(before) {
		t.Error("a run used the journal of another environment")
	}
}

// A pull request may contain symbolic links in place of the file that the
// Action writes its plan to, or of a folder above it. The Action must not
// follow them.
func TestPlanFileFollowsNoLink(t *testing.T) {
	for name, link := range map[string]string{"the file": ".layeron/local/plan-production.json", "the folder": ".layeron/local", "the folder above": ".layeron"} {
		t.Run(name, func(t *testing.T) {
			r := newRepository(t, nil)
			outside := t.TempDir()
			victim := touch(t, outside, "plan-production.json")
			if err := os.MkdirAll(filepath.Join(outside, "local"), 0o755); err != nil {
				t.Fatal(err)
			}
			touch(t, filepath.Join(outside, "local"), "plan-production.json")
			path := filepath.Join(r.project, filepath.FromSlash(link))
			target := outside
			if name == "the file" {
				target = victim
			}
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(target, path); err != nil {
				t.Fatal(err)
			}
			r.pull = r.github.Propose("main")
			r.action("pull_request", nil)
			for _, file := range []string{victim, filepath.Join(outside, "local", "plan-production.json")} {
				if text := readFile(t, file); text != "" {
					t.Errorf("written through the link: %s", text)
				}
			}
		})
	}
}

// A version number that is impossibly large, in a forged receipt or in an
// imported value, neither overflows nor blocks a secret forever.
func TestImpossibleVersionNumbers(t *testing.T) {
	r := newRemote(t)
	r.must(apply...)
	name := "lo_a494b5a896c5b7b352b5ffef"
	s := r.values()[name]
	fields := strings.Fields(s.Comment)
	fields[2], fields[3] = "v999999999", "s999999999"
	if err := r.store.Put(name, s.Value, strings.Join(fields, " ")); err != nil {
		t.Fatal(err)
	}
	if _, _, code := r.run(apply...); code != 1 {
		t.Error("a forged receipt was ignored")
	}
	r.must("secret", "adopt", "auth/session-key", "--env", "production", "--discard-current", "--reason", "forged comment")
	if out := r.must(apply...); !strings.Contains(out, "nothing was changed") {
		t.Errorf("after adopting:\n%s", out)
	}

	r.env["HUGE"] = `{"current":"v9223372036854775807","versions":{"v9223372036854775807":{"value":"x"}}}`
	if _, stderr, code := r.run("secret", "set", "auth/session-key", "--env", "production", "--value-env", "HUGE"); code != 1 {
		t.Errorf("the value was imported: %s", stderr)
	}
	r.must("journal", "verify", "--env", "production")
}

// An entry that was edited stays invalid when the secret's store name changes
// and changes back.
func TestFault12_AnEditedEntryIsNeverSigned(t *testing.T) {
	r := newRemote(t)
	config := filepath.Join(r.project, "layeron.config.ts")
	first := readFile(t, config)
	second := strings.Replace(first, "backends: {", `storeNames: { "auth/session-key": "SESSION_KEY" }, backends: {`, 1)
	use := func(text string) {
		if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r.must(apply...)
	use(second)
	r.must(apply...)
	path := filepath.Join(r.project, journalPath)
	text := readFile(t, path)
	i := strings.Index(text, `"SESSION_KEY"`)
	edited := text[:i] + strings.Replace(text[i:], `"bytes": 32`, `"bytes": 16`, 1)
	if err := os.WriteFile(path, []byte(edited), 0o644); err != nil {
		t.Fatal(err)
	}
	use(first)
	stdout, _, code := r.run(append(apply, "--force", "--only", "auth/session-key", "--reason", "x")...)
	if code != 1 || !strings.Contains(stdout, "not signed with this root key") {
		t.Errorf("exit code %d\n%s", code, stdout)
	}
	if _, stderr, code := r.run("journal", "verify", "--env", "production"); code != 1 || !strings.Contains(stderr, "auth/session-key") {
		t.Errorf("verify: exit code %d\n%s", code, stderr)
	}
}
