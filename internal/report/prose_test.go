package report_test

import (
	"strings"
	"testing"

	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/report"
	"github.com/layeron/rotate/internal/rotate"
)

// A reader copies a command from a comment, so it must be complete, even if the
// name of the secret contains backticks or quotes.
func TestAdviceCanBeCopied(t *testing.T) {
	for advice, want := range map[string]string{
		"wait, then run again": "wait, then run again",
		"`layer secret set X`": "`layer secret set X`",
		"either `layer secret set X`, or `layer secret adopt a/b --env p`": "either `layer secret set X`, or `layer secret adopt a/b --env p`",
		"`layer secret adopt 'a/`b`' --env p` now":                         "<code>layer secret adopt 'a/&#96;b&#96;' --env p</code>&#32;now",
		"`layer secret adopt 'a/it'\\''s `b' --env p`":                     "<code>layer secret adopt 'a/it'&#92;''s &#96;b' --env p</code>",
		"`layer secret adopt 'a/` --env p` <b>@octocat' --env p`":          "<code>layer secret adopt 'a/&#96; --env p&#96; &#60;b&#62;@&#8203;octocat' --env p</code>",
		"add `contents: write` to `permissions:`":                          "add `contents: write`&#32;to `permissions:`",
		"an odd ` backtick": "an odd &#96; backtick",
		"`layer secret adopt 'never closed <b> --env p` and `layer secret set X` | ": "<code>layer secret adopt 'never closed &#60;b&#62; --env p</code>&#32;and `layer secret set X`&#32;&#124; ",
	} {
		page := report.Page{Result: rotate.Result{Plan: plan.Plan{Entries: []plan.Entry{{ID: "a/b", Action: plan.Blocked, Status: plan.Drift, Advice: advice}}}}}
		if body := page.Comment().Body; !strings.Contains(body, "To do: "+want+"\n") && !strings.HasSuffix(body, "To do: "+want) {
			t.Errorf("%s\nwant %s\nin %s", advice, want, body)
		}
	}
}
