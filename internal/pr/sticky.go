package pr

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-github/v66/github"
)

// Comment is the one comment of an environment and project under a pull
// request.
type Comment struct {
	Environment string
	Project     string // path in the repository, "." for its root
	Body        string
	Footer      string // a change of this alone is no reason to write
	// UpdateOnly tells that there is nothing to say, unless something was said
	// before.
	UpdateOnly bool
}

// Defaults of a comment.
const (
	// actionsLogin is whose token a workflow has unless it brings another.
	actionsLogin = "github-actions[bot]"
	// footerMark parts the body from the footer, out of sight.
	footerMark = "<!-- layer:footer -->"
)

// marker is the first line of a comment, by which it is found again.
func (c Comment) marker() string {
	return "<!-- layer:1 " + escapeMark(c.Environment) + " " + escapeMark(c.Project) + " -->"
}

// escapeMark keeps a text to one word that cannot end an HTML comment.
func escapeMark(text string) string {
	return strings.ReplaceAll(url.PathEscape(text), "--", "-%2D")
}

func (c Comment) text() string {
	return c.marker() + "\n" + c.Body + "\n\n" + footerMark + "\n" + c.Footer
}

// Stick puts the comment under a pull request or brings it up to date, in place.
// What more there is of it is folded into the oldest. Where the token may not
// comment the error is a *DeniedError.
func (r *Repository) Stick(ctx context.Context, number int, c Comment) (Operation, error) {
	mine, err := r.ownComments(ctx, number, c.marker())
	if err != nil {
		return Untouched, err
	}
	if len(mine) == 0 {
		if c.UpdateOnly {
			return Untouched, nil
		}
		return r.comment(ctx, number, c)
	}
	operation, err := r.revise(ctx, mine[0], c)
	if err != nil {
		return operation, err
	}
	return operation, r.fold(ctx, mine[1:])
}

// ownComments are the comments that begin with a marker and are ours, oldest
// first. Anybody can write the marker.
func (r *Repository) ownComments(ctx context.Context, number int, marker string) ([]*github.IssueComment, error) {
	var marked []*github.IssueComment
	options := &github.IssueListCommentsOptions{ListOptions: github.ListOptions{PerPage: 100}}
	for {
		list, answer, err := r.api.Issues.ListComments(ctx, r.options.Owner, r.options.Repo, number, options)
		if err != nil {
			return nil, fail("list comments", readPulls, err)
		}
		for _, c := range list {
			if first, _, _ := strings.Cut(c.GetBody(), "\n"); strings.TrimSpace(first) == marker {
				marked = append(marked, c)
			}
		}
		if answer.NextPage == 0 {
			break
		}
		options.Page = answer.NextPage
	}
	if len(marked) == 0 {
		return nil, nil
	}
	login, err := r.login(ctx)
	if err != nil { // some tokens are nobody
		login = actionsLogin
	}
	var mine []*github.IssueComment
	for _, c := range marked {
		if strings.EqualFold(c.GetUser().GetLogin(), login) {
			mine = append(mine, c)
		}
	}
	return mine, nil
}

// comment writes a new comment. Sent twice it would be there twice, so where it
// is not known what came of it, it is looked for before it is sent again.
func (r *Repository) comment(ctx context.Context, number int, c Comment) (Operation, error) {
	err := r.Say(ctx, number, c.text())
	if err == nil || !reason(err).uncertain() {
		return made(err)
	}
	mine, unread := r.ownComments(ctx, number, c.marker())
	if unread != nil || len(mine) > 0 {
		return made(unread)
	}
	return made(r.Say(ctx, number, c.text()))
}

func made(err error) (Operation, error) {
	if err != nil {
		return Untouched, err
	}
	return Created, nil
}

// revise gives a comment its new text, unless only the footer differs.
func (r *Repository) revise(ctx context.Context, old *github.IssueComment, c Comment) (Operation, error) {
	text := c.text()
	before, _, _ := strings.Cut(old.GetBody(), footerMark)
	after, _, _ := strings.Cut(text, footerMark)
	if sameText(before, after) {
		return Untouched, nil
	}
	_, _, err := r.api.Issues.EditComment(ctx, r.options.Owner, r.options.Repo, old.GetID(), &github.IssueComment{Body: &text})
	if err != nil {
		return Untouched, fail("update the comment on the pull request", pulls, err)
	}
	return Updated, nil
}

// fold deletes duplicates, which two runs at once can make.
func (r *Repository) fold(ctx context.Context, duplicates []*github.IssueComment) error {
	for _, c := range duplicates {
		_, err := r.api.Issues.DeleteComment(ctx, r.options.Owner, r.options.Repo, c.GetID())
		if err != nil && reason(err).status != http.StatusNotFound {
			return fail("delete a duplicate comment", pulls, err)
		}
	}
	return nil
}

// Say writes a comment of its own, such as what an apply did. It is sent once;
// after a lost answer nobody knows whether it is there.
func (r *Repository) Say(ctx context.Context, number int, body string) error {
	_, _, err := r.api.Issues.CreateComment(once(ctx), r.options.Owner, r.options.Repo, number, &github.IssueComment{Body: &body})
	if err != nil {
		return fail("comment on the pull request", pulls, err)
	}
	return nil
}
