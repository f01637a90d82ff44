package report_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/report"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
)

func TestAnnotations(t *testing.T) {
	source := secret.Position{File: "src/secrets.ts", Line: 4, Column: 27}
	result := rotate.Result{
		Plan: plan.Plan{
			Diagnostics: []secret.Diagnostic{
				{Severity: secret.Error, Code: "name_missing", Message: "a secret needs a name", Position: source},
				{Severity: secret.Warning, Code: "unused", Message: "no backend uses it", Position: secret.Position{File: "../../../outside.ts", Line: 1, Column: 1}},
			},
			Entries: []plan.Entry{
				{ID: "a/drift", Action: plan.Blocked, Status: plan.Drift, Reason: "the value was changed", Advice: "adopt it", Source: source},
				{ID: "a/static", Action: plan.Blocked, Status: plan.ExternalValueRequired, Reason: "not there yet", Source: source},
				{ID: "a/failed", Action: plan.Rotate, Status: plan.Due, Source: source},
				{ID: "a/fine", Action: plan.Rotate, Status: plan.Due, Source: source},
			},
		},
		Outcomes: map[secret.ID]rotate.Outcome{"a/failed": {Result: rotate.Failed, Error: "the store answered 500"}, "a/fine": {Result: rotate.Applied}},
	}
	var got []string
	for _, a := range report.Annotations(result, "apps/api", "apps/api/.layeron/rotation/production.json") {
		got = append(got, a.Command())
	}
	want := []string{
		"::warning file=apps/api/.layeron/rotation/production.json,line=1,col=1,title=rotation journal edited::this pull request edits the rotation journal, which only layer writes. Plans ignore the edit, and after the merge an entry with an invalid signature is blocked",
		"::error file=apps/api/src/secrets.ts,line=4,col=27,title=name_missing::a secret needs a name",
		"::warning title=unused::no backend uses it", // a path outside of the repository
		"::warning file=apps/api/src/secrets.ts,line=4,col=27,title=a/drift is blocked%3A drift::the value was changed%0Ato do: adopt it",
		"::notice file=apps/api/src/secrets.ts,line=4,col=27,title=a/static is waiting%3A external_value_required::not there yet",
		"::error file=apps/api/src/secrets.ts,line=4,col=27,title=a/failed failed::the store answered 500",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A name in TypeScript must not add a second command or another property.
func TestCommandInjection(t *testing.T) {
	a := report.Annotation{
		Level: report.LevelError, File: "a,line=9::b\n.ts", Line: 1, Column: 2,
		Title: "x::y,file=/etc/passwd\r\n::set-output name=a::b", Message: "100%25\r\n::add-mask::x\u202e",
	}
	got := a.Command()
	want := `::error file=a%2Cline=9%3A%3Ab%0A.ts,line=1,col=2,title=x%3A%3Ay%2Cfile=/etc/passwd\u{d}\u{a}%3A%3Aset-output name=a%3A%3Ab::100%2525%0A::add-mask::x\u{202e}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// GitHub silently drops annotations after the tenth of a level.
func TestTenAnnotationsOfALevel(t *testing.T) {
	for _, n := range []int{9, 10, 11, 100} {
		var result rotate.Result
		for i := range n {
			for _, severity := range []secret.Severity{secret.Error, secret.Warning} {
				result.Plan.Diagnostics = append(result.Plan.Diagnostics, secret.Diagnostic{Severity: severity, Code: fmt.Sprint(i)})
			}
		}
		count, more := map[report.Level]int{}, 0
		for _, a := range report.Annotations(result, ".", "") {
			count[a.Level]++
			if strings.HasPrefix(a.Message, fmt.Sprintf("%d more:", n-9)) {
				more++
			}
		}
		if want := min(n, 10); count[report.LevelError] != want || count[report.LevelWarning] != want {
			t.Errorf("%d of each: got %v", n, count)
		}
		if want := map[bool]int{true: 2}[n > 10]; more != want {
			t.Errorf("%d of each: %d annotations say that there are more, want %d", n, more, want)
		}
	}
}
