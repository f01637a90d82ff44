package report_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/plan/plantest"
	"github.com/layeron/rotate/internal/report"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
)

// huge returns a page in which every text is as long as possible and needs
// escaping.
func huge(t *testing.T) report.Page {
	page := many(t, 120)
	long := strings.Repeat("|", secret.MaxNameLength)
	page.Result.Outcomes = map[secret.ID]rotate.Outcome{}
	var diagnostics []secret.Diagnostic
	for i := range page.Result.Plan.Entries {
		e := &page.Result.Plan.Entries[i]
		e.ID = secret.NewID(long, long+string(rune('a'+i%26)))
		e.Reason, e.Advice = strings.Repeat("@", 5_000), strings.Repeat("`", 5_001)
		if i%3 == 0 {
			e.Action = plan.Blocked
		} else {
			page.Result.Outcomes[e.ID] = rotate.Outcome{Result: rotate.Failed, Error: strings.Repeat("#\n", 5_000)}
		}
		diagnostics = append(diagnostics,
			secret.Diagnostic{Severity: secret.Error, Code: long, Message: strings.Repeat("$", 5_000)},
			secret.Diagnostic{Severity: secret.Warning, Code: long, Message: strings.Repeat("$", 5_000)})
	}
	page.Result.Plan.Diagnostics = diagnostics
	page.Failure = &report.Failure{Message: strings.Repeat("<\n", 5_000)}
	page.Result.Plan.Project = strings.Repeat("🔑", 5_000)
	return page
}

// GitHub refuses a comment of more than 65,536 characters, and silently drops a
// summary of more than one mebibyte.
func TestLimits(t *testing.T) {
	plenty, none := many(t, 400), document()
	added := plenty
	added.Proposal = &report.Proposal{Base: &none}
	for name, page := range map[string]report.Page{"400 secrets": plenty, "400 new secrets": added, "as long as possible": huge(t)} {
		if n := len(page.Comment().String()); n > 63_000 {
			t.Errorf("%s: the comment has %d bytes", name, n)
		}
		if n := len(page.PullRequestBody()); n > 63_000 {
			t.Errorf("%s: the pull request's body has %d bytes", name, n)
		}
		if n := len(page.Summary()); n > 1<<20 {
			t.Errorf("%s: the summary has %d bytes", name, n)
		}
		wellFormed(t, page.Comment().Body)
		wellFormed(t, page.Summary())
	}
}

func TestSaysHowManyRowsAreMissing(t *testing.T) {
	page := many(t, 400)
	body := page.Comment().Body
	rows := strings.Count(body, "| `service/key-")
	left := regexp.MustCompile(`\n\d+ more secrets not shown here`).FindAllString(body, -1)
	if rows >= 400 || len(left) == 0 {
		t.Errorf("%d of 400 rows, and of the missing ones it says %q", rows, left)
	}
	if strings.Count(page.Summary(), "| `service/key-") != 400 {
		t.Error("the summary has room for every secret, but leaves some out")
	}
}

// A single missing row must not read "1 more secrets".
func TestOneMissingRow(t *testing.T) {
	var page report.Page
	for n := range 400 {
		id := secret.NewID("service", fmt.Sprintf("key-%03d", n))
		page.Result.Plan.Entries = append(page.Result.Plan.Entries, plan.Entry{ID: id, Action: plan.Rotate, Reason: strings.Repeat("x", 200)})
		if body := page.Comment().Body; strings.Contains(body, "not shown here") {
			if !strings.Contains(body, "\n1 more secret not shown here") {
				t.Errorf("%d secrets: the comment does not say that one is missing", n+1)
			}
			return
		}
	}
	t.Fatal("a comment has room for 400 secrets, so no row is missing")
}

// chartLine matches every line that a chart may have.
var chartLine = regexp.MustCompile(`^  (section [\p{L}\p{Nd} \-_./…]+|(v\d+|v\d+ to v\d+|every version|·) :((active|done), )?\d{4}-\d\d-\d\d, \d{4}-\d\d-\d\d|dateFormat YYYY-MM-DD|axisFormat %d %b|tickInterval 1month|todayMarker off)$`)

// wellFormed checks that no row is cut and nothing is left open.
func wellFormed(t *testing.T, body string) {
	t.Helper()
	chart := false
	for line := range strings.Lines(body) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case line == "```mermaid":
			chart = true
		case line == "```":
			chart = false
		case chart && strings.HasPrefix(line, "  ") && !strings.HasPrefix(line, "  gantt:") && !strings.HasPrefix(line, "    "):
			if !chartLine.MatchString(line) {
				t.Errorf("chart: %q", line)
			}
		case strings.HasPrefix(line, "|"):
			if strings.Count(line, "|") != 7 || !strings.HasSuffix(line, "|") {
				t.Errorf("a row does not have six cells: %.200q", line)
			}
		}
	}
	if chart || strings.Count(body, "<details") != strings.Count(body, "</details>") {
		t.Error("a chart or a section is not closed")
	}
}

// Names come from declarations, and reasons from a journal or an operator.
func FuzzComment(f *testing.F) {
	for _, s := range evil {
		f.Add(s, s)
	}
	f.Add("", "")
	f.Fuzz(func(t *testing.T, id, reason string) {
		now := secret.FromUnixMilli(1_780_272_000_000)
		d := secret.Declaration{ID: secret.ID(id), Kind: secret.Random, Bytes: 32, Rotation: &secret.Rotation{EveryDays: 30, Retain: keep(14)}}
		entry := func(a plan.Action) plan.Entry {
			return plan.Entry{ID: d.ID, Action: a, Reason: reason, Advice: "`layer secret set '" + id + "' --env production`", Current: 3, NextDueAt: now.Add(time.Hour)}
		}
		page := report.Page{
			Document: document(d), Proposal: &report.Proposal{},
			Result: rotate.Result{Plan: plan.Plan{Project: id, GeneratedAt: now, Entries: []plan.Entry{entry(plan.None), entry(plan.Blocked)}}},
		}
		wellFormed(t, page.Comment().Body)
		wellFormed(t, page.PullRequestBody())
	})
}

// Editing a comment because the clock moved would be noise.
func TestBodyStaysTheSameWithinADay(t *testing.T) {
	w := plantest.New(t, billing()...)
	for _, store := range []*plan.Store{nil, w.In.Store} {
		w.In.Store = store
		morning := comment(w.At("10 May 03:17"))
		if evening := comment(w.At("10 May 23:42")); evening.Body != morning.Body || evening.Footer == morning.Footer {
			t.Errorf("the body must stay the same during a day, and the footer must change:\n%s\n%s", morning, evening)
		}
	}
}

func comment(w *plantest.World) report.Comment {
	return report.Page{Result: rotate.Result{Plan: w.Plan()}, Document: w.In.Document, Proposal: &report.Proposal{}}.Comment()
}
