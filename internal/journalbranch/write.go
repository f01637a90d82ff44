package journalbranch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/layeron/rotate/internal/github"
	"github.com/layeron/rotate/internal/journal"
)

// Write commits the journal to the bot branch and returns the branch's new
// head. It creates the branch if there is none. If the branch is not at the
// given revision, the error is journal.ErrMoved. If the base's journal has
// changed, a merge commit follows; Write only warns if that fails, because the
// journal is written.
func (b *Branch) Write(ctx context.Context, revision string, j journal.Journal, message string) (string, error) {
	data, err := journal.Format(j)
	if err != nil {
		return "", fmt.Errorf("write journal: %w", err)
	}
	if b.last == nil || b.last.revision() != revision {
		return "", journal.ErrMoved
	}
	s := *b.last
	b.last = nil // after any failure it is out of date
	if err := b.ensureBranch(ctx, &s); err != nil {
		return "", err
	}
	if s.head, err = b.commit(ctx, s.head, message, data); err != nil {
		return "", err
	}
	s.onBranch, s.journal, s.conflicts = file{data: data, journal: &j}, &j, nil
	s.pending = !bytes.Equal(data, s.onBase.data)
	b.mergeBase(ctx, &s)
	b.last = &s
	return s.head, nil
}

// ensureBranch creates the bot branch at the base's head. If it exists by now,
// another run was faster.
func (b *Branch) ensureBranch(ctx context.Context, s *state) error {
	base, missing := strings.CutPrefix(s.revision(), noBranch)
	if !missing {
		return nil
	}
	err := b.repository.CreateBranch(ctx, b.options.Branch, base)
	if errors.Is(err, github.ErrExists) {
		return journal.ErrMoved
	}
	s.head, s.mergeBase = base, base
	return err
}

// commit commits the journal to the bot branch on top of a head.
func (b *Branch) commit(ctx context.Context, head, message string, data []byte) (string, error) {
	id, err := b.repository.CommitFile(ctx, b.options.Branch, head, message, b.options.Path, data)
	var denied *github.DeniedError
	if err == nil || errors.As(err, &denied) {
		return id, err
	}
	// The branch may have another head because this commit was made and the
	// answer was lost.
	id, moved, unknown := b.findCommit(ctx, head, data)
	switch {
	case unknown != nil:
		return "", fmt.Errorf("%w; whether the commit was made is unknown: %w", err, unknown)
	case id != "":
		return id, nil
	case moved || errors.Is(err, github.ErrMoved):
		return "", journal.ErrMoved
	}
	return "", err
}

// findCommit looks for a commit of a journal on top of a head. It recognizes
// the commit by the journal, which names the run. If there is none, moved
// reports whether the branch has another head now.
func (b *Branch) findCommit(ctx context.Context, head string, data []byte) (id string, moved bool, err error) {
	c, err := b.repository.Compare(ctx, head, b.options.Branch)
	switch {
	case errors.Is(err, github.ErrNotFound):
		return "", true, nil // deleted, or replaced by another history
	case err != nil:
		return "", false, err
	}
	for _, made := range c.Commits {
		if !slices.Equal(made.Parents, []string{head}) {
			continue
		}
		f, err := b.fileAt(ctx, made.ID)
		if err != nil {
			return "", false, err
		}
		if bytes.Equal(f.data, data) {
			return made.ID, false, nil
		}
	}
	return "", c.Status != "identical", nil
}
