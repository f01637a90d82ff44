package report

import (
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
)

// PullRequestBody renders the description of the bot's pull request, during an
// apply and after it. journalbranch adds a sentence if an earlier one was
// closed.
func (p Page) PullRequestBody() string {
	return stack(maxComment, p.subject, p.rotated, p.handling, p.failures) + "\n\n" + p.footer()
}

func (p Page) subject(int) string {
	return "This pull request records secret rotations of **" + shortText(p.Result.Plan.Project) + "** in " + shortCode(p.Result.Plan.Environment) + ".\n\n" +
		"It changes only the rotation journal: which version of each secret is current, since when and for which slot, and until when old versions stay readable. It contains no secret values."
}

func (p Page) handling(int) string {
	return "- **Merging is safe** at any time: everything it records has happened or is announced. Merge or squash it, but do not rebase it. Do not edit the file by hand: its entries are signed.\n" +
		"- **Closing undoes nothing.** The store keeps the new values. The next run that records something continues from this branch and opens the pull request again.\n" +
		"- **Reverting after the merge** undoes nothing either: the next run restores the record."
}

// rotated lists what the run wrote, or is about to write.
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
	return head + rows(list, limit-len(head), "more secret", "\n%s not shown here: the journal in this pull request has all of them.\n")
}

// wrote reports whether the run wrote a secret, or is about to.
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
