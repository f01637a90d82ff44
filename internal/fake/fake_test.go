package fake_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/fake"
)

var start = time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC)

// repository is a fake GitHub behind a server.
type repository struct {
	*fake.GitHub
	server *httptest.Server
}

func newRepository(t *testing.T, change func(*fake.Options)) *repository {
	t.Helper()
	o := fake.Options{Now: fake.NewClock(start).Now}
	if change != nil {
		change(&o)
	}
	g, server := fake.Serve(t, o)
	return &repository{g, server}
}

// do sends a request. It returns status 0 if there was no answer.
func (r *repository) do(t *testing.T, method, path, body string) (status int, text string, header http.Header) {
	t.Helper()
	if path != "/graphql" {
		path = "/repos/acme/billing" + path
	}
	request, err := http.NewRequestWithContext(t.Context(), method, r.server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer token")
	answer, err := r.server.Client().Do(request)
	if err != nil {
		return 0, "", nil
	}
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(read), answer.Header
}

func quote(v any) string {
	out, _ := json.Marshal(v)
	return string(out)
}

func commitOn(branch, head, path, text string) string {
	return quote(map[string]any{"query": "mutation { createCommitOnBranch }", "variables": map[string]any{"input": map[string]any{
		"branch":  map[string]string{"repositoryNameWithOwner": "acme/billing", "branchName": branch},
		"message": map[string]string{"headline": "a commit"}, "expectedHeadOid": head,
		"fileChanges": map[string]any{"additions": []map[string]string{{"path": path, "contents": base64.StdEncoding.EncodeToString([]byte(text))}}},
	}}})
}

// Objects have the ids that git gives them.
func TestObjectIDs(t *testing.T) {
	r := newRepository(t, func(o *fake.Options) { o.Files = map[string]string{"a/b/f": "hi\n", "a.c/g": "x\n", "z": "top\n"} })
	_, commit, _ := r.do(t, "GET", "/git/commits/"+r.Head("main"), "")
	if want := `"tree":{"sha":"c7b77f2045454170c96390749c64b9606299c410"}`; !strings.Contains(commit, want) {
		t.Errorf("commit %s does not contain %s", commit, want)
	}
	_, file, _ := r.do(t, "GET", "/contents/z?ref=main", "")
	if want := `"sha":"bf1a1fdefa3c7f4b0180a75a951e9574662a8bc8"`; !strings.Contains(file, want) {
		t.Errorf("file %s does not contain %s", file, want)
	}
}

// A refused request has no effect and gets the message that GitHub sends.
func TestRefusals(t *testing.T) {
	other := strings.Repeat("0", 40)
	r := newRepository(t, func(o *fake.Options) { o.Protected = func(b string) bool { return b == "locked" } })
	first := r.Head("main")
	second := r.Commit("main", map[string]string{"a": "1"}, "second")
	r.Commit("side", map[string]string{"b": "1"}, "side")
	r.ForcePush("locked", first)
	ref := func(name, sha string) string { return quote(map[string]any{"ref": "refs/heads/" + name, "sha": sha}) }
	pull := func(head string) string {
		return quote(map[string]string{"title": "t", "head": head, "base": "main"})
	}
	for name, test := range map[string]struct {
		method, path, body string
		status             int
		says               string
	}{
		"no such file":        {"GET", "/contents/none?ref=main", "", 404, "Not Found"},
		"no such commit":      {"GET", "/contents/a?ref=" + other, "", 404, "No commit found"},
		"no such branch":      {"GET", "/git/ref/heads/none", "", 404, "Not Found"},
		"no such route":       {"GET", "/teapot", "", 404, "Not Found"},
		"branch exists":       {"POST", "/git/refs", ref("side", first), 422, "Reference already exists"},
		"branch below branch": {"POST", "/git/refs", ref("side/b", first), 422, "Reference update failed"},
		"no such object":      {"POST", "/git/refs", ref("new", other), 422, "Object does not exist"},
		"not fast-forward":    {"PATCH", "/git/refs/heads/side", quote(map[string]any{"sha": second, "force": false}), 422, "Update is not a fast forward"},
		"rule":                {"PATCH", "/git/refs/heads/locked", quote(map[string]any{"sha": second}), 422, "Repository rule violations found"},
		"rule, GraphQL":       {"POST", "/graphql", commitOn("locked", first, "x", "1"), 200, "Repository rule violations found"},
		"stale":               {"POST", "/graphql", commitOn("main", first, "x", "1"), 200, `"type":"STALE_DATA"`},
		"unknown ref":         {"GET", "/compare/main...none", "", 404, "Not Found"},
		"no commits":          {"POST", "/pulls", pull("locked"), 422, "No commits between main and locked"},
		"auto-merge of no PR": {"POST", "/graphql", `{"query":"enablePullRequestAutoMerge","variables":{"input":{"pullRequestId":"PR_9"}}}`, 200, "NOT_FOUND"},
	} {
		before := quote([]any{r.Branches(), r.Head("main"), r.Head("side"), r.Pulls()})
		status, text, _ := r.do(t, test.method, test.path, test.body)
		if status != test.status || !strings.Contains(text, test.says) {
			t.Errorf("%s: got %d %s, want %d %s", name, status, text, test.status, test.says)
		}
		if after := quote([]any{r.Branches(), r.Head("main"), r.Head("side"), r.Pulls()}); after != before {
			t.Errorf("%s changed the repository", name)
		}
	}
	if status, _, _ := r.do(t, "POST", "/pulls", pull("side")); status != 201 {
		t.Errorf("pull request: %d", status)
	}
	if _, text, _ := r.do(t, "POST", "/pulls", pull("side")); !strings.Contains(text, "A pull request already exists for acme:side.") {
		t.Errorf("second pull request: %s", text)
	}
}

// A token without a permission gets GitHub's message for that, in every area.
func TestPermissions(t *testing.T) {
	for _, level := range []fake.Level{fake.None, fake.Read, fake.Write} {
		r := newRepository(t, func(o *fake.Options) {
			o.Private = true
			o.Permissions = map[fake.Area]fake.Level{fake.Contents: level, fake.PullRequests: level, fake.Actions: level}
		})
		r.Issue()
		r.SetRun(7, fake.Run{Created: start, Attempt: 1})
		for request, need := range map[string]fake.Level{
			"GET ": fake.None, "GET /git/ref/heads/main": fake.Read, "GET /pulls": fake.Read, "GET /actions/runs/7": fake.Read, "GET /issues/1/comments": fake.Read,
			"POST /git/refs": fake.Write, "POST /pulls": fake.Write, "POST /issues/1/comments": fake.Write,
		} {
			method, path, _ := strings.Cut(request, " ")
			status, text, _ := r.do(t, method, path, "{}")
			if denied := status == 403 && strings.Contains(text, "Resource not accessible by integration"); denied != (level < need) {
				t.Errorf("level %d, %s: %d %s", level, request, status, text)
			}
		}
		_, text, _ := r.do(t, "POST", "/graphql", commitOn("main", r.Head("main"), "x", "1"))
		if denied := strings.Contains(text, "FORBIDDEN"); denied != (level < fake.Write) {
			t.Errorf("level %d, commit: %s", level, text)
		}
	}
}

// A pull request can be merged unless both sides changed the same file. Each
// merge method leaves its own history.
func TestMerging(t *testing.T) {
	for name, test := range map[string]struct {
		land    func(*repository) string
		parents int
		commits int // how many the base gains
	}{
		"merge":  {func(r *repository) string { return r.Merge(1) }, 2, 3},
		"squash": {func(r *repository) string { return r.Squash(1) }, 1, 1},
		"rebase": {func(r *repository) string { return r.Rebase(1) }, 1, 2},
	} {
		r := newRepository(t, func(o *fake.Options) { o.Files = map[string]string{"a": "0", "b": "0", "c": "0"} })
		r.Commit("side", map[string]string{"a": "1"}, "one")
		r.Commit("side", map[string]string{"a": "2", "b": ""}, "two")
		r.do(t, "POST", "/pulls", `{"title":"t","head":"side","base":"main"}`)
		r.Commit("main", map[string]string{"a": "9"}, "a conflict")
		if r.Mergeable(1) {
			t.Errorf("%s: mergeable although both sides changed a", name)
		}
		head := r.Commit("main", map[string]string{"a": "0", "c": "5"}, "no conflict")
		if !r.Mergeable(1) {
			t.Fatalf("%s: not mergeable without a conflict", name)
		}
		merged := test.land(r)
		if diff := cmp.Diff(map[string]string{"a": "2", "c": "5"}, r.Files("main")); diff != "" {
			t.Errorf("%s: files (-want +got):\n%s", name, diff)
		}
		commits := r.Commits("main", head)
		if last := commits[len(commits)-1]; last.ID != merged || len(last.Parents) != test.parents || len(commits) != test.commits {
			t.Errorf("%s: commits %+v", name, commits)
		}
		if p := r.Pulls()[0]; !p.Merged || p.State != "closed" {
			t.Errorf("%s: %+v", name, p)
		}
		r.Revert("main", merged)
		if got := r.File("main", "c"); name != "rebase" && (r.File("main", "a") != "0" || got != "5") {
			t.Errorf("%s: after the revert: %v", name, r.Files("main"))
		}
	}
}

// A fault prevents the effect or only the answer.
func TestFaults(t *testing.T) {
	for name, test := range map[string]struct {
		fault  fake.Fault
		status int
		says   string
		header string
		effect bool
	}{
		"none":        {fake.Fault{}, 201, "refs/heads/new", "", true},
		"refused":     {fake.Refuse(502, "Bad Gateway"), 502, "Bad Gateway", "", false},
		"failed":      {fake.Fail(502, "Bad Gateway"), 502, "Bad Gateway", "", true},
		"lost":        {fake.Fault{Drop: true}, 0, "", "", true},
		"lost before": {fake.Fault{Drop: true, Skip: true}, 0, "", "", false},
		"secondary":   {fake.SecondaryLimit(403, time.Minute), 403, "secondary rate limit", "Retry-After: 60", false},
		"primary":     {fake.PrimaryLimit(start), 403, "API rate limit exceeded", fmt.Sprint("X-Ratelimit-Reset: ", start.Unix()), false},
	} {
		r := newRepository(t, func(o *fake.Options) {
			o.Fault = func(r fake.Request) fake.Fault {
				if want := (fake.Request{Number: 1, Method: "POST", Kind: fake.KindCreateRef}); r != want {
					t.Errorf("%s: asked about %+v", name, r)
				}
				return test.fault
			}
		})
		status, text, header := r.do(t, "POST", "/git/refs", quote(map[string]string{"ref": "refs/heads/new", "sha": r.Head("main")}))
		if status != test.status || !strings.Contains(text, test.says) {
			t.Errorf("%s: got %d %s", name, status, text)
		}
		if key, value, _ := strings.Cut(test.header, ": "); key != "" && header.Get(key) != value {
			t.Errorf("%s: header %v", name, header)
		}
		if effect := r.Head("new") != ""; effect != test.effect {
			t.Errorf("%s: effect %v", name, effect)
		}
		if all, writes := r.Totals(); all != 1 || writes != 1 {
			t.Errorf("%s: counted %d and %d", name, all, writes)
		}
	}
}

func TestCompare(t *testing.T) {
	r := newRepository(t, nil)
	ancestor := r.Head("main")
	r.Commit("side", map[string]string{"a": "1"}, "one")
	r.Commit("side", map[string]string{"README.md": ""}, "two")
	r.Commit("main", map[string]string{"b": "1"}, "three")
	_, text, header := r.do(t, "GET", "/compare/main...side", "")
	var got struct {
		Status string
		Ahead  int `json:"ahead_by"`
		Behind int `json:"behind_by"`
		Base   struct {
			SHA string
		} `json:"merge_base_commit"`
		Files []struct{ Filename, Status string }
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	want := got
	want.Status, want.Ahead, want.Behind, want.Base.SHA = "diverged", 2, 1, ancestor
	want.Files = []struct{ Filename, Status string }{{"README.md", "removed"}, {"a", "added"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("comparison (-want +got):\n%s", diff)
	}
	r.do(t, "POST", "/pulls", `{"title":"t","head":"side","base":"main"}`)
	var files []struct{ Filename, Status string }
	_, text, _ = r.do(t, "GET", "/pulls/1/files", "")
	if err := json.Unmarshal([]byte(text), &files); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Files, files); diff != "" {
		t.Errorf("files of the pull request (-want +got):\n%s", diff)
	}
	if date := header.Get("Date"); date != "Mon, 01 Jun 2026 03:00:00 GMT" {
		t.Errorf("the date is %q", date)
	}
}
