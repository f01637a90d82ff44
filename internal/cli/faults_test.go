package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/emulator"
	"github.com/layeron/rotate/internal/fake"
)

// A run that is killed before its intent is committed did nothing, and the next
// one rotates at once.
func TestFault01_KilledBeforeTheIntent(t *testing.T) {
	for name, action := range map[string]bool{"a file": false, "GitHub": true} {
		t.Run(name, func(t *testing.T) {
			due := func() *stage {
				s := newStage(t, action, 1)
				s.clean()
				s.day(time.June, 1)
				return s
			}
			s, request := due(), int64(1)
			for !s.announcesWhenKilled(request) {
				if request++; request > 30 {
					t.Fatal("no run announces anything")
				}
			}
			if request < 4 {
				t.Fatalf("announced before request %d: store and journal cannot have been read", request)
			}
			s = due()
			if s.announcesWhenKilled(request - 1) {
				t.Fatalf("announced before request %d, and not before %d", request, request-1)
			}
			s.clean()
			if got := receiptVersion(t, s.values()[sessionKey]); got != "v2" {
				t.Errorf("at %s after the next run, want v2", got)
			}
			s.recorded(s.journal(), s.values())
		})
	}
}

// announcesWhenKilled kills a run before one of its requests, and tells whether
// it had committed its intent by then. If not, nothing may have changed.
func (s *stage) announcesWhenKilled(request int64) bool {
	s.t.Helper()
	values, text, github := s.values(), s.journal(), s.repository()
	s.runKilled(newKill(syscall.SIGKILL, request, false, s.look), false)
	if s.journal() != text {
		return true
	}
	if diff := cmp.Diff(values, s.values()) + cmp.Diff(github, s.repository()); diff != "" {
		s.t.Errorf("killed before request %d: -before +after\n%s", request, diff)
	}
	return false
}

// A token that may neither push nor comment still gets its check told: in the
// summary, with the permission to add.
func TestFault19_ACheckStillReports(t *testing.T) {
	h := newHub(t, nil)
	h.applied()
	h.edit(sessions, "everyDays: 30", "everyDays: 60")
	h.github.Commit("feature", map[string]string{sessions: readFile(t, filepath.Join(h.project, sessions))}, "rotate less often")
	h.pull = h.github.Propose("feature")
	h.github.Set(func(o *fake.Options) {
		o.Permissions = map[fake.Area]fake.Level{fake.Contents: fake.Read, fake.PullRequests: fake.Read}
	})
	o := h.action("pull_request", nil)
	if o.code != 0 || !strings.Contains(o.summary, "auth/session-key") {
		t.Errorf("exit code %d, summary:\n%s", o.code, o.summary)
	}
	if !strings.Contains(o.log, "::warning") || !strings.Contains(o.log, "pull-requests: write") {
		t.Errorf("the missing permission is not named:\n%s", o.log)
	}
	if n := len(h.github.Comments(h.pull)); n != 0 {
		t.Errorf("%d comments by a token that may not comment", n)
	}
}

// Where a ruleset refuses the bot's branch, an apply says so and writes nothing
// to the store; a check works.
func TestFault20_ARulesetRefusesTheBranch(t *testing.T) {
	h := newHub(t, func(o *fake.Options) { o.Protected = func(branch string) bool { return branch == botBranch } })
	o := h.action("schedule", map[string]string{"apply": "true"})
	if o.code != 1 || !strings.Contains(o.log, "ruleset") {
		t.Errorf("exit code %d, want the ruleset named:\n%s", o.code, o.log)
	}
	if n := h.store.Counts()[emulator.KindCreate]; n != 0 || h.github.Head(botBranch) != "" {
		t.Errorf("%d writes to the store, bot branch %q", n, h.github.Head(botBranch))
	}
	if o := h.action("schedule", nil); o.code != 0 || !strings.Contains(o.summary, "auth/session-key") {
		t.Errorf("a check: exit code %d\n%s", o.code, o.summary)
	}
}

// Declarations that are none, that fail, or that come out differently each time
// are not applied, whatever is due.
func TestFault28_NothingIsAppliedOnABadCompile(t *testing.T) {
	const nothing = "import { backend } from \"@layeron/core\"\nexport default backend({ project: \"billing\", name: \"api\" })\n"
	for _, c := range []struct {
		name   string
		change func(r *remote)
		says   string
	}{
		{"nothing is declared", func(r *remote) { r.write("src/api.ts", nothing); r.write("src/jobs.ts", nothing) }, "no_declarations"},
		{"it throws", func(r *remote) { r.edit(sessions, "import", "throw new Error('oh')\nimport") }, "evaluation_failed"},
		{"it does not parse", func(r *remote) { r.edit(sessions, "rotation: {", "rotation: {{") }, "syntax_error"},
		{"it never ends", func(r *remote) { r.edit(sessions, "export", "for (;;) {}\nexport") }, "compile_timeout"},
		{"it depends on the clock", func(r *remote) { r.edit(sessions, "everyDays: 30", "everyDays: 7 + new Date().getDay()") }, "declaration_not_deterministic"},
		{"it depends on chance", func(r *remote) { r.edit(sessions, `"session-key"`, `"key-" + Math.random()`) }, "declaration_not_deterministic"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRemote(t)
			r.must(apply...)
			journal := filepath.Join(r.project, ".layeron", "rotation", "production.json")
			values, text, requests := r.values(), readFile(t, journal), r.store.Counts()
			c.change(r)
			r.set(time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC)) // two secrets are due
			if stdout, stderr, code := r.run(apply...); code != 1 || !strings.Contains(stderr, c.says) {
				t.Errorf("exit code %d, no %q in\n%s%s", code, c.says, stdout, stderr)
			}
			if diff := cmp.Diff(values, r.values()) + cmp.Diff(text, readFile(t, journal)) + cmp.Diff(requests, r.store.Counts()); diff != "" {
				t.Errorf("-before +after\n%s", diff)
			}
		})
	}
}

// A pull request's TypeScript runs beside the credentials, and sees none of them.
func TestFault37_CodeSeesNoCredentials(t *testing.T) {
	h := newHub(t, nil)
	h.applied()
	outside := filepath.Join(t.TempDir(), "outside.txt")
	if err := os.WriteFile(outside, []byte("top secret words"), 0o644); err != nil {
		t.Fatal(err)
	}
	h.edit(sessions, "export", `import { readFileSync } from "node:fs"
const seen = [JSON.stringify(process.env), Object.keys(globalThis).join(), String(readFileSync("`+outside+`")), String(fetch("http://127.0.0.1/"))]
throw new Error("seen: " + seen.join(" "))
export`)
	h.pull = h.github.Issue()
	o := h.action("pull_request", nil)
	if o.code != 1 || !strings.Contains(o.log+o.said, "seen: ") {
		t.Errorf("the code's own words are not shown, exit code %d:\n%s\n%s", o.code, o.log, o.said)
	}
	for _, hidden := range []string{"top secret", "INPUT_", "GITHUB_", "LAYER_", "PATH"} {
		if strings.Contains(o.log+o.said+o.summary, hidden) {
			t.Errorf("%q was seen:\n%s\n%s", hidden, o.log, o.said)
		}
	}
	h.hunt(nil, map[string]string{o.summary: "summary"})
}

// write puts a file into the project.
func (r *remote) write(name, text string) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.project, name), []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// edit replaces a text in a file of the project, which has to be there.
func (r *remote) edit(name, old, by string) {
	r.t.Helper()
	text := readFile(r.t, filepath.Join(r.project, name))
	if !strings.Contains(text, old) {
		r.t.Fatalf("%s has no %q", name, old)
	}
	r.write(name, strings.Replace(text, old, by, 1))
}
