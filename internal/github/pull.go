package github

import (
	"context"
	"errors"
	"fmt"
	"strings"

	gh "github.com/google/go-github/v66/github"
)

// PullRequest is a pull request of this repository.
type PullRequest struct {
	Number    int
	URL       string
	Body      string
	Open      bool
	Merged    bool
	AutoMerge bool // is switched on

	node string // its id in GraphQL
}

func pullRequest(p *gh.PullRequest) PullRequest {
	return PullRequest{
		Number: p.GetNumber(), URL: p.GetHTMLURL(), Body: p.GetBody(), node: p.GetNodeID(),
		Open: p.GetState() == "open", Merged: !p.GetMergedAt().IsZero(), AutoMerge: p.GetAutoMerge() != nil,
	}
}

// PullRequests returns the newest 100 pull requests from one branch to another,
// newest first. Those from a branch of the same name in a fork are left out.
func (r *Repository) PullRequests(ctx context.Context, branch, base string) ([]PullRequest, error) {
	list, _, err := r.api.PullRequests.List(ctx, r.options.Owner, r.options.Repo, &gh.PullRequestListOptions{
		State: "all", Head: r.options.Owner + ":" + branch, Base: base, Sort: "created", Direction: "desc",
		ListOptions: gh.ListOptions{PerPage: 100},
	})
	if err != nil {
		return nil, fail("list pull requests", readPulls, err)
	}
	var out []PullRequest
	for _, p := range list {
		// An owner may also have a fork of the repository.
		if head := p.GetHead().GetRepo(); head == nil || head.GetID() == p.GetBase().GetRepo().GetID() {
			out = append(out, pullRequest(p))
		}
	}
	return out, nil
}

// maxTitle is below the 256 characters that GitHub accepts.
const maxTitle = 250

// CreatePullRequest opens a pull request from one branch to another. If one is
// open the error is ErrExists, and without commits it is ErrNothingToMerge.
func (r *Repository) CreatePullRequest(ctx context.Context, branch, base, title, body string) (PullRequest, error) {
	title = oneLine(title)
	if runes := []rune(title); len(runes) > maxTitle {
		title = string(runes[:maxTitle-1]) + "…"
	}
	made, _, err := r.api.PullRequests.Create(ctx, r.options.Owner, r.options.Repo, &gh.NewPullRequest{Title: &title, Head: &branch, Base: &base, Body: &body})
	if err == nil {
		return pullRequest(made), nil
	}
	err = fail(fmt.Sprintf("open a pull request from %q to %q", branch, base), writePulls, err)
	if denied := new(DeniedError); errors.As(err, &denied) && denied.Permission == writePulls {
		denied.Advice += settingAdvice
	}
	return PullRequest{}, err
}

// settingAdvice: the permission alone does not allow pull requests.
const settingAdvice = ", and in the repository's Settings › Actions › General " +
	"switch on \"Allow GitHub Actions to create and approve pull requests\""

// SetBody replaces the body of a pull request, and returns the pull request as
// it is then.
func (r *Repository) SetBody(ctx context.Context, number int, body string) (PullRequest, error) {
	now, _, err := r.api.PullRequests.Edit(ctx, r.options.Owner, r.options.Repo, number, &gh.PullRequest{Body: &body})
	return pullRequest(now), fail(fmt.Sprintf("update pull request #%d", number), writePulls, err)
}

// HasBody reports whether the pull request has a body, line ends aside.
func (p PullRequest) HasBody(body string) bool { return sameText(p.Body, body) }

// AddLabels adds labels to a pull request.
func (r *Repository) AddLabels(ctx context.Context, number int, labels []string) error {
	_, _, err := r.api.Issues.AddLabelsToIssue(ctx, r.options.Owner, r.options.Repo, number, labels)
	return fail("label the pull request", writePulls, err)
}

// RequestReview asks people, and teams in the form "org/team", to review a pull
// request.
func (r *Repository) RequestReview(ctx context.Context, number int, reviewers []string) error {
	var request gh.ReviewersRequest
	for _, name := range reviewers {
		if _, team, isTeam := strings.Cut(name, "/"); isTeam {
			request.TeamReviewers = append(request.TeamReviewers, team)
		} else {
			request.Reviewers = append(request.Reviewers, name)
		}
	}
	_, _, err := r.api.PullRequests.RequestReviewers(ctx, r.options.Owner, r.options.Repo, number, request)
	return fail("request reviewers", writePulls, err)
}

const autoMergeMutation = `mutation($input: EnablePullRequestAutoMergeInput!) {
  enablePullRequestAutoMerge(input: $input) { pullRequest { number } }
}`

// EnableAutoMerge switches auto-merge on: by squash if the repository allows
// it, else by merge commit. It never merges by rebase, because the branches
// would have no common history after that.
func (r *Repository) EnableAutoMerge(ctx context.Context, p PullRequest) error {
	var err error
	for _, method := range []string{"SQUASH", "MERGE"} {
		input := map[string]string{"pullRequestId": p.node, "mergeMethod": method}
		err = r.graphQL(ctx, autoMergeMutation, input, &struct{}{})
		if err == nil {
			return nil
		}
		if !readError(err).says("merge method") {
			break
		}
	}
	e := readError(err)
	err = fail("switch auto-merge on", writePulls, err)
	switch {
	case e.says("not allowed for this repository"):
		return fmt.Errorf("%w\nallow it in the repository's Settings › General, or leave `auto-merge` out", err)
	case e.says("clean status"):
		return fmt.Errorf("%w\nauto-merge is for pull requests that wait for something: require a check or a review on the base branch", err)
	}
	return err
}

// Edits reports whether a pull request changes a file.
func (r *Repository) Edits(ctx context.Context, number int, path string) (bool, error) {
	options := &gh.ListOptions{PerPage: 100}
	for {
		files, answer, err := r.api.PullRequests.ListFiles(ctx, r.options.Owner, r.options.Repo, number, options)
		if err != nil {
			return false, fail("list the files of the pull request", readPulls, err)
		}
		for _, f := range files {
			if f.GetFilename() == path || f.GetPreviousFilename() == path {
				return true, nil
			}
		}
		if answer.NextPage == 0 {
			return false, nil
		}
		options.Page = answer.NextPage
	}
}
