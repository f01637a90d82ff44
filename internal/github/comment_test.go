package github_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/github"
)

// faults are the ways in which one request can fail.
var faults = fake.RequestFaults(start.Add(4 * time.Minute))

const mark = "<!-- layer:1 production . -->\n"

func comment(body, footer string) github.Comment {
	return github.Comment{Environment: "production", Project: ".", Body: body, Footer: footer}
}

// put puts a comment on a pull request, and checks what was done.
func (w *world) put(t *testing.T, number int, c github.Comment, want github.Operation) {
	t.Helper()
	if got, err := w.repository.PutComment(t.Context(), number, c); err != nil || got != want {
		t.Errorf("comment %q: %s, %v, want %s", c.Body, got, err, want)
	}
}

func TestPutComment(t *testing.T) {
	w := newWorld(t, fake.Options{})
	n := w.Issue()
	quiet := comment("nothing rotates", "run 0")
	quiet.UpdateOnly = true
	w.put(t, n, quiet, github.Untouched)
	w.put(t, n, comment("two rotate", "run 1"), github.Created)
	w.put(t, n, comment("two rotate", "run 2"), github.Untouched)
	w.put(t, n, comment("one rotates", "run 3"), github.Updated)
	w.put(t, n, quiet, github.Updated)
	comments := w.Comments(n)
	if len(comments) != 1 || comments[0].Edits != 2 || !strings.HasPrefix(comments[0].Body, mark+"nothing rotates") || !strings.HasSuffix(comments[0].Body, "run 0") {
		t.Errorf("comments: %+v", comments)
	}
}

// Fault 56: a secret may be named like the mark in front of the footer. What
// follows it in the body still counts as a change.
func TestFault56_TheMarkInTheBody(t *testing.T) {
	w := newWorld(t, fake.Options{})
	n := w.Issue()
	body := func(text string) string { return "rotates a/<!-- layer:footer -->\n" + text }
	w.put(t, n, comment(body("one rotates"), "run 1"), github.Created)
	w.put(t, n, comment(body("one rotates"), "run 2"), github.Untouched)
	w.put(t, n, comment(body("two rotate"), "run 3"), github.Updated)
	w.put(t, n, comment(body("two rotate"), "run 4"), github.Untouched)
}

// Fault 40: each environment and project has its own comment, and no name can
// end the marker.
func TestFault40_CommentsAreSeparate(t *testing.T) {
	w := newWorld(t, fake.Options{})
	n := w.Issue()
	all := []github.Comment{
		{Environment: "production", Project: "."}, {Environment: "production", Project: "apps/a"}, {Environment: "production", Project: "apps/a b"},
		{Environment: "staging", Project: "."}, {Environment: "production", Project: ". -->"}, {Environment: "production -->", Project: "."},
		{Environment: "a--b", Project: "x\ny"}, {Environment: "a-", Project: "-b"}, {Environment: "a", Project: "--b"},
	}
	for _, want := range []github.Operation{github.Created, github.Untouched} {
		for _, c := range all {
			w.put(t, n, c, want)
		}
	}
	for _, c := range w.Comments(n) {
		first, _, _ := strings.Cut(c.Body, "\n")
		if inner := strings.TrimSuffix(strings.TrimPrefix(first, "<!--"), "-->"); strings.Contains(inner, "--") || strings.Count(first, " ") != 4 {
			t.Errorf("marker %q", first)
		}
	}
}

// Others may write the marker, or quote it. Their comments stay as they are.
func TestPutCommentLeavesOthersAlone(t *testing.T) {
	w := newWorld(t, fake.Options{})
	n := w.Issue()
	w.Say(n, "mallory", mark+"forged")
	w.Say(n, "github-actions[bot]", "see "+mark)
	w.put(t, n, comment("two rotate", ""), github.Created)
	w.put(t, n, comment("one rotates", ""), github.Updated)
	comments := w.Comments(n)
	if len(comments) != 3 || comments[0].Edits+comments[1].Edits != 0 || !strings.Contains(comments[2].Body, "one rotates") {
		t.Errorf("comments: %+v", comments)
	}
}

// An app's token has another name; a token without a user is the workflow's.
func TestPutCommentKnowsItsUser(t *testing.T) {
	w := newWorld(t, fake.Options{Login: "our-app[bot]"})
	n := w.Issue()
	w.Say(n, "github-actions[bot]", mark+"of another workflow")
	w.put(t, n, comment("two rotate", ""), github.Created)
	w.put(t, n, comment("one rotates", ""), github.Updated)
	w.SetFault(func(r fake.Request) fake.Fault {
		if r.Kind == fake.KindViewer {
			return fake.Refuse(http.StatusForbidden, "Resource not accessible by integration")
		}
		return fake.Fault{}
	})
	w.put(t, n, comment("by the other", ""), github.Updated)
	if c := w.Comments(n); len(c) != 2 || !strings.Contains(c[0].Body, "by the other") {
		t.Errorf("comments: %+v", c)
	}
}

// All pages are read, and the oldest duplicate stays.
func TestPutCommentDeletesDuplicates(t *testing.T) {
	w := newWorld(t, fake.Options{})
	n := w.Issue()
	for i := range 250 {
		author, body := "alice", fmt.Sprint("talk ", i)
		if i == 120 || i == 130 || i == 240 {
			author, body = "github-actions[bot]", mark+"old"
		}
		w.Say(n, author, body)
	}
	w.put(t, n, comment("new", ""), github.Updated)
	comments := w.Comments(n)
	if len(comments) != 248 || !strings.Contains(comments[120].Body, "new") {
		t.Errorf("%d comments are left", len(comments))
	}
}

// P6: a browser that changes the line ends changes nothing.
func TestPutCommentAfterBrowserEdit(t *testing.T) {
	w := newWorld(t, fake.Options{})
	n := w.Issue()
	w.put(t, n, comment("a\nb", "run 1"), github.Created)
	text := w.Comments(n)[0].Body
	m := w.Issue()
	w.Say(m, "github-actions[bot]", strings.ReplaceAll(text, "\n", "\r\n"))
	w.put(t, m, comment("a\nb", "run 2"), github.Untouched)
}

// A comment whose answer is lost is not written twice.
func TestFault17_CommentOnce(t *testing.T) {
	for name, fault := range faults {
		for kind := range map[fake.Kind]bool{fake.KindCreateComment: true, fake.KindListComments: true, fake.KindUpdateComment: true} {
			t.Run(name+"/"+string(kind), func(t *testing.T) {
				w := newWorld(t, fake.Options{})
				n, done := w.Issue(), false
				w.SetFault(func(r fake.Request) fake.Fault {
					if done || r.Kind != kind {
						return fake.Fault{}
					}
					done = true
					return fault
				})
				w.put(t, n, comment("one", ""), github.Created)
				if c := w.Comments(n); len(c) != 1 {
					t.Errorf("comments: %+v", c)
				}
				w.put(t, n, comment("two", ""), github.Updated)
				if c := w.Comments(n); len(c) != 1 || !strings.Contains(c[0].Body, "two") {
					t.Errorf("comments: %+v", c)
				}
			})
		}
	}
}

// Faults 19 and 35: a token that may not comment is distinguished from other
// failures.
func TestFault35_ReadOnlyToken(t *testing.T) {
	w := newWorld(t, fake.Options{Permissions: map[fake.Area]fake.Level{fake.Contents: fake.Read, fake.PullRequests: fake.Read}})
	_, err := w.repository.PutComment(t.Context(), w.Issue(), comment("two rotate", ""))
	var denied *github.DeniedError
	if !errors.As(err, &denied) || denied.Permission != "pull-requests: write" || strings.Contains(err.Error(), "pull_request_target") {
		t.Errorf("got %v", err)
	}
}

func TestAddComment(t *testing.T) {
	w := newWorld(t, fake.Options{})
	n := w.Issue()
	for range 2 {
		if err := w.repository.AddComment(t.Context(), n, "done"); err != nil {
			t.Error(err)
		}
	}
	if c := w.Comments(n); len(c) != 2 {
		t.Errorf("comments: %+v", c)
	}
}
