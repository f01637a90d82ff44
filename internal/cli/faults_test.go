package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/fake"
)

// A run that is killed before it commits its intent changes nothing, and the
// next run rotates at once.
func TestFault01_KilledBeforeTheIntent(t *testing.T) {
	for name, action := range map[string]bool{"a file": false, "GitHub": true} {
		t.Run(name, func(t *testing.T) {
			due := func() *subject {
				s := newSubject(t, action, 1)
				s.cleanRun()
				s.day(time.June, 1)
				return s
			}
			s, request := due(), int64(1)
			for !s.announcesWhenKilled(request) {
				if request++; request > 30 {
					t.Fatal("no run commits an intent")
				}
			}
			if request < 4 {
				t.Fatalf("the intent was committed before request %d, so before the run read store and journal", request)
			}
			s = due()
			if s.announcesWhenKilled(request - 1) {
				t.Fatalf("the intent is committed before request %d in one run, but before %d in another", request, request-1)
			}
			s.cleanRun()
			if got := receiptVersion(t, s.values()[sessionKey]); got != "v2" {
				t.Errorf("after the next run the version is %s, want v2", got)
			}
			s.checkRecorded(s.journal(), s.values())
		})
	}
}

// announcesWhenKilled kills a run before one of its requests and reports
// whether the run had committed its intent by then. If it had not, the run must
// not have changed anything.
func (s *subject) announcesWhenKilled(request int64) bool {
	s.t.Helper()
	values, text, github := s.values(), s.journal(), s.githubState()
	s.runKilled(newKill(syscall.SIGKILL, request, false, s.checkStore), false)
	if s.journal() != text {
		return true
	}
	if diff := cmp.Diff(values, s.values()) + cmp.Diff(github, s.githubState()); diff != "" {
		s.t.Errorf("killed before request %d: -before +after\n%s", request, diff)
	}
	return false
}

// With a token that may not comment, a check still writes the plan to the job
// summary, and names the missing permission.
func TestFault19_ACheckStillReports(t *testing.T) {
	r := newRepository(t, nil)
	r.mustApply()
	r.edit(sessions, "everyDays: 30", "everyDays: 60")
	r.github.Commit("feature", map[string]string{sessions: readFile(t, filepath.Join(r.project, sessions))}, "rotate less often")
	r.pull = r.github.Propose("feature")
	r.github.Set(func(o *fake.Options) {
		o.Permissions = map[fake.Area]fake.Level{fake.Contents: fake.Read, fake.PullRequests: fake.Read}
	})
	o := r.action("pull_request", nil)
	if o.code != 0 || !strings.Contains(o.summary, "auth/session-key") {
		t.Errorf("exit code %d, summary:\n%s", o.code, o.summary)
	}
	if !strings.Contains(o.stdout, "::warning") || !strings.Contains(o.stdout, "pull-requests: write") {
		t.Errorf("the log does not name the missing permission:\n%s", o.stdout)
	}
	if n := len(r.github.Comments(r.pull)); n != 0 {
		t.Errorf("%d comments with a token that may not comment", n)
	}
}

// When a ruleset refuses the bot's branch, an apply says so and writes nothing
// to the store. A check still works.
func TestFault20_ARulesetRefusesTheBranch(t *testing.T) {
	r := newRepository(t, func(o *fake.Options) { o.Protected = func(branch string) bool { return branch == botBranch } })
	o := r.action("schedule", map[string]string{"apply": "true"})
	if o.code != 1 || !strings.Contains(o.stdout, "ruleset") {
		t.Errorf("exit code %d, want the ruleset named:\n%s", o.code, o.stdout)
	}
	if n := r.store.Counts()[fake.KindCreateSecret]; n != 0 || r.github.Head(botBranch) != "" {
		t.Errorf("%d writes to the store, bot branch %q", n, r.github.Head(botBranch))
	}
	if o := r.action("schedule", nil); o.code != 0 || !strings.Contains(o.summary, "auth/session-key") {
		t.Errorf("check: exit code %d\n%s", o.code, o.summary)
	}
}

// Declarations that are missing, that fail to compile, or that differ between
// two compiles are not applied, even when secrets are due.
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
			journal := filepath.Join(r.project, journalPath)
			values, text, requests := r.values(), readFile(t, journal), r.store.Counts()
			c.change(r)
			r.clock.Set(time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC)) // two secrets are due
			if stdout, stderr, code := r.run(apply...); code != 1 || !strings.Contains(stderr, c.says) {
				t.Errorf("exit code %d, %q is missing in\n%s%s", code, c.says, stdout, stderr)
			}
			if diff := cmp.Diff(values, r.values()) + cmp.Diff(text, readFile(t, journal)) + cmp.Diff(requests, r.store.Counts()); diff != "" {
				t.Errorf("-before +after\n%s", diff)
			}
		})
	}
}

// The TypeScript of a pull request sees no credentials, although the run that
// compiles it has some.
func TestFault37_CodeSeesNoCredentials(t *testing.T) {
	r := newRepository(t, nil)
	r.mustApply()
	outside := filepath.Join(t.TempDir(), "outside.txt")
	if err := os.WriteFile(outside, []byte("top secret words"), 0o644); err != nil {
		t.Fatal(err)
	}
	r.edit(sessions, "export", `import { readFileSync } from "node:fs"
const seen = [JSON.stringify(process.env), Object.keys(globalThis).join(), String(readFileSync("`+outside+`")), String(fetch("http://127.0.0.1/"))]
throw new Error("seen: " + seen.join(" "))
export`)
	r.pull = r.github.Issue()
	o := r.action("pull_request", nil)
	if o.code != 1 || !strings.Contains(o.stdout+o.stderr, "seen: ") {
		t.Errorf("the error that the code throws is not shown, exit code %d:\n%s\n%s", o.code, o.stdout, o.stderr)
	}
	for _, hidden := range []string{"top secret", "INPUT_", "GITHUB_", "LAYER_", "PATH"} {
		if strings.Contains(o.stdout+o.stderr+o.summary, hidden) {
			t.Errorf("the code sees %q:\n%s\n%s", hidden, o.stdout, o.stderr)
		}
	}
	r.checkLeaks(nil, map[string]string{o.summary: "summary"})
}

// write writes a file of the project.
func (r *remote) write(name, text string) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.project, name), []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// edit replaces a text in a file of the project. It fails the test if the file
// does not contain the text.
func (r *remote) edit(name, old, by string) {
	r.t.Helper()
	text := readFile(r.t, filepath.Join(r.project, name))
	if !strings.Contains(text, old) {
		r.t.Fatalf("%s does not contain %q", name, old)
	}
	r.write(name, strings.Replace(text, old, by, 1))
}
