package pr

import (
	"bytes"
	"context"
	"fmt"

	"github.com/google/go-github/v66/github"

	"github.com/layeron/rotate/internal/journal"
)

// Write commits the journal to the bot branch if that is still at the revision,
// and returns the branch's new head; else it fails with journal.ErrMoved. The
// branch is made where there is none. Where the base's journal has gone its own
// way a merge follows, whose failure is only warned of: the write is done.
func (h *Home) Write(ctx context.Context, revision string, j journal.Journal, message string) (string, error) {
	data, err := journal.Format(j)
	if err != nil {
		return "", fmt.Errorf("write journal: %w", err)
	}
	if h.last == nil || h.last.revision() != revision {
		return "", journal.ErrMoved
	}
	s := *h.last
	h.last = nil // whatever comes of it, this is not what is there
	if err := h.ensureBranch(ctx, &s); err != nil {
		return "", err
	}
	if s.bot, err = h.commit(ctx, s.bot, oneLine(message), data); err != nil {
		return "", err
	}
	s.onBot, s.journal, s.conflicts = file{data: data, journal: &j}, &j, nil
	s.pending = !bytes.Equal(data, s.onBase.data)
	h.follow(ctx, &s)
	h.last = &s
	return s.bot, nil
}

// ensureBranch makes the bot branch at the base's head. If it is there by now,
// another run was faster.
func (h *Home) ensureBranch(ctx context.Context, s *snapshot) error {
	base, missing := isNew(s.revision())
	if !missing {
		return nil
	}
	ref := &github.Reference{Ref: github.String("refs/heads/" + h.home.Branch), Object: &github.GitObject{SHA: &base}}
	_, _, err := h.api.Git.CreateRef(ctx, h.options.Owner, h.options.Repo, ref)
	switch {
	case err == nil:
		s.bot, s.fork = base, base
		return nil
	case reason(err).says("already exists"):
		return journal.ErrMoved
	}
	return fail(fmt.Sprintf("create branch %q", h.home.Branch), contents, err)
}

// commit puts the journal on the bot branch on top of a head.
func (h *Home) commit(ctx context.Context, head, message string, data []byte) (string, error) {
	id, err := h.commitOnBranch(ctx, h.home.Branch, head, message, h.home.Path, data)
	if err == nil {
		return id, nil
	}
	doing, r := fmt.Sprintf("commit to branch %q", h.home.Branch), reason(err)
	if r.denied() || r.byRule() {
		return "", fail(doing, contents, err)
	}
	// Its head may be another because the commit was made and the answer lost.
	id, moved, unknown := h.settle(ctx, head, data)
	switch {
	case unknown != nil:
		return "", fmt.Errorf("%w; what came of it is not known: %w", fail(doing, contents, err), unknown)
	case id != "":
		return id, nil
	case moved || r.kind == "STALE_DATA":
		return "", journal.ErrMoved
	}
	return "", fail(doing, contents, err)
}

// settle looks for a commit that may have been made on a head. It is known by its
// content, which names the run. Where there is none, settle tells whether the
// branch moved.
func (h *Home) settle(ctx context.Context, head string, data []byte) (id string, moved bool, err error) {
	c, _, err := h.api.Repositories.CompareCommits(ctx, h.options.Owner, h.options.Repo, head, h.home.Branch, nil)
	if err != nil {
		if reason(err).notFound() {
			return "", true, nil // deleted, or put somewhere else
		}
		return "", false, fail("read the branch again", readContents, err)
	}
	for _, made := range c.Commits {
		if len(made.Parents) != 1 || made.Parents[0].GetSHA() != head {
			continue
		}
		f, err := h.fileAt(ctx, made.GetSHA())
		if err != nil {
			return "", false, err
		}
		if bytes.Equal(f.data, data) {
			return made.GetSHA(), false, nil
		}
	}
	return "", c.GetStatus() != "identical", nil
}
