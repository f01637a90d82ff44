package report_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/plan/plantest"
	"github.com/layeron/rotate/internal/report"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".md")
	if *update {
		if err := os.WriteFile(file, []byte(got+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got+"\n"); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// scenes returns the page of each golden file.
func scenes(t *testing.T) map[string]report.Page {
	return map[string]report.Page{
		"one": one(t), "billing": proposal(t), "first": first(t), "hostile": hostile(t),
		"applied": applied(t), "failed": stopped(t), "invalid": invalid(t),
	}
}

func TestComments(t *testing.T) {
	for name, page := range scenes(t) {
		golden(t, name, page.Comment().String())
	}
}

// A run opens the pull request before it writes, and updates it afterwards.
func TestPullRequestBody(t *testing.T) {
	page := applied(t)
	golden(t, "pullrequest", page.PullRequestBody())
	page.Result.Outcomes = nil
	golden(t, "pullrequest-writing", page.PullRequestBody())
}

// one returns a page with one secret that has rotated twice.
func one(t *testing.T) report.Page {
	w := plantest.New(t, random("auth/session-key", 30, keep(14))).Until("10 May", "1 Jun", "1 Jul").At("10 Jul")
	page, base := checked(w), w.In.Document
	page.Proposal = &report.Proposal{Base: &base}
	return page
}

// proposal returns the page of a pull request that changes, renames and edits the
// journal.
func proposal(t *testing.T) report.Page {
	w := plantest.New(t, billing()...).Until("10 May", "17 May", "1 Jun", "16 Jun").At("1 Jul 03:00")
	base := w.In.Document
	head := billing()
	head[0] = random("auth/session-key", 14, keep(28))
	head[1].ID, head[1].StoreName = "billing/url-key", secret.StoreName("default", "billing", "production", "billing/url-key")
	head[2].Bytes = 24
	head[4].Rotation.Retain = none
	head[6] = random("storage/archive-key", 90, forever)
	page := checked(w.Declare(head...))
	page.Document = w.In.Document
	page.Proposal = &report.Proposal{Base: &base, EditedJournal: ".layeron/rotation/production.json"}
	return page
}

// first returns the page of a check before the first apply, without credentials.
func first(t *testing.T) report.Page {
	w := plantest.New(t, billing()...)
	w.In.Store, w.In.Now = nil, date(t, "10 May 03:17")
	return report.Page{Result: rotate.Result{Plan: w.Plan()}, Document: w.In.Document, Proposal: &report.Proposal{}}
}

var evil = []string{
	"a|b|c", "`code`", "**bold** _it_ ~~x~~", "<script>alert(1)</script>", "@octocat", "#123 GH-4 acme/x#5", "[x](https://evil.example)",
	"https://evil.example www.evil.example a@evil.example", ":tada: :100:1:", "-->", "%%{init: {}}%%", "a;b:c,d#35;", "section end", "click x href",
	"$x$ $`y`$", "::error::x", "1. x", "- x", "&lt;b&gt;", "``` x", "x`y|z\\", "![](x)", "title: x", "🔑 שלום 日本語",
}

// hostile returns a page with all that CheckName accepts as a name, and more.
func hostile(t *testing.T) report.Page {
	var declared []secret.Declaration
	for i, name := range evil {
		d := random(secret.NewID("evil", name), 7+i, keep(5))
		d.Source.File = name + ".ts"
		declared = append(declared, d)
	}
	w := plantest.New(t, declared...)
	declared[0].Kind, declared[0].Bytes = secret.Static, 0
	declared[20].Kind, declared[20].Bytes = secret.Static, 0
	w.At("1 Jun").Apply()
	w.In.Store.Secrets[3].Comment = "made by hand"
	w.In.Document.Diagnostics = []secret.Diagnostic{{Severity: secret.Warning, Code: "unused", Message: strings.Join(evil, "\n"), Position: declared[3].Source}}
	w.In.Request.Force, w.In.Request.Reason, w.In.Request.Run = true, "leaked, says @octocat\n| x | https://evil.example |\u202e", "run-2"
	base := document()
	page := checked(w.At("3 Jun"))
	page.Proposal = &report.Proposal{Base: &base, EditedJournal: "`.layeron`|x.json"}
	page.Run.Name = "run <42> @octocat"
	return page
}

// applied returns the page of an apply in which one secret fails.
func applied(t *testing.T) report.Page {
	w := plantest.New(t, billing()...).Until("10 May", "1 Jun")
	w.In.Store.Secrets[3].Comment = "changed by hand"
	w.At("1 Jul 03:00")
	page := checked(w)
	page.Result = w.Apply("billing/link-key")
	return page
}

// stopped returns the page of a run that an error stopped.
func stopped(t *testing.T) report.Page {
	page := checked(plantest.New(t, billing()...))
	page.Result = rotate.Result{}
	page.Failure = &report.Failure{Code: "error", Message: "list secrets: the store answered 403\nadd the permission `Account › Secrets Store › Edit` to the API token"}
	return page
}

// invalid returns the page of declarations that do not compile.
func invalid(t *testing.T) report.Page {
	page := checked(plantest.New(t))
	diagnostics := []secret.Diagnostic{{
		Severity: secret.Error, Code: "rotation_interval_too_short", Message: "everyDays is 3: use 7 to 3650",
		Position: secret.Position{File: "src/secrets.ts", Line: 6, Column: 15},
	}}
	page.Result = rotate.Result{Plan: plan.Plan{Environment: "production", Project: "billing", Diagnostics: diagnostics}}
	page.Failure = &report.Failure{Code: "invalid_declarations", Message: "the declarations have an error"}
	page.Proposal = &report.Proposal{}
	return page
}

// many returns a page with n secrets, some of which rotate every week.
func many(t *testing.T, n int) report.Page {
	var declared []secret.Declaration
	for i := range n {
		declared = append(declared, random(secret.NewID("service", fmt.Sprintf("key-%03d", i)), 7+i%90, keep(3+i%40)))
	}
	w := plantest.New(t, declared...)
	w.In.Store.Quota = 0
	w.Until("10 May", "1 Jun").At("9 Jun")
	base := document(declared[:n-1]...)
	page := checked(w)
	page.Proposal = &report.Proposal{Base: &base}
	return page
}
