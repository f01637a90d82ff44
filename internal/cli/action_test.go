package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/layeron/rotate/internal/fake"
)

// A scheduled workflow creates the secrets and opens a pull request with the
// journal. When nothing is due it changes nothing. Both stay within a number of
// requests to GitHub.
func TestActionApplies(t *testing.T) {
	r := newRepository(t, nil)
	first := r.mustApply()
	if got := first.outputs["rotated"]; strings.Count(got, "/") != 5 {
		t.Errorf("rotated %s, want five ids", got)
	}
	if first.outputs["pull-request-operation"] != "created" || first.outputs["pull-request-number"] == "" || first.outputs["journal-commit"] != r.github.Head(botBranch) {
		t.Errorf("outputs %v", first.outputs)
	}
	if all, _ := r.github.Totals(); all > 16 {
		t.Errorf("%d GitHub requests, want at most 16: %v", all, r.github.Counts())
	}
	var plan struct{ Entries []struct{ Result *string } }
	if err := json.Unmarshal([]byte(first.outputs["plan"]), &plan); err != nil || len(plan.Entries) != 7 {
		t.Errorf("output plan: %v, %d entries", err, len(plan.Entries))
	}
	if readFile(t, r.project+"/"+first.outputs["plan-file"]) != first.outputs["plan"]+"\n" && readFile(t, r.project+"/"+first.outputs["plan-file"]) != first.outputs["plan"] {
		t.Error("plan-file does not contain the plan")
	}
	if !strings.Contains(first.summary, "auth/session-key") {
		t.Errorf("summary:\n%s", first.summary)
	}
	pull, open := r.github.Open(botBranch)
	if !open || !strings.Contains(pull.Body, "auth/session-key") {
		t.Errorf("pull request %+v", pull)
	}
	if !r.github.Mergeable(pull.Number) {
		t.Error("the pull request cannot be merged")
	}

	before, branch := r.values(), r.github.Head(botBranch)
	r.github.ResetCounts()
	second := r.mustApply()
	all, writes := r.github.Totals()
	if all > 4 || writes != 0 {
		t.Errorf("nothing is due: %d GitHub requests, %d writes: %v", all, writes, r.github.Counts())
	}
	if second.outputs["rotated"] != "[]" || second.outputs["pull-request-operation"] != "none" {
		t.Errorf("outputs %v", second.outputs)
	}
	for name, s := range r.values() {
		if before[name] != s {
			t.Errorf("%s changed", name)
		}
	}
	if r.github.Head(botBranch) != branch {
		t.Error("the second run made a commit")
	}
}

// The workflow runs every day for two years. Meanwhile people merge, squash and
// close its pull requests, delete their branches and revert their merges. No
// rotation is missed or happens twice, no version changes its value, and every
// run succeeds.
func TestActionTwoYears(t *testing.T) {
	t.Parallel()
	r := newRepository(t, nil)
	values := map[string]string{} // store name and version → value
	for day := range 2 * 365 {
		r.clock.Set(time.Date(2026, 5, 10, 3, 0, 0, 0, time.UTC).AddDate(0, 0, day))
		r.mustApply()
		for name, s := range r.values() {
			secrets := map[string]string{}
			collect(secrets, name, s.Value)
			for id, value := range secrets {
				if old, known := values[id]; known && old != value && strings.Contains(id, " v") {
					t.Fatalf("on day %d the value of %s changes", day, id)
				}
				values[id] = value
			}
		}
		r.handlePull(day)
	}
	out := r.must("secret", "versions", "auth/session-key", "--env", "production", "--project", r.journalCopy())
	if !strings.Contains(out, "v25") { // the first version, and one for each of 24 slots from 1 June 2026
		t.Errorf("after two years:\n%s", out)
	}
}

// handlePull does what people do with the bot's pull request.
func (r *repository) handlePull(day int) {
	pull, open := r.github.Open(botBranch)
	if !open {
		return
	}
	if !r.github.Mergeable(pull.Number) {
		r.t.Fatalf("on day %d pull request %d cannot be merged", day, pull.Number)
	}
	switch day % 90 {
	case 3:
		r.github.Merge(pull.Number)
	case 33:
		r.github.Squash(pull.Number)
	case 45:
		r.github.Close(pull.Number)
	case 50:
		r.github.Close(pull.Number)
		r.github.DeleteBranch(botBranch)
	case 70:
		r.github.Revert("main", r.github.Merge(pull.Number))
	}
}

// journalCopy returns a folder with the journal of the bot branch.
func (r *repository) journalCopy() string {
	r.t.Helper()
	return writeJournal(r.t, r.github.File(botBranch, journalPath))
}

// A pull request gets its plan in the job summary and in at most one comment,
// which is written once. That needs neither root key nor credentials.
func TestActionComments(t *testing.T) {
	r := newRepository(t, nil)
	r.mustApply()
	r.github.Commit("feature", map[string]string{"src/new.ts": "x"}, "a feature")
	r.pull = r.github.Propose("feature")
	withoutCredentials := map[string]string{"root-key": "", "cloudflare-api-token": "", "cloudflare-account-id": ""}
	first := r.action("pull_request", withoutCredentials)
	if first.code != 0 || !strings.Contains(first.summary, "auth/session-key") {
		t.Fatalf("exit code %d\n%s\n%s", first.code, first.stderr, first.stdout)
	}
	comments := r.github.Comments(r.pull)
	if len(comments) > 1 {
		t.Fatalf("%d comments", len(comments))
	}
	r.github.ResetCounts()
	r.action("pull_request", withoutCredentials)
	if _, writes := r.github.Totals(); writes != 0 {
		t.Errorf("the same plan again: %d writes: %v", writes, r.github.Counts())
	}
}

// The comment says what a pull request changes compared with the declarations
// of the base branch.
func TestActionCommentsOnChanges(t *testing.T) {
	r := newRepository(t, nil)
	r.mustApply()
	path := filepath.Join(r.project, "src", "secrets", "sessions.ts")
	changed := strings.Replace(readFile(t, path), "everyDays: 30", "everyDays: 60", 1)
	r.github.Commit("feature", map[string]string{"src/secrets/sessions.ts": changed}, "rotate less often")
	r.pull = r.github.Propose("feature")
	if err := os.WriteFile(path, []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
	o := r.action("pull_request", nil)
	comments := r.github.Comments(r.pull)
	if o.code != 0 || len(comments) != 1 {
		t.Fatalf("exit code %d, %d comments\n%s\n%s", o.code, len(comments), o.stderr, o.stdout)
	}
	body := comments[0].Body
	for _, want := range []string{"auth/session-key", "every 30 days", "every 60 days"} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is missing in\n%s", want, body)
		}
	}
	if strings.Contains(body, "billing/link-key` changed") {
		t.Errorf("lists a secret that did not change:\n%s", body)
	}
	r.github.ResetCounts()
	r.action("pull_request", nil)
	if _, writes := r.github.Totals(); writes != 0 {
		t.Errorf("the same plan again: %d writes", writes)
	}
}

// When a pull request edits the journal, the Action warns and does not plan
// from that journal.
func TestFault36_EditedJournal(t *testing.T) {
	r := newRepository(t, nil)
	r.mustApply()
	r.github.Commit("feature", map[string]string{journalPath: "{}"}, "edit the journal")
	r.pull = r.github.Propose("feature")
	o := r.action("pull_request", nil)
	if o.code != 0 || !strings.Contains(o.stdout, "::warning file="+journalPath) || !strings.Contains(o.summary, journalPath) {
		t.Errorf("exit code %d\n%s\n%s", o.code, o.stdout, o.summary)
	}
	if !strings.Contains(o.outputs["plan"], `"current": "v1"`) {
		t.Errorf("planned from the edited journal:\n%s", o.outputs["plan"])
	}
}

// The run of a fork gets a read-only token and no secrets. It writes the plan
// to the job summary and succeeds.
func TestFault35_ForkGetsItsPlanInTheSummary(t *testing.T) {
	r := newRepository(t, nil)
	r.mustApply()
	r.fork = true
	r.pull = r.github.ForkPull("feature")
	r.github.Set(func(o *fake.Options) {
		o.Permissions = map[fake.Area]fake.Level{fake.Contents: fake.Read, fake.PullRequests: fake.Read}
	})
	o := r.action("pull_request", map[string]string{"root-key": "", "cloudflare-api-token": "", "cloudflare-account-id": ""})
	if o.code != 0 || !strings.Contains(o.summary, "auth/session-key") || strings.Contains(o.stdout, "::error") {
		t.Errorf("exit code %d\n%s\n%s", o.code, o.stdout, o.summary)
	}
}

// An apply that is refused says why, and writes nothing.
func TestFault21_RefusedApplies(t *testing.T) {
	apply := map[string]string{"apply": "true"}
	with := func(more ...string) map[string]string {
		out := map[string]string{"apply": "true"}
		for i := 0; i < len(more); i += 2 {
			out[more[i]] = more[i+1]
		}
		return out
	}
	for _, c := range []struct {
		name   string
		event  string
		inputs map[string]string
		env    []string
		before func(r *repository)
		says   string
	}{
		{name: "another branch", event: "workflow_dispatch", inputs: apply, env: []string{"GITHUB_REF=refs/heads/feature"}, says: "only main applies"},
		{name: "another checkout", event: "schedule", inputs: apply, env: []string{"GITHUB_SHA=" + strings.Repeat("a", 40)}, says: "the workspace holds commit"},
		{name: "no credentials", event: "schedule", inputs: with("cloudflare-api-token", "", "cloudflare-account-id", ""), says: "cloudflare-api-token"},
		{name: "no root key", event: "schedule", inputs: with("root-key", ""), says: "root-key"},
		{name: "a password for a root key", event: "schedule", inputs: with("root-key", "hunter2"), says: "layer root generate"},
		{name: "force without a reason", event: "workflow_dispatch", inputs: with("force", "true"), says: "force needs reason"},
		{name: "no permission to push", event: "schedule", inputs: apply, says: "contents: write", before: func(r *repository) {
			r.github.Set(func(o *fake.Options) {
				o.Permissions = map[fake.Area]fake.Level{fake.Contents: fake.Read, fake.PullRequests: fake.Write}
			})
		}},
		{name: "no permission to open pull requests", event: "schedule", inputs: apply, says: "Allow GitHub Actions to create and approve pull requests", before: func(r *repository) {
			r.github.Set(func(o *fake.Options) { o.ForbidPullRequests = true })
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRepository(t, nil)
			if c.before != nil {
				c.before(r)
			}
			o := r.action(c.event, c.inputs, c.env...)
			if o.code != 1 || !strings.Contains(o.stderr+o.stdout, c.says) {
				t.Errorf("exit code %d, %q is missing in\n%s\n%s", o.code, c.says, o.stderr, o.stdout)
			}
			if n := len(r.values()); n != 0 {
				t.Errorf("%d secrets were written", n)
			}
		})
	}
}

// After the base branch has moved, an apply is refused in a re-run and in a run
// that is hours old, but not in a recent run.
func TestFault21_OldRunStartedAgain(t *testing.T) {
	r := newRepository(t, nil)
	old := r.github.Head("main")
	r.github.Commit("main", map[string]string{"src/more.ts": "export {}\n"}, "moved on")
	run := func(attempt string, age time.Duration) stepResult {
		r.github.SetRun(99, fake.Run{Created: r.clock.Now().Add(-age)})
		return r.action("schedule", map[string]string{"apply": "true"}, "GITHUB_SHA="+old, "GITHUB_RUN_ID=99", "GITHUB_RUN_ATTEMPT="+attempt)
	}
	r.checkedOut = old
	if o := run("2", time.Hour); o.code != 1 || !strings.Contains(o.stdout, "started again") {
		t.Errorf("second attempt: exit code %d\n%s", o.code, o.stdout)
	}
	if o := run("1", 7*time.Hour); o.code != 1 || !strings.Contains(o.stdout, "start a new one") {
		t.Errorf("seven hours old: exit code %d\n%s", o.code, o.stderr)
	}
	if len(r.values()) != 0 {
		t.Fatal("a stale run wrote to the store")
	}
	if o := run("1", time.Hour); o.code != 0 {
		t.Errorf("an hour old: exit code %d\n%s", o.code, o.stderr)
	}
}

// On other events, apply gives a warning and the run only checks.
func TestFault21_OtherEventsOnlyCheck(t *testing.T) {
	for _, event := range []string{"pull_request", "merge_group", "workflow_run", "issue_comment"} {
		r := newRepository(t, nil)
		o := r.action(event, map[string]string{"apply": "true"})
		if o.code != 0 || !strings.Contains(o.stdout, "::warning") || len(r.values()) != 0 {
			t.Errorf("%s: exit code %d, %d secrets\n%s", event, o.code, len(r.values()), o.stdout)
		}
		if _, writes := r.github.Totals(); writes != 0 {
			t.Errorf("%s: %d GitHub writes", event, writes)
		}
	}
}

// A re-run of a forced dispatch rotates nothing.
func TestFault21_ForcedDispatchStartedAgain(t *testing.T) {
	r := newRepository(t, nil)
	r.mustApply()
	force := map[string]string{"apply": "true", "force": "true", "reason": "leaked", "only": "auth/session-key"}
	run := func() stepResult {
		return r.action("workflow_dispatch", force, "GITHUB_RUN_ID=500")
	}
	if o := run(); o.outputs["rotated"] != `["auth/session-key"]` {
		t.Fatalf("rotated %s\n%s", o.outputs["rotated"], o.stderr)
	}
	before := r.values()
	if o := run(); o.outputs["rotated"] != `[]` || o.code != 0 {
		t.Errorf("re-run: rotated %s, exit code %d\n%s", o.outputs["rotated"], o.code, o.stderr)
	}
	for name, s := range r.values() {
		if before[name] != s {
			t.Errorf("%s was rotated twice", name)
		}
	}
}
