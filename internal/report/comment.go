package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
)

// The most bytes that a text may have. GitHub refuses a longer comment and
// drops a longer summary; some bytes are left for what callers add.
const (
	maxComment = 65_536 - 4_096
	maxSummary = 1<<20 - 65_536
)

// Comment renders the plan, or the result of an apply, as a comment. It counts
// bytes where GitHub counts characters, so it is never too long.
func (p Page) Comment() Comment {
	return Comment{Body: p.body(maxComment), Footer: p.footer()}
}

// Summary renders the same as the summary of a job.
func (p Page) Summary() string {
	return p.body(maxSummary) + "\n\n" + p.footer() + "\n"
}

// NeedsComment reports whether a pull request changes rotation, edits the
// journal, or adds errors or warnings. A rotation that is
// due anyway, or a warning that the base branch has too, is not about the pull
// request.
func (p Page) NeedsComment() bool {
	switch {
	case p.Failure != nil, p.Result.Outcomes != nil, p.Proposal == nil, p.Proposal.EditedJournal != "":
		return true
	case p.Proposal.Base == nil:
		return p.Result.Plan.Pending() || len(p.Result.Plan.Diagnostics) > 0
	}
	known := p.Proposal.Base.Diagnostics
	news := slices.ContainsFunc(p.Document.Diagnostics, func(d secret.Diagnostic) bool {
		return !slices.ContainsFunc(known, func(k secret.Diagnostic) bool { return k.Code == d.Code && k.Message == d.Message })
	})
	return news || len(p.differences()) > 0
}

func (p Page) body(limit int) string {
	return stack(limit, p.title, p.facts, p.failures, p.changes, p.table, p.warnings, p.chart, p.versions)
}

// title returns the heading, which says the result in a few words.
func (p Page) title(int) string {
	subject := "Secret rotation"
	if environment := cmp.Or(p.Result.Plan.Environment, p.Document.Environment); environment != "" {
		subject += " in " + shortText(environment)
	}
	icon, verdict := p.verdict()
	return "## " + icon + " " + subject + ": " + verdict
}

func (p Page) verdict() (icon, verdict string) {
	result := p.Result
	verdict = sentence(tally(result), result.Plan, plan.Blocked)
	switch {
	case p.Failure != nil && len(result.Plan.Entries) == 0:
		return "❌", "no plan"
	case p.Failure != nil:
		return "❌", "stopped by an error, " + verdict
	case secret.HasErrors(result.Plan.Diagnostics):
		return "❌", "the declarations have errors"
	case slices.ContainsFunc(result.Plan.Entries, func(e plan.Entry) bool { return result.Outcomes[e.ID].Result == rotate.Failed }):
		return "❌", verdict
	case slices.ContainsFunc(result.Plan.Entries, func(e plan.Entry) bool { return e.Action == plan.Blocked && !e.Status.Waiting() }):
		return "⚠️", verdict
	case result.Outcomes == nil && result.Plan.Pending():
		return "🔑", verdict
	}
	return "✅", verdict
}

// facts returns one line: the project, the store, and what happens to how many.
func (p Page) facts(int) string {
	if len(p.Result.Plan.Entries) == 0 {
		return ""
	}
	return "**" + shortText(p.Result.Plan.Project) + "** · " + Store(p.Result.Plan) + " · " + Counts(p.Result)
}

// footer returns what differs from run to run.
func (p Page) footer() string {
	var parts []string
	if at := p.Result.Plan.GeneratedAt; !at.IsZero() {
		parts = append(parts, "as of "+at.Text())
	}
	if p.Run.Name != "" {
		parts = append(parts, link(shortText(p.Run.Name), p.Run.URL))
	}
	if p.Run.Commit != "" {
		parts = append(parts, "commit "+CodeSpan(p.Run.Commit[:min(len(p.Run.Commit), 7)]))
	}
	parts = append(parts, shortText(strings.TrimSpace("layer "+p.Run.Version)))
	return "<sub>" + strings.Join(parts, " · ") + "</sub>"
}
