package pr

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-github/v66/github"
)

// Operation is what was done to a pull request or comment.
type Operation string

// The operations.
const (
	Created   Operation = "created"
	Updated   Operation = "updated"
	Untouched Operation = "none"
)

// PullRequest is the pull request that proposes the bot branch. Without a
// number there is none, and no cause for one.
type PullRequest struct {
	Number    int
	URL       string
	Operation Operation // of this run

	node      string
	body      string // as it is on GitHub
	note      string // of ours, in front of the caller's body
	autoMerge bool   // already switched on
}

// EnsurePR makes the pull request where there is none and the bot branch has
// something that the base branch does not. One that is open is left as it is.
// If the last one was closed without being merged, the new one's body says so.
func (h *Home) EnsurePR(ctx context.Context, body string) (PullRequest, error) {
	found, err := h.findPull(ctx)
	if err != nil {
		return PullRequest{}, err
	}
	if found.Number == 0 && h.Pending() {
		if found, err = h.createPull(ctx, found.note, body); err != nil {
			return PullRequest{}, err
		}
	}
	h.pull = &found
	return found, nil
}

// findPull finds the open pull request, and the one before it.
func (h *Home) findPull(ctx context.Context) (PullRequest, error) {
	list, _, err := h.api.PullRequests.List(ctx, h.options.Owner, h.options.Repo, &github.PullRequestListOptions{
		State: "all", Head: h.options.Owner + ":" + h.home.Branch, Base: h.home.Base, Sort: "created", Direction: "desc",
		ListOptions: github.ListOptions{PerPage: 100},
	})
	if err != nil {
		return PullRequest{}, fail("list pull requests", readPulls, err)
	}
	list = slices.DeleteFunc(list, foreign)
	found := PullRequest{Operation: Untouched}
	if i := slices.IndexFunc(list, func(p *github.PullRequest) bool { return p.GetState() == "open" }); i >= 0 {
		found = known(list[i], Untouched)
		list = list[i+1:]
	}
	if len(list) > 0 && list[0].MergedAt == nil {
		found.note = replaces(list[0].GetNumber())
	}
	return found, nil
}

// foreign: a fork of the same owner may have a branch of the same name.
func foreign(p *github.PullRequest) bool {
	head, base := p.GetHead().GetRepo(), p.GetBase().GetRepo()
	return head != nil && head.GetID() != base.GetID()
}

func known(p *github.PullRequest, operation Operation) PullRequest {
	return PullRequest{
		Number: p.GetNumber(), URL: p.GetHTMLURL(), Operation: operation,
		node: p.GetNodeID(), body: p.GetBody(), autoMerge: p.AutoMerge != nil,
	}
}

func replaces(number int) string {
	return fmt.Sprintf("> [!NOTE]\n> This replaces #%d, which was closed without being merged. What it recorded had happened all the same, "+
		"so the journal goes on from it: closing a rotation's pull request undoes no rotation.\n\n", number)
}

func (h *Home) createPull(ctx context.Context, note, body string) (PullRequest, error) {
	text := note + body
	made, _, err := h.api.PullRequests.Create(ctx, h.options.Owner, h.options.Repo, &github.NewPullRequest{
		Title: &h.home.Title, Head: &h.home.Branch, Base: &h.home.Base, Body: &text,
	})
	if err == nil {
		p := known(made, Created)
		p.note, p.body = note, text
		return p, nil
	}
	switch r := reason(err); {
	case r.says("no commits between"):
		return PullRequest{Operation: Untouched}, nil
	case r.says("already exists"): // a lost answer, or another run
		p, err := h.findPull(ctx)
		if p.body == text {
			p.Operation = Created
		}
		return p, err
	}
	err = fail(fmt.Sprintf("open a pull request from %q to %q", h.home.Branch, h.home.Base), pulls, err)
	var denied *DeniedError
	if errors.As(err, &denied) && denied.Permission == pulls {
		denied.Advice += settingAdvice
	}
	return PullRequest{}, err
}

// settingAdvice: to open pull requests the permission alone is not enough.
const settingAdvice = ", and in the repository's Settings › Actions › General " +
	"switch on \"Allow GitHub Actions to create and approve pull requests\""

// UpdatePR is called after the outcome: it gives the pull request its final
// body, if that is another, and to a new one labels and reviewers; then it
// switches auto-merge on. Only a body that cannot be written is an error.
func (h *Home) UpdatePR(ctx context.Context, body string) (PullRequest, error) {
	if h.pull == nil || h.pull.Number == 0 {
		if p, err := h.EnsurePR(ctx, body); err != nil || p.Number == 0 {
			return p, err
		}
	}
	p := h.pull
	text := p.note + body
	if sameText(p.body, text) {
		h.dress(ctx, p)
		return *p, nil
	}
	now, _, err := h.api.PullRequests.Edit(ctx, h.options.Owner, h.options.Repo, p.Number, &github.PullRequest{Body: &text})
	if err != nil {
		return *p, fail(fmt.Sprintf("update pull request #%d", p.Number), pulls, err)
	}
	p.body = text
	if p.Operation == Untouched {
		p.Operation = Updated
	}
	if now.GetState() == "open" { // else somebody was faster; the next apply opens a new one
		h.dress(ctx, p)
	}
	return *p, nil
}

// sameText compares texts as GitHub keeps them: with the line ends of whoever
// edited last.
func sameText(a, b string) bool {
	plain := func(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }
	return plain(a) == plain(b)
}
