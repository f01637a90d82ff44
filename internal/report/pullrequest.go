package report

import (
	"strings"

	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
)

// PullRequestBody describes the bot's pull request, during an apply and after
// it. That an earlier one was closed is said by whoever opens this one.
func (p Page) PullRequestBody() string {
	blocks := []string{
		"This pull request records secret rotations of **" + shortText(p.Result.Plan.Project) + "** in " + shortCode(p.Result.Plan.Environment) + ".",
		"It changes the rotation journal only: which version of which secret is current, since when and for which slot, and until when older versions stay readable. No value of a secret is in it.",
		p.rotated(maxComment / 2),
		"- **Merging it is safe**, at any time: what it records has happened already. Merge or squash it; do not rebase, and do not edit the file by hand, for its entries are signed.\n" +
			"- **Closing it undoes nothing.** The store keeps the new values, and the next run that records something goes on from this branch and opens the pull request again.\n" +
			"- **Reverting it after the merge** undoes nothing either: the next run restores the record.",
	}
	blocks = append(blocks, p.failures(maxComment/16)...)
	var said []string
	for _, b := range blocks {
		if b != "" {
			said = append(said, b)
		}
	}
	return strings.Join(append(said, p.footer()), "\n\n")
}

// rotated is what the run wrote, or is about to write.
func (p Page) rotated(limit int) string {
	var list []string
	for _, e := range p.Result.Plan.Entries {
		if p.wrote(e) {
			slot := "–"
			if !e.DueAt.IsZero() {
				slot = e.DueAt.Text()
			}
			list = append(list, tableRow(shortCode(string(e.ID)), p.action(e), versions(e), slot, kept(e, p.Result.Plan.GeneratedAt), shortText(e.Reason)))
		}
	}
	if len(list) == 0 {
		return ""
	}
	head := p.lead() + "\n\n| Secret | Action | Version | Slot | Old version stays | Why |\n|---|---|---|---|---|---|\n"
	return head + rows(list, limit-len(head), "\n%d more are left out here: the journal in this pull request has them all.\n")
}

// wrote tells whether a secret was written, or will be.
func (p Page) wrote(e plan.Entry) bool {
	if p.Result.Outcomes == nil {
		return e.Change != nil
	}
	return p.Result.Outcomes[e.ID].Result == rotate.Applied
}

func (p Page) lead() string {
	verb := "is writing"
	if p.Result.Outcomes != nil {
		verb = "wrote"
	}
	if p.Run.Name == "" {
		return "The last run " + verb + ":"
	}
	return "The last run, " + link(shortText(p.Run.Name), p.Run.URL) + ", " + verb + ":"
}
