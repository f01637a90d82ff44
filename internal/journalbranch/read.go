package journalbranch

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/layeron/rotate/internal/github"
	"github.com/layeron/rotate/internal/journal"
)

// Read returns the effective journal of base and bot branch. Entries on which
// the two disagree are the bot branch's, and are listed as conflicts. A journal
// that cannot be parsed is an error that names the branch.
func (b *Branch) Read(ctx context.Context) (journal.Snapshot, error) {
	s, err := b.compare(ctx, b.options.Branch)
	if err != nil {
		return journal.Snapshot{}, err
	}
	if b.last != nil && b.last.base == s.base && b.last.head == s.head {
		return b.last.snapshot(), nil
	}
	if err := b.load(ctx, s); err != nil {
		return journal.Snapshot{}, err
	}
	s.fresh, s.planned = true, s.base
	if b.last != nil && b.last.head == s.head { // the run has planned already
		s.fresh, s.planned = false, b.last.planned
	}
	b.last = s
	return s.snapshot(), nil
}

// Past returns the journal as of a commit, or nil if the commit or the file
// does not exist or the file is not a journal.
func (b *Branch) Past(ctx context.Context, commit string) (*journal.Journal, error) {
	f, err := b.fileAt(ctx, commit)
	var broken *invalidFile
	switch {
	case errors.As(err, &broken), errors.Is(err, github.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read journal at commit %q: %w", commit, err)
	}
	return f.journal, nil
}

// compare finds the heads of base and bot branch, with one request if both
// exist. bot is the name of the bot branch or its head.
func (b *Branch) compare(ctx context.Context, bot string) (*state, error) {
	c, err := b.repository.Compare(ctx, b.options.Base, bot)
	switch {
	case errors.Is(err, github.ErrNotFound):
		return b.heads(ctx)
	case err != nil:
		return nil, err
	}
	s := &state{base: c.Base, baseTree: c.BaseTree, head: c.Head, mergeBase: c.MergeBase}
	for _, f := range c.Files {
		if f.Path == b.options.Path {
			s.onBranch.blob = f.Blob
		} else {
			s.otherFiles = true
		}
	}
	if s.head == "" { // there are too many commits to show the last one
		s.head, err = b.repository.Head(ctx, b.options.Branch)
		if err == nil && s.head == "" {
			err = fmt.Errorf("branch %q was deleted while it was read", b.options.Branch)
		}
	}
	return s, err
}

// heads finds the heads one by one. It is for branches that do not exist or
// have no common history.
func (b *Branch) heads(ctx context.Context) (*state, error) {
	base, err := b.repository.Head(ctx, b.options.Base)
	if err != nil {
		return nil, err
	}
	if base == "" {
		return nil, fmt.Errorf("branch %q does not exist, or the token may not see it: it needs `permissions: contents: read`", b.options.Base)
	}
	head, err := b.repository.Head(ctx, b.options.Branch)
	if err != nil {
		return nil, err
	}
	return &state{base: base, head: head}, nil
}

// load reads the journals of both branches and merges them.
func (b *Branch) load(ctx context.Context, s *state) (err error) {
	if s.onBase, err = b.fileAt(ctx, s.base); err != nil {
		return fmt.Errorf("read journal on branch %q: %w", b.options.Base, err)
	}
	if s.onBranch, err = b.branchFile(ctx, s); err != nil {
		return fmt.Errorf("read journal on branch %q: %w", b.options.Branch, err)
	}
	s.journal, s.conflicts = journal.Merge(s.onBase.journal, s.onBranch.journal)
	if s.journal == nil {
		return nil
	}
	effective, err := journal.Format(*s.journal)
	if err != nil {
		return fmt.Errorf("merge journals: %w", err)
	}
	// If the head is the merge base, the bot branch was merged and the merge
	// was reverted. GitHub accepts no pull request from it until the next
	// write.
	s.pending = s.head != "" && s.head != s.mergeBase && !bytes.Equal(effective, s.onBase.data)
	return nil
}

// branchFile reads the journal on the bot branch.
func (b *Branch) branchFile(ctx context.Context, s *state) (file, error) {
	switch {
	case s.head == "":
		return file{}, nil
	case s.head == s.base:
		return s.onBase, nil
	case s.onBranch.blob != "":
		return b.blob(ctx, s.onBranch.blob)
	}
	return b.fileAt(ctx, s.head)
}

// fileAt reads the journal at a commit.
func (b *Branch) fileAt(ctx context.Context, commit string) (file, error) {
	id, data, err := b.repository.Contents(ctx, b.options.Path, commit)
	switch {
	case errors.Is(err, github.ErrNotFile):
		return file{}, &invalidFile{err}
	case err != nil || id == "":
		return file{}, err
	case data == nil:
		return b.blob(ctx, id)
	}
	return b.parse(id, data)
}

// blob reads the journal by the id of its blob.
func (b *Branch) blob(ctx context.Context, id string) (file, error) {
	if f, known := b.files[id]; known {
		return f, nil
	}
	data, err := b.repository.Blob(ctx, id)
	if err != nil {
		return file{}, err
	}
	return b.parse(id, data)
}

// parse parses a file and remembers it.
func (b *Branch) parse(id string, data []byte) (file, error) {
	j, err := journal.Parse(data)
	if err != nil {
		return file{}, &invalidFile{fmt.Errorf("%q: %w", b.options.Path, err)}
	}
	b.files[id] = file{id, data, &j}
	return b.files[id], nil
}

// invalidFile is the error of a file that exists and is not a journal.
type invalidFile struct{ err error }

func (e *invalidFile) Error() string { return e.err.Error() }
func (e *invalidFile) Unwrap() error { return e.err }
