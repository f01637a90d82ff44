package pr

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/go-github/v66/github"
)

// maxRunAge is how old a workflow run may be for its commit to count as fresh
// although the base branch has moved on.
const maxRunAge = 6 * time.Hour

// maxFiles is how many files GitHub lists in a comparison; beyond it nobody
// knows what else differs.
const maxFiles = 300

// Commit is what a run was started for.
type Commit struct {
	SHA     string
	RunID   int64
	Attempt int64
	// Only is the folder whose changes do not matter, with a slash at its end.
	Only string
}

// Stale tells why a commit may not be applied, or nothing
// (docs/design/surface.md, "The Action"): it is the base head, or differs from
// it in the journal's folder only, or is an ancestor of it in the first attempt
// of a run that began a short while ago. Read has to come before.
func (h *Home) Stale(ctx context.Context, c Commit) (string, error) {
	base := h.BaseHead()
	if c.SHA == base {
		return "", nil
	}
	comparison, _, err := h.api.Repositories.CompareCommits(ctx, h.options.Owner, h.options.Repo, c.SHA, base, &github.ListOptions{PerPage: 100})
	if err != nil {
		return "", fail("compare the run's commit with the base branch", "contents: read", err)
	}
	if comparison.GetStatus() != "ahead" {
		return fmt.Sprintf("the run's commit %.12s is not on %s", c.SHA, h.home.Base), nil
	}
	if within(comparison.Files, c.Only) {
		return "", nil
	}
	if c.Attempt != 1 {
		return fmt.Sprintf("%s has moved on since commit %.12s, and this is a run started again: start a new one", h.home.Base, c.SHA), nil
	}
	run, _, err := h.api.Actions.GetWorkflowRunByID(ctx, h.options.Owner, h.options.Repo, c.RunID)
	if err != nil {
		return "", fail("ask when this run began", "actions: read", err)
	}
	if age := h.options.Retry.Clock.Now().Sub(run.GetCreatedAt().Time); age > maxRunAge {
		return fmt.Sprintf("%s has moved on since commit %.12s, and this run is %s old: start a new one", h.home.Base, c.SHA, age.Round(time.Minute)), nil
	}
	return "", nil
}

// within tells whether all that changed is in a folder.
func within(files []*github.CommitFile, folder string) bool {
	if len(files) >= maxFiles {
		return false
	}
	for _, f := range files {
		before := f.GetPreviousFilename()
		if !strings.HasPrefix(f.GetFilename(), folder) || before != "" && !strings.HasPrefix(before, folder) {
			return false
		}
	}
	return true
}

// Edits tells whether a pull request changes a file.
func (r *Repository) Edits(ctx context.Context, number int, path string) (bool, error) {
	options := &github.ListOptions{PerPage: 100}
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
