package pr_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/pr"
)

const mark = "<!-- layer:1 production . -->\n"

func comment(body, footer string) pr.Comment {
	return pr.Comment{Environment: "production", Project: ".", Body: body, Footer: footer}
}

// stick comments and checks what was done.
func (w *world) stick(t *testing.T, number int, c pr.Comment, want pr.Operation) {
	t.Helper()
	r, err := pr.Open(w.options)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := r.Stick(context.Background(), number, c); err != nil || got != want {
		t.Errorf("comment %q: %s, %v, want %s", c.Body, got, err, want)
	}
}

func TestStick(t *testing.T) {
	w := newWorld(t, nil)
	n := w.Issue()
	quiet := comment("nothing rotates", "run 0")
	quiet.UpdateOnly = true
	w.stick(t, n, quiet, pr.Untouched)
	w.stick(t, n, comment("two rotate", "run 1"), pr.Created)
	w.stick(t, n, comment("two rotate", "run 2"), pr.Untouched)
	w.stick(t, n, comment("one rotates", "run 3"), pr.Updated)
	w.stick(t, n, quiet, pr.Updated)
	comments := w.Comments(n)
	if len(comments) != 1 || comments[0].Edits != 2 || !strings.HasPrefix(comments[0].Body, mark+"nothing rotates") || !strings.HasSuffix(comments[0].Body, "run 0") {
		t.Errorf("comments: %+v", comments)
	}
}

// Fault 40: each environment and project has a comment of its own, and names
// cannot reach out of the marker.
func TestFault40_CommentsDoNotTouch(t *testing.T) {
	w := newWorld(t, nil)
	n := w.Issue()
	all := []pr.Comment{
		{Environment: "production", Project: "."}, {Environment: "production", Project: "apps/a"}, {Environment: "production", Project: "apps/a b"},
		{Environment: "staging", Project: "."}, {Environment: "production", Project: ". -->"}, {Environment: "production -->", Project: "."},
		{Environment: "a--b", Project: "x\ny"}, {Environment: "a-", Project: "-b"}, {Environment: "a", Project: "--b"},
	}
	for _, want := range []pr.Operation{pr.Created, pr.Untouched} {
		for _, c := range all {
			w.stick(t, n, c, want)
		}
	}
	for _, c := range w.Comments(n) {
		first, _, _ := strings.Cut(c.Body, "\n")
		if inner := strings.TrimSuffix(strings.TrimPrefix(first, "<!--"), "-->"); strings.Contains(inner, "--") || strings.Count(first, " ") != 4 {
			t.Errorf("marker %q", first)
		}
	}
}

// Others may write the marker, or quote it; their comments are theirs.
func TestStickLeavesOthersAlone(t *testing.T) {
	w := newWorld(t, nil)
	n := w.Issue()
	w.Say(n, "mallory", mark+"forged")
	w.Say(n, "github-actions[bot]", "see "+mark)
	w.stick(t, n, comment("two rotate", ""), pr.Created)
	w.stick(t, n, comment("one rotates", ""), pr.Updated)
	comments := w.Comments(n)
	if len(comments) != 3 || comments[0].Edits+comments[1].Edits != 0 || !strings.Contains(comments[2].Body, "one rotates") {
		t.Errorf("comments: %+v", comments)
	}
}

// An app's token has another name; a token that is nobody is the workflow's.
func TestStickKnowsItself(t *testing.T) {
	w := newWorld(t, func(o *fake.Options, _ *pr.Options, _ *pr.HomeOptions) { o.Login = "our-app[bot]" })
	n := w.Issue()
	w.Say(n, "github-actions[bot]", mark+"of another workflow")
	w.stick(t, n, comment("two rotate", ""), pr.Created)
	w.stick(t, n, comment("one rotates", ""), pr.Updated)
	w.SetFault(func(r fake.Request) fake.Fault {
		if r.Kind == fake.KindViewer {
			return fake.Refuse(http.StatusForbidden, "Resource not accessible by integration")
		}
		return fake.Fault{}
	})
	w.stick(t, n, comment("by the other", ""), pr.Updated)
	if c := w.Comments(n); len(c) != 2 || !strings.Contains(c[0].Body, "by the other") {
		t.Errorf("comments: %+v", c)
	}
}

// All pages are read, and duplicates end in the oldest.
func TestStickFoldsDuplicates(t *testing.T) {
	w := newWorld(t, nil)
	n := w.Issue()
	for i := range 250 {
		author, body := "somebody", fmt.Sprint("talk ", i)
		if i == 120 || i == 130 || i == 240 {
			author, body = "github-actions[bot]", mark+"old"
		}
		w.Say(n, author, body)
	}
	w.stick(t, n, comment("new", ""), pr.Updated)
	comments := w.Comments(n)
	if len(comments) != 248 || !strings.Contains(comments[120].Body, "new") {
		t.Errorf("%d comments are left", len(comments))
	}
}

// P6: the line ends of a browser are no change.
func TestStickAfterBrowserEdit(t *testing.T) {
	w := newWorld(t, nil)
	n := w.Issue()
	w.stick(t, n, comment("a\nb", "run 1"), pr.Created)
	text := w.Comments(n)[0].Body
	m := w.Issue()
	w.Say(m, "github-actions[bot]", strings.ReplaceAll(text, "\n", "\r\n"))
	w.stick(t, m, comment("a\nb", "run 2"), pr.Untouched)
}

// A comment whose answer is lost is not written twice.
func TestFault17_CommentOnce(t *testing.T) {
	for trouble, fault := range troubles {
		for kind := range map[fake.Kind]bool{fake.KindCreateComment: true, fake.KindListComments: true, fake.KindUpdateComment: true} {
			t.Run(trouble+"/"+string(kind), func(t *testing.T) {
				w := newWorld(t, nil)
				n, done := w.Issue(), false
				w.SetFault(func(r fake.Request) fake.Fault {
					if done || r.Kind != kind {
						return fake.Fault{}
					}
					done = true
					return fault
				})
				w.stick(t, n, comment("one", ""), pr.Created)
				if c := w.Comments(n); len(c) != 1 {
					t.Errorf("comments: %+v", c)
				}
				w.stick(t, n, comment("two", ""), pr.Updated)
				if c := w.Comments(n); len(c) != 1 || !strings.Contains(c[0].Body, "two") {
					t.Errorf("comments: %+v", c)
				}
			})
		}
	}
}

// Faults 19 and 35: a token that may not comment is told apart from other
// trouble.
func TestFault35_ReadOnlyToken(t *testing.T) {
	w := newWorld(t, func(o *fake.Options, _ *pr.Options, _ *pr.HomeOptions) {
		o.Permissions = map[fake.Area]fake.Level{fake.Contents: fake.Read, fake.PullRequests: fake.Read}
	})
	r, err := pr.Open(w.options)
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Stick(context.Background(), w.Issue(), comment("two rotate", ""))
	var denied *pr.DeniedError
	if !errors.As(err, &denied) || denied.Permission != "pull-requests: write" || strings.Contains(err.Error(), "pull_request_target") {
		t.Errorf("got %v", err)
	}
}

func TestSay(t *testing.T) {
	w := newWorld(t, nil)
	r, err := pr.Open(w.options)
	if err != nil {
		t.Fatal(err)
	}
	n := w.Issue()
	for range 2 {
		if err := r.Say(context.Background(), n, "done"); err != nil {
			t.Error(err)
		}
	}
	if c := w.Comments(n); len(c) != 2 {
		t.Errorf("comments: %+v", c)
	}
	if server, local, ok := r.ServerTime(); !ok || !server.Equal(start) || !local.Equal(start) {
		t.Errorf("server time %s at %s, %v", server, local, ok)
	}
}
