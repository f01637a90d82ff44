package pr

import (
	"context"
	"strings"

	"github.com/google/go-github/v66/github"
)

// dress gives a pull request what it needs beside its text. None of it is worth
// failing for.
func (h *Home) dress(ctx context.Context, p *PullRequest) {
	if p.Operation == Created { // later ones are for people to change
		h.label(ctx, p.Number)
		h.requestReview(ctx, p.Number)
	}
	if h.home.AutoMerge && !p.autoMerge {
		h.autoMerge(ctx, p)
	}
}

func (h *Home) label(ctx context.Context, number int) {
	if len(h.home.Labels) == 0 {
		return
	}
	if _, _, err := h.api.Issues.AddLabelsToIssue(ctx, h.options.Owner, h.options.Repo, number, h.home.Labels); err != nil {
		h.options.Warn(fail("label the pull request", pulls, err).Error())
	}
}

func (h *Home) requestReview(ctx context.Context, number int) {
	var request github.ReviewersRequest
	for _, name := range h.home.Reviewers {
		if _, team, isTeam := strings.Cut(name, "/"); isTeam {
			request.TeamReviewers = append(request.TeamReviewers, team)
		} else {
			request.Reviewers = append(request.Reviewers, name)
		}
	}
	if len(h.home.Reviewers) == 0 {
		return
	}
	if _, _, err := h.api.PullRequests.RequestReviewers(ctx, h.options.Owner, h.options.Repo, number, request); err != nil {
		h.options.Warn(fail("request reviewers", pulls, err).Error())
	}
}

// autoMerge switches auto-merge on, by squash where the repository allows it,
// else by merge commit. A rebase would part the branches for good.
func (h *Home) autoMerge(ctx context.Context, p *PullRequest) {
	err := h.enableAutoMerge(ctx, p.node, "SQUASH")
	if err != nil && reason(err).says("merge method") {
		err = h.enableAutoMerge(ctx, p.node, "MERGE")
	}
	if err == nil {
		p.autoMerge = true
		return
	}
	text := fail("switch auto-merge on", pulls, err).Error()
	switch r := reason(err); {
	case r.says("not allowed for this repository"):
		text += "\nallow it in the repository's Settings › General, or leave `auto-merge` out"
	case r.says("clean status"):
		text += "\nit is for pull requests that wait for something: require a check or a review on the base branch"
	}
	h.options.Warn(text)
}
