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

// A cron workflow: it creates, proposes the journal, and does nothing when
// there is nothing to do, within its budget of requests.
func TestActionApplies(t *testing.T) {
	h := newHub(t, nil)
	first := h.applied()
	if got := first.outputs["rotated"]; strings.Count(got, "/") != 5 {
		t.Errorf("rotated %s, want five ids", got)
	}
	if first.outputs["pull-request-operation"] != "created" || first.outputs["pull-request-number"] == "" || first.outputs["journal-commit"] != h.github.Head(botBranch) {
		t.Errorf("outputs %v", first.outputs)
	}
	if all, _ := h.github.Totals(); all > 16 {
		t.Errorf("%d GitHub requests, want at most 16: %v", all, h.github.Counts())
	}
	var plan struct{ Entries []struct{ Result *string } }
	if err := json.Unmarshal([]byte(first.outputs["plan"]), &plan); err != nil || len(plan.Entries) != 7 {
		t.Errorf("output plan: %v, %d entries", err, len(plan.Entries))
	}
	if readFile(t, h.project+"/"+first.outputs["plan-file"]) != first.outputs["plan"]+"\n" && readFile(t, h.project+"/"+first.outputs["plan-file"]) != first.outputs["plan"] {
		t.Error("plan-file is not the plan")
	}
	if !strings.Contains(first.summary, "auth/session-key") {
		t.Errorf("summary:\n%s", first.summary)
	}
	pull, open := h.github.Open(botBranch)
	if !open || !strings.Contains(pull.Body, "auth/session-key") {
		t.Errorf("pull request %+v", pull)
	}
	if !h.github.Mergeable(pull.Number) {
		t.Error("the pull request cannot be merged")
	}

	before, branch := h.values(), h.github.Head(botBranch)
	h.github.ResetCounts()
	second := h.applied()
	all, writes := h.github.Totals()
	if all > 4 || writes != 0 {
		t.Errorf("nothing to do: %d GitHub requests, %d writes: %v", all, writes, h.github.Counts())
	}
	if second.outputs["rotated"] != "[]" || second.outputs["pull-request-operation"] != "none" {
		t.Errorf("outputs %v", second.outputs)
	}
	for name, s := range h.values() {
		if before[name] != s {
			t.Errorf("%s changed", name)
		}
	}
	if h.github.Head(botBranch) != branch {
		t.Error("a commit was made")
	}
}

// Two years of daily cron runs, with pull requests merged, squashed, rebased,
// closed, their branch deleted and the merge reverted on the way: no rotation
// is missed or made twice, no value changes, and every run ends well.
func TestActionTwoYears(t *testing.T) {
	t.Parallel()
	h := newHub(t, nil)
	values := map[string]string{} // store name and version → value
	for day := range 2 * 365 {
		h.set(time.Date(2026, 5, 10, 3, 0, 0, 0, time.UTC).AddDate(0, 0, day))
		h.applied()
		for name, s := range h.values() {
			secrets := map[string]string{}
			collect(secrets, name, s.Value)
			for id, value := range secrets {
				if old, known := values[id]; known && old != value && strings.Contains(id, " v") {
					t.Fatalf("on day %d %s has another value", day, id)
				}
				values[id] = value
			}
		}
		h.people(day)
	}
	out := h.must("secret", "versions", "auth/session-key", "--env", "production", "--project", h.journalCopy())
	if !strings.Contains(out, "v25") { // a first version and 24 slots of 30 days from 1 June 2026
		t.Errorf("after two years:\n%s", out)
	}
}

// people do with the bot's pull request what people do.
func (h *hub) people(day int) {
	pull, open := h.github.Open(botBranch)
	if !open {
		return
	}
	if !h.github.Mergeable(pull.Number) {
		h.t.Fatalf("on day %d pull request %d cannot be merged", day, pull.Number)
	}
	switch day % 90 {
	case 3:
		h.github.Merge(pull.Number)
	case 33:
		h.github.Squash(pull.Number)
	case 45:
		h.github.Close(pull.Number)
	case 50:
		h.github.Close(pull.Number)
		h.github.DeleteBranch(botBranch)
	case 70:
		h.github.Revert("main", h.github.Merge(pull.Number))
	}
}

// journalCopy is a folder with the journal as it is on the bot branch.
func (h *hub) journalCopy() string {
	h.t.Helper()
	return writeJournal(h.t, h.github.File(botBranch, ".layeron/rotation/production.json"))
}

// A pull request's plan is one comment, written once, and found in the summary
// too; it needs neither root key nor credentials.
func TestActionComments(t *testing.T) {
	h := newHub(t, nil)
	h.applied()
	h.github.Commit("feature", map[string]string{"src/new.ts": "x"}, "a feature")
	h.pull = h.github.Propose("feature")
	bare := map[string]string{"root-key": "", "cloudflare-api-token": "", "cloudflare-account-id": ""}
	first := h.action("pull_request", bare)
	if first.code != 0 || !strings.Contains(first.summary, "auth/session-key") {
		t.Fatalf("exit code %d\n%s\n%s", first.code, first.said, first.log)
	}
	comments := h.github.Comments(h.pull)
	if len(comments) > 1 {
		t.Fatalf("%d comments", len(comments))
	}
	h.github.ResetCounts()
	h.action("pull_request", bare)
	if _, writes := h.github.Totals(); writes != 0 {
		t.Errorf("the same plan again: %d writes: %v", writes, h.github.Counts())
	}
}

// What a pull request changes is told against the base branch's declarations.
func TestActionCommentsOnChanges(t *testing.T) {
	h := newHub(t, nil)
	h.applied()
	path := filepath.Join(h.project, "src", "secrets", "sessions.ts")
	changed := strings.Replace(readFile(t, path), "everyDays: 30", "everyDays: 60", 1)
	h.github.Commit("feature", map[string]string{"src/secrets/sessions.ts": changed}, "rotate less often")
	h.pull = h.github.Propose("feature")
	if err := os.WriteFile(path, []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
	o := h.action("pull_request", nil)
	comments := h.github.Comments(h.pull)
	if o.code != 0 || len(comments) != 1 {
		t.Fatalf("exit code %d, %d comments\n%s\n%s", o.code, len(comments), o.said, o.log)
	}
	body := comments[0].Body
	for _, want := range []string{"auth/session-key", "every 30 days", "every 60 days"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q in\n%s", want, body)
		}
	}
	if strings.Contains(body, "billing/link-key` changed") {
		t.Errorf("tells of what did not change:\n%s", body)
	}
	h.github.ResetCounts()
	h.action("pull_request", nil)
	if _, writes := h.github.Totals(); writes != 0 {
		t.Errorf("the same plan again: %d writes", writes)
	}
}

// A pull request that edits the journal is told so, and its journal is never
// planned from.
func TestFault36_EditedJournal(t *testing.T) {
	h := newHub(t, nil)
	h.applied()
	h.github.Commit("feature", map[string]string{".layeron/rotation/production.json": "{}"}, "edit the journal")
	h.pull = h.github.Propose("feature")
	o := h.action("pull_request", nil)
	if o.code != 0 || !strings.Contains(o.log, "::warning file=.layeron/rotation/production.json") || !strings.Contains(o.summary, ".layeron/rotation/production.json") {
		t.Errorf("exit code %d\n%s\n%s", o.code, o.log, o.summary)
	}
	if !strings.Contains(o.outputs["plan"], `"current": "v1"`) {
		t.Errorf("planned from the edited journal:\n%s", o.outputs["plan"])
	}
}

// A fork's token may only read and its run gets no secrets: the plan is in the
// summary, and the run succeeds.
func TestFault35_ForkGetsItsPlanInTheSummary(t *testing.T) {
	h := newHub(t, nil)
	h.applied()
	h.fork = true
	h.pull = h.github.ForkPull("feature")
	h.github.Set(func(o *fake.Options) {
		o.Permissions = map[fake.Area]fake.Level{fake.Contents: fake.Read, fake.PullRequests: fake.Read}
	})
	o := h.action("pull_request", map[string]string{"root-key": "", "cloudflare-api-token": "", "cloudflare-account-id": ""})
	if o.code != 0 || !strings.Contains(o.summary, "auth/session-key") || strings.Contains(o.log, "::error") {
		t.Errorf("exit code %d\n%s\n%s", o.code, o.log, o.summary)
	}
}

// Every reason to refuse an apply is said, and nothing is written anywhere.
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
		before func(h *hub)
		says   string
	}{
		{name: "another branch", event: "workflow_dispatch", inputs: apply, env: []string{"GITHUB_REF=refs/heads/feature"}, says: "only main applies"},
		{name: "another checkout", event: "schedule", inputs: apply, env: []string{"GITHUB_SHA=" + strings.Repeat("a", 40)}, says: "the workspace holds commit"},
		{name: "no credentials", event: "schedule", inputs: with("cloudflare-api-token", "", "cloudflare-account-id", ""), says: "cloudflare-api-token"},
		{name: "no root key", event: "schedule", inputs: with("root-key", ""), says: "root-key"},
		{name: "a password for a root key", event: "schedule", inputs: with("root-key", "hunter2"), says: "layer root generate"},
		{name: "force without a reason", event: "workflow_dispatch", inputs: with("force", "true"), says: "force needs reason"},
		{name: "no permission to push", event: "schedule", inputs: apply, says: "contents: write", before: func(h *hub) {
			h.github.Set(func(o *fake.Options) {
				o.Permissions = map[fake.Area]fake.Level{fake.Contents: fake.Read, fake.PullRequests: fake.Write}
			})
		}},
		{name: "no permission to open pull requests", event: "schedule", inputs: apply, says: "Allow GitHub Actions to create and approve pull requests", before: func(h *hub) {
			h.github.Set(func(o *fake.Options) { o.ForbidPullRequests = true })
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHub(t, nil)
			if c.before != nil {
				c.before(h)
			}
			o := h.action(c.event, c.inputs, c.env...)
			if o.code != 1 || !strings.Contains(o.said+o.log, c.says) {
				t.Errorf("exit code %d, no %q in\n%s\n%s", o.code, c.says, o.said, o.log)
			}
			if n := len(h.values()); n != 0 {
				t.Errorf("%d secrets were written", n)
			}
		})
	}
}

// An old run that is started again after the base branch has moved on is
// refused; a fresh one is not, if it may ask.
func TestFault21_OldRunStartedAgain(t *testing.T) {
	h := newHub(t, nil)
	old := h.github.Head("main")
	h.github.Commit("main", map[string]string{"src/more.ts": "export {}\n"}, "moved on")
	run := func(attempt string, age time.Duration) outcome {
		h.github.SetRun(99, fake.Run{Created: h.now().Add(-age)})
		return h.action("schedule", map[string]string{"apply": "true"}, "GITHUB_SHA="+old, "GITHUB_RUN_ID=99", "GITHUB_RUN_ATTEMPT="+attempt)
	}
	h.stayAt = old
	if o := run("2", time.Hour); o.code != 1 || !strings.Contains(o.log, "started again") {
		t.Errorf("second attempt: exit code %d\n%s", o.code, o.log)
	}
	if o := run("1", 7*time.Hour); o.code != 1 || !strings.Contains(o.log, "start a new one") {
		t.Errorf("seven hours old: exit code %d\n%s", o.code, o.said)
	}
	if len(h.values()) != 0 {
		t.Fatal("a stale run wrote")
	}
	if o := run("1", time.Hour); o.code != 0 {
		t.Errorf("an hour old: exit code %d\n%s", o.code, o.said)
	}
}

// Events that only check say so, and write nothing.
func TestFault21_OtherEventsOnlyCheck(t *testing.T) {
	for _, event := range []string{"pull_request", "merge_group", "workflow_run", "issue_comment"} {
		h := newHub(t, nil)
		o := h.action(event, map[string]string{"apply": "true"})
		if o.code != 0 || !strings.Contains(o.log, "::warning") || len(h.values()) != 0 {
			t.Errorf("%s: exit code %d, %d secrets\n%s", event, o.code, len(h.values()), o.log)
		}
		if _, writes := h.github.Totals(); writes != 0 {
			t.Errorf("%s: %d GitHub writes", event, writes)
		}
	}
}

// A forced dispatch that is re-run does nothing more.
func TestFault21_ForcedDispatchStartedAgain(t *testing.T) {
	h := newHub(t, nil)
	h.applied()
	force := map[string]string{"apply": "true", "force": "true", "reason": "leaked", "only": "auth/session-key"}
	run := func() outcome {
		return h.action("workflow_dispatch", force, "GITHUB_RUN_ID=500")
	}
	if o := run(); o.outputs["rotated"] != `["auth/session-key"]` {
		t.Fatalf("rotated %s\n%s", o.outputs["rotated"], o.said)
	}
	before := h.values()
	if o := run(); o.outputs["rotated"] != `[]` || o.code != 0 {
		t.Errorf("again: rotated %s, exit code %d\n%s", o.outputs["rotated"], o.code, o.said)
	}
	for name, s := range h.values() {
		if before[name] != s {
			t.Errorf("%s was rotated twice", name)
		}
	}
}
