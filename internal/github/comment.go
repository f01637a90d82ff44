package github

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	gh "github.com/google/go-github/v66/github"
)

// Comment is the one comment of an environment and project on a pull request.
type Comment struct {
	Environment string
	Project     string // path in the repository, "." for its root
	Body        string
	Footer      string // a new footer alone is no reason to update the comment
	// UpdateOnly means that the comment is not worth creating. One that exists
	// is updated.
	UpdateOnly bool
}

const (
	// actionsLogin is the name of a workflow's own token.
	actionsLogin = "github-actions[bot]"
	// footerMark separates body and footer. It is invisible.
	footerMark = "<!-- layer:footer -->"
)

// marker returns the comment's first line, which identifies it.
func (c Comment) marker() string {
	return "<!-- layer:1 " + escapeMark(c.Environment) + " " + escapeMark(c.Project) + " -->"
}

// escapeMark returns a text as one word that cannot end an HTML comment.
func escapeMark(text string) string {
	return strings.ReplaceAll(url.PathEscape(text), "--", "-%2D")
}

func (c Comment) text() string {
	return c.marker() + "\n" + c.Body + "\n\n" + footerMark + "\n" + c.Footer
}

// PutComment creates the comment on a pull request, or updates it in place. It
// deletes all duplicates but the oldest. If the token may not comment, the
// error is a *DeniedError.
func (r *Repository) PutComment(ctx context.Context, number int, c Comment) (Operation, error) {
	mine, err := r.ownComments(ctx, number, c.marker())
	if err != nil {
		return Untouched, err
	}
	if len(mine) == 0 {
		if c.UpdateOnly {
			return Untouched, nil
		}
		return r.createComment(ctx, number, c)
	}
	operation, err := r.updateComment(ctx, mine[0], c)
	if err != nil {
		return operation, err
	}
	return operation, r.deleteComments(ctx, mine[1:])
}

// ownComments returns the comments that begin with a marker and were written by
// this token's user, oldest first. Others can write the marker too.
func (r *Repository) ownComments(ctx context.Context, number int, marker string) ([]*gh.IssueComment, error) {
	var marked []*gh.IssueComment
	options := &gh.IssueListCommentsOptions{ListOptions: gh.ListOptions{PerPage: 100}}
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
	if err != nil { // some tokens have no user
		login = actionsLogin
	}
	var mine []*gh.IssueComment
	for _, c := range marked {
		if strings.EqualFold(c.GetUser().GetLogin(), login) {
			mine = append(mine, c)
		}
	}
	return mine, nil
}

// createComment writes a new comment. After a lost answer it looks for the
// comment before it sends it again.
func (r *Repository) createComment(ctx context.Context, number int, c Comment) (Operation, error) {
	err := r.AddComment(ctx, number, c.text())
	if err != nil && readError(err).uncertain() {
		mine, unread := r.ownComments(ctx, number, c.marker())
		if err = unread; err == nil && len(mine) == 0 {
			err = r.AddComment(ctx, number, c.text())
		}
	}
	if err != nil {
		return Untouched, err
	}
	return Created, nil
}

// updateComment replaces the text of a comment, unless only the footer differs.
func (r *Repository) updateComment(ctx context.Context, old *gh.IssueComment, c Comment) (Operation, error) {
	text := c.text()
	if sameText(withoutFooter(old.GetBody()), withoutFooter(text)) {
		return Untouched, nil
	}
	_, _, err := r.api.Issues.EditComment(ctx, r.options.Owner, r.options.Repo, old.GetID(), &gh.IssueComment{Body: &text})
	if err != nil {
		return Untouched, fail("update the comment on the pull request", writePulls, err)
	}
	return Updated, nil
}

// withoutFooter returns a comment's text up to the last mark: the body may hold
// a name that looks like one.
func withoutFooter(text string) string {
	if at := strings.LastIndex(text, footerMark); at >= 0 {
		return text[:at]
	}
	return text
}

// deleteComments deletes duplicates, which two runs at once can create.
func (r *Repository) deleteComments(ctx context.Context, duplicates []*gh.IssueComment) error {
	for _, c := range duplicates {
		_, err := r.api.Issues.DeleteComment(ctx, r.options.Owner, r.options.Repo, c.GetID())
		if err != nil && readError(err).status != http.StatusNotFound {
			return fail("delete a duplicate comment", writePulls, err)
		}
	}
	return nil
}

// AddComment writes a new comment on a pull request. It is sent once: after a
// lost answer the comment may exist.
func (r *Repository) AddComment(ctx context.Context, number int, body string) error {
	_, _, err := r.api.Issues.CreateComment(once(ctx), r.options.Owner, r.options.Repo, number, &gh.IssueComment{Body: &body})
	return fail("comment on the pull request", writePulls, err)
}
