package github

import (
	"context"
	"fmt"
	"slices"

	gh "github.com/google/go-github/v66/github"
)

// Head returns the head commit of a branch, "" if there is no such branch.
func (r *Repository) Head(ctx context.Context, branch string) (string, error) {
	ref, _, err := r.api.Git.GetRef(ctx, r.options.Owner, r.options.Repo, "heads/"+branch)
	if err != nil && readError(err).Is(ErrNotFound) {
		return "", nil
	}
	return checked(ref.GetObject().GetSHA(), fmt.Sprintf("read branch %q", branch), readContents, err)
}

// CreateBranch creates a branch at a commit. If the branch exists, the error is
// ErrExists.
func (r *Repository) CreateBranch(ctx context.Context, branch, commit string) error {
	_, _, err := r.api.Git.CreateRef(ctx, r.options.Owner, r.options.Repo, reference(branch, commit))
	return fail(fmt.Sprintf("create branch %q", branch), writeContents, err)
}

// AdvanceBranch moves a branch forward to a commit. It never forces the branch.
// A branch that is at the commit already is no error.
func (r *Repository) AdvanceBranch(ctx context.Context, branch, commit string) error {
	_, _, err := r.api.Git.UpdateRef(ctx, r.options.Owner, r.options.Repo, reference(branch, commit), false)
	return fail(fmt.Sprintf("advance branch %q", branch), writeContents, err)
}

func reference(branch, commit string) *gh.Reference {
	return &gh.Reference{Ref: gh.String("refs/heads/" + branch), Object: &gh.GitObject{SHA: &commit}}
}

// Comparison is how the commits of a head differ from a base.
type Comparison struct {
	Status    string // identical, ahead, behind or diverged
	Base      string // commit
	BaseTree  string // "" if GitHub did not say
	MergeBase string // commit
	Head      string // commit; "" if there are more commits than GitHub shows
	Commits   []Commit
	Files     []ChangedFile // since the merge base
	Truncated bool          // more files may differ
}

// Commit is a commit of a comparison.
type Commit struct {
	ID      string
	Parents []string
}

// ChangedFile is a file that a commit or pull request changes.
type ChangedFile struct {
	Path     string
	Previous string // path before a rename, else ""
	Blob     string // id of its content; "" if it was removed
}

// maxFiles is how many files GitHub lists in a comparison.
const maxFiles = 300

// Compare compares branches or commits. If one of them does not exist, or they
// have no common history, the error is ErrNotFound.
func (r *Repository) Compare(ctx context.Context, base, head string) (Comparison, error) {
	doing := fmt.Sprintf("compare %q with %q", base, head)
	c, _, err := r.api.Repositories.CompareCommits(ctx, r.options.Owner, r.options.Repo, base, head, nil)
	if err != nil {
		return Comparison{}, fail(doing, readContents, err)
	}
	out := Comparison{
		Status: c.GetStatus(), Base: c.GetBaseCommit().GetSHA(), BaseTree: c.GetBaseCommit().GetCommit().GetTree().GetSHA(),
		MergeBase: c.GetMergeBaseCommit().GetSHA(), Truncated: len(c.Files) >= maxFiles,
	}
	ids := []string{out.Base, out.MergeBase}
	for _, commit := range c.Commits {
		made := Commit{ID: commit.GetSHA()}
		if commit != nil {
			for _, parent := range commit.Parents {
				made.Parents = append(made.Parents, parent.GetSHA())
			}
		}
		out.Commits = append(out.Commits, made)
		ids = append(append(ids, made.ID), made.Parents...)
	}
	if !areIDs(ids...) || slices.Contains(c.Files, nil) {
		return Comparison{}, fmt.Errorf("%s: %w", doing, errAnswer)
	}
	for _, f := range c.Files {
		out.Files = append(out.Files, changedFile(f))
	}
	switch n := len(out.Commits); {
	case c.GetAheadBy() == 0:
		out.Head = out.MergeBase
	case n == c.GetAheadBy():
		out.Head = out.Commits[n-1].ID
	}
	return out, nil
}

func changedFile(f *gh.CommitFile) ChangedFile {
	out := ChangedFile{Path: f.GetFilename(), Previous: f.GetPreviousFilename()}
	if f.GetStatus() != "removed" {
		out.Blob = f.GetSHA()
	}
	return out
}
