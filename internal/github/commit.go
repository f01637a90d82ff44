package github

import (
	"context"
	"encoding/base64"
	"fmt"

	gh "github.com/google/go-github/v66/github"
)

const commitMutation = `mutation($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid } }
}`

type commitInput struct {
	Branch struct {
		Repository string `json:"repositoryNameWithOwner"`
		Name       string `json:"branchName"`
	} `json:"branch"`
	Message struct {
		Headline string `json:"headline"`
	} `json:"message"`
	Expected    string `json:"expectedHeadOid"`
	FileChanges struct {
		Additions []fileAddition `json:"additions"`
	} `json:"fileChanges"`
}

type fileAddition struct {
	Path     string `json:"path"`
	Contents string `json:"contents"`
}

// CommitFile commits a file to a branch whose head is the given commit, and
// returns the new commit, which GitHub signs. After any error but a DeniedError
// the commit may exist: its answer may be lost, and a repeated request fails
// with ErrMoved.
func (r *Repository) CommitFile(ctx context.Context, branch, head, message, path string, data []byte) (string, error) {
	var in commitInput
	in.Branch.Repository, in.Branch.Name = r.options.Owner+"/"+r.options.Repo, branch
	in.Message.Headline, in.Expected = oneLine(message), head
	in.FileChanges.Additions = []fileAddition{{path, base64.StdEncoding.EncodeToString(data)}}
	var out struct {
		CreateCommitOnBranch *struct{ Commit struct{ OID string } }
	}
	err := r.graphQL(ctx, commitMutation, in, &out)
	if err == nil && (out.CreateCommitOnBranch == nil || !areIDs(out.CreateCommitOnBranch.Commit.OID)) {
		err = errAnswer
	}
	if err != nil {
		return "", fail(fmt.Sprintf("commit to branch %q", branch), writeContents, err)
	}
	return out.CreateCommitOnBranch.Commit.OID, nil
}

// Tree returns the tree of a commit.
func (r *Repository) Tree(ctx context.Context, commit string) (string, error) {
	c, _, err := r.api.Git.GetCommit(ctx, r.options.Owner, r.options.Repo, commit)
	return checked(c.GetTree().GetSHA(), fmt.Sprintf("read commit %.12s", commit), readContents, err)
}

// CommitTree makes a commit, of a tree in which one file has the given content,
// and returns its id. No branch moves.
func (r *Repository) CommitTree(ctx context.Context, message string, parents []string, tree, path string, data []byte) (string, error) {
	entry := &gh.TreeEntry{Path: &path, Mode: gh.String("100644"), Type: gh.String("blob"), Content: gh.String(string(data))}
	made, _, err := r.api.Git.CreateTree(ctx, r.options.Owner, r.options.Repo, tree, []*gh.TreeEntry{entry})
	if err != nil {
		return "", fail("create a tree", writeContents, err)
	}
	commit := &gh.Commit{Message: &message, Tree: made}
	for _, parent := range parents {
		commit.Parents = append(commit.Parents, &gh.Commit{SHA: &parent})
	}
	commit, _, err = r.api.Git.CreateCommit(ctx, r.options.Owner, r.options.Repo, commit, nil)
	return checked(commit.GetSHA(), "create a commit", writeContents, err)
}
