package journalbranch

import (
	"bytes"
	"context"
	"fmt"

	"github.com/layeron/rotate/internal/journal"
)

// mergeBase merges the base branch into the bot branch if the base's journal
// differs from the one at the merge base: after a squash merge, a revert, an
// edit. Otherwise the pull request would conflict. mergeBase comes between an
// intent and the write that it announces, so it only warns if it fails.
func (b *Branch) mergeBase(ctx context.Context, s *state) {
	merged, err := b.tryMerge(ctx, s)
	if err != nil {
		b.options.Warn("the pull request may conflict until the next rotation: " + err.Error())
	}
	if merged != "" {
		s.head, s.mergeBase = merged, s.base
	}
}

// tryMerge returns the merge commit, or "" if none is needed.
func (b *Branch) tryMerge(ctx context.Context, s *state) (merged string, err error) {
	if s.fresh {
		s.fresh = false
	} else if ok, err := b.refreshBase(ctx, s); err != nil || !ok {
		return "", err
	}
	if s.merged {
		return "", nil
	}
	needed, err := b.needsMerge(ctx, s)
	if err == nil && needed {
		merged, err = b.merge(ctx, s)
	}
	s.merged = err == nil
	return merged, err
}

// refreshBase finds the base's current head. ok is false if the base's journal
// has changes that this journal was not planned with: they are left to the next
// run.
func (b *Branch) refreshBase(ctx context.Context, s *state) (ok bool, err error) {
	now, err := b.compare(ctx, s.head)
	if err != nil || now.base == s.planned {
		return true, err
	}
	onBase, err := b.fileAt(ctx, now.base)
	if err != nil || !includes(s.journal, onBase.journal) {
		return false, err
	}
	s.base, s.baseTree, s.mergeBase, s.otherFiles = now.base, now.baseTree, now.mergeBase, now.otherFiles
	s.onBase, s.planned, s.merged = onBase, now.base, false
	s.pending = !bytes.Equal(s.onBranch.data, s.onBase.data)
	return true, nil
}

// includes reports whether a journal has everything that the base's has.
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

// needsMerge reports whether the base's journal differs from the one at the
// merge base. The merge would take all other files from the base, so a branch
// on which a person changed some gets none.
func (b *Branch) needsMerge(ctx context.Context, s *state) (bool, error) {
	switch s.mergeBase {
	case s.base:
		return false, nil
	case "":
		return true, nil
	}
	before, err := b.fileAt(ctx, s.mergeBase)
	if err != nil || before.blob == s.onBase.blob {
		return false, err
	}
	if s.otherFiles {
		b.options.Warn(fmt.Sprintf("branch %q has a person's changes to other files: merge %q into it by hand", b.options.Branch, b.options.Base))
	}
	return !s.otherFiles, nil
}

// merge commits the base's tree with this journal, as a merge of both heads.
// The bot branch takes the commit only if it still has the head that was
// merged.
func (b *Branch) merge(ctx context.Context, s *state) (commit string, err error) {
	if s.baseTree == "" {
		s.baseTree, err = b.repository.Tree(ctx, s.base)
	}
	if err == nil {
		message := fmt.Sprintf("Merge branch '%s' into %s", b.options.Base, b.options.Branch)
		commit, err = b.repository.CommitTree(ctx, message, []string{s.head, s.base}, s.baseTree, b.options.Path, s.onBranch.data)
	}
	if err == nil {
		err = b.repository.AdvanceBranch(ctx, b.options.Branch, commit)
	}
	if err != nil {
		return "", fmt.Errorf("merge %q into %q: %w", b.options.Base, b.options.Branch, err)
	}
	return commit, nil
}
