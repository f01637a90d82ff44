package report

import (
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
)

// PullRequestBody describes the bot's pull request, during an apply and after
// it. journalbranch adds that an earlier one was closed.
func (p Page) PullRequestBody() string {
	return stack(maxComment, p.subject, p.rotated, p.handling, p.failures) + "\n\n" + p.footer()
}

func (p Page) subject(int) string {
	return "This pull request records secret rotations of **" + shortText(p.Result.Plan.Project) + "** in " + shortCode(p.Result.Plan.Environment) + ".\n\n" +
		"It changes the rotation journal only: which version of which secret is current, since when and for which slot, and until when older versions stay readable. No value of a secret is in it."
}

func (p Page) handling(int) string {
	return "- **Merging it is safe**, at any time: what it records has happened, or is announced. Merge or squash it; do not rebase, and do not edit the file by hand, because its entries are signed.\n" +
		"- **Closing it undoes nothing.** The store keeps the new values, and the next run that records something goes on from this branch and opens the pull request again.\n" +
		"- **Reverting it after the merge** undoes nothing either: the next run restores the record."
}

// rotated is what the run wrote, or is about to write.
func (p Page) rotated(limit int) string {
	var list []string
	for _, e := range p.Result.Plan.Entries {
		if p.wrote(e) {
			list = append(list, tableRow(shortCode(string(e.ID)), p.action(e), versions(e), instant(e.DueAt), kept(e), shortText(e.Reason)))
		}
	}
	if len(list) == 0 {
		return ""
	}
	head := p.lead() + "\n\n" + tableHead("Secret", "Action", "Version", instants("Slot (UTC)"), "Old version stays", "Why")
	return head + rows(list, limit-len(head), "\n%d more are left out here: the journal in this pull request has them all.\n")
}

// wrote reports whether a secret was written, or will be.
func (p Page) wrote(e plan.Entry) bool {
	if p.Result.Outcomes == nil {
		return e.Changes()
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
