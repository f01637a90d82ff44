package pr

import (
	"bytes"
	"context"
	"fmt"

	"github.com/google/go-github/v66/github"

	"github.com/layeron/rotate/internal/journal"
)

// follow appends a merge of the base branch where its journal is not what it
// was when the branches parted: after a squash merge, a revert, an edit. Without
// it the pull request would conflict. It never stands between a commit and the
// write that the commit announced, so it only warns.
func (h *Home) follow(ctx context.Context, s *snapshot) {
	merged, err := h.tryFollow(ctx, s)
	if err != nil {
		h.options.Warn("the pull request may conflict until the next rotation: " + err.Error())
	}
	if merged != "" {
		s.bot, s.fork = merged, s.base
	}
}

func (h *Home) tryFollow(ctx context.Context, s *snapshot) (merged string, err error) {
	if s.fresh {
		s.fresh = false
	} else if known, err := h.lookAgain(ctx, s); err != nil || !known {
		return "", err
	}
	if s.settled {
		return "", nil
	}
	needed, err := h.mustMerge(ctx, s)
	if err == nil && needed {
		merged, err = h.merge(ctx, s)
	}
	s.settled = err == nil
	return merged, err
}

// lookAgain learns where the base branch is by now. If its journal has something
// that ours was not planned with, that is for the next run to decide.
func (h *Home) lookAgain(ctx context.Context, s *snapshot) (known bool, err error) {
	now, err := h.look(ctx, s.bot)
	if err != nil || now.base == s.planned {
		return true, err
	}
	onBase, err := h.fileAt(ctx, now.base)
	if err != nil || !includes(s.journal, onBase.journal) {
		return false, err
	}
	s.base, s.baseTree, s.fork, s.mixed = now.base, now.baseTree, now.fork, now.mixed
	s.onBase, s.planned, s.settled = onBase, now.base, false
	s.pending = !bytes.Equal(s.onBot.data, s.onBase.data)
	return true, nil
}

// includes tells whether a journal has all that the base's has.
func includes(j, base *journal.Journal) bool {
	both, conflicts := journal.Merge(base, j)
	if len(conflicts) > 0 {
		return false
	}
	want, err := journal.Format(*j)
	if err != nil {
		return false
	}
	got, err := journal.Format(*both)
	return err == nil && bytes.Equal(got, want)
}

// mustMerge tells whether the base's journal is another than where the branches
// parted. The merge takes all other files from the base, so it is not for a
// branch on which a person changed some.
func (h *Home) mustMerge(ctx context.Context, s *snapshot) (bool, error) {
	switch s.fork {
	case s.base:
		return false, nil
	case "":
		return true, nil
	}
	before, err := h.fileAt(ctx, s.fork)
	if err != nil || before.blob == s.onBase.blob {
		return false, err
	}
	if s.mixed {
		h.options.Warn(fmt.Sprintf("branch %q carries a person's changes of other files: merging %q into it is left to them", h.home.Branch, h.home.Base))
	}
	return !s.mixed, nil
}

// merge commits the base's tree with the journal, as a merge of both heads. The
// branch takes it only if it still has the head that was merged.
func (h *Home) merge(ctx context.Context, s *snapshot) (string, error) {
	doing := fmt.Sprintf("merge %q into %q", h.home.Base, h.home.Branch)
	owner, repo := h.options.Owner, h.options.Repo
	if s.baseTree == "" {
		c, _, err := h.api.Git.GetCommit(ctx, owner, repo, s.base)
		if err != nil {
			return "", fail(doing, readContents, err)
		}
		s.baseTree = c.GetTree().GetSHA()
	}
	entry := &github.TreeEntry{Path: &h.home.Path, Mode: github.String("100644"), Type: github.String("blob"), Content: github.String(string(s.onBot.data))}
	tree, _, err := h.api.Git.CreateTree(ctx, owner, repo, s.baseTree, []*github.TreeEntry{entry})
	if err != nil {
		return "", fail(doing, contents, err)
	}
	message := fmt.Sprintf("Merge branch '%s' into %s", h.home.Base, h.home.Branch)
	commit, _, err := h.api.Git.CreateCommit(ctx, owner, repo, &github.Commit{
		Message: &message, Tree: tree, Parents: []*github.Commit{{SHA: &s.bot}, {SHA: &s.base}},
	}, nil)
	if err != nil {
		return "", fail(doing, contents, err)
	}
	return h.advance(ctx, commit.GetSHA(), doing)
}

// advance moves the bot branch forward to a commit. Where it is there already,
// because an answer got lost, that is well.
func (h *Home) advance(ctx context.Context, commit, doing string) (string, error) {
	ref := &github.Reference{Ref: github.String("refs/heads/" + h.home.Branch), Object: &github.GitObject{SHA: &commit}}
	_, _, err := h.api.Git.UpdateRef(ctx, h.options.Owner, h.options.Repo, ref, false)
	if err != nil {
		return "", fail(doing, contents, err)
	}
	return commit, nil
}
