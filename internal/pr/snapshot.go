package pr

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/go-github/v66/github"

	"github.com/layeron/rotate/internal/journal"
)

// snapshot is both branches at one moment.
type snapshot struct {
	base     string // head of the base branch
	baseTree string // "" where it was not learned
	bot      string // head of the bot branch; "" while there is none
	fork     string // where the two parted; "" where they have nothing in common
	mixed    bool   // the bot branch changes other files too: a person was there

	onBase, onBot file
	journal       *journal.Journal
	conflicts     journal.Conflicts
	pending       bool

	fresh   bool   // just read, so that the base need not be looked at again
	planned string // the head of the base with which the journal was planned
	settled bool   // what that one changed of the journal is in the bot branch
}

// file is the journal's file at a commit; the zero file is none.
type file struct {
	blob    string
	data    []byte
	journal *journal.Journal
}

// noBranch starts the revision of a journal whose bot branch is to be made.
const noBranch = "none:"

func (s *snapshot) revision() string {
	if s.bot == "" {
		return noBranch + s.base
	}
	return s.bot
}

// look finds the heads with one request where both branches are there. The bot
// is a branch or a commit.
func (h *Home) look(ctx context.Context, bot string) (*snapshot, error) {
	doing := fmt.Sprintf("compare branch %q with %q", h.home.Base, bot)
	c, _, err := h.api.Repositories.CompareCommits(ctx, h.options.Owner, h.options.Repo, h.home.Base, bot, nil)
	if err != nil {
		if reason(err).notFound() {
			return h.lookApart(ctx)
		}
		return nil, fail(doing, readContents, err)
	}
	s := &snapshot{base: c.GetBaseCommit().GetSHA(), baseTree: c.GetBaseCommit().GetCommit().GetTree().GetSHA(), fork: c.GetMergeBaseCommit().GetSHA()}
	for _, f := range c.Files {
		if f.GetFilename() == h.home.Path && f.GetStatus() != "removed" {
			s.onBot.blob = f.GetSHA()
		}
		s.mixed = s.mixed || f.GetFilename() != h.home.Path
	}
	switch n := len(c.Commits); {
	case c.GetAheadBy() == 0:
		s.bot = s.fork
	case n == c.GetAheadBy():
		s.bot = c.Commits[n-1].GetSHA()
	default: // only the first commits of many are shown
		s.bot, err = h.head(ctx, h.home.Branch)
	}
	if err == nil && (s.base == "" || s.bot == "" || s.fork == "") {
		err = fmt.Errorf("%s: GitHub's answer is not whole", doing)
	}
	return s, err
}

// lookApart finds the heads one by one: a branch is missing, or they have no
// history in common.
func (h *Home) lookApart(ctx context.Context) (*snapshot, error) {
	base, err := h.head(ctx, h.home.Base)
	if err != nil {
		return nil, err
	}
	if base == "" {
		return nil, fmt.Errorf("branch %q is not in the repository, or the token may not see it: `permissions: %s`", h.home.Base, readContents)
	}
	bot, err := h.head(ctx, h.home.Branch)
	if err != nil {
		return nil, err
	}
	return &snapshot{base: base, bot: bot}, nil
}

// head is the commit of a branch, "" where there is no such branch.
func (h *Home) head(ctx context.Context, branch string) (string, error) {
	ref, _, err := h.api.Git.GetRef(ctx, h.options.Owner, h.options.Repo, "heads/"+branch)
	if err != nil {
		if reason(err).notFound() {
			return "", nil
		}
		return "", fail(fmt.Sprintf("read branch %q", branch), readContents, err)
	}
	return ref.GetObject().GetSHA(), nil
}

// load reads the journals of both branches and merges them.
func (h *Home) load(ctx context.Context, s *snapshot) (err error) {
	if s.onBase, err = h.fileAt(ctx, s.base); err != nil {
		return fmt.Errorf("read journal on branch %q: %w", h.home.Base, err)
	}
	if s.onBot, err = h.botFile(ctx, s); err != nil {
		return fmt.Errorf("read journal on branch %q: %w", h.home.Branch, err)
	}
	s.journal, s.conflicts = journal.Merge(s.onBase.journal, s.onBot.journal)
	if s.journal == nil {
		return nil
	}
	effective, err := journal.Format(*s.journal)
	if err != nil {
		return fmt.Errorf("merge journals: %w", err)
	}
	// Of a branch that has no commit of its own GitHub takes no pull request: its
	// merge was reverted, and the next write comes on top.
	s.pending = s.bot != "" && s.bot != s.fork && !bytes.Equal(effective, s.onBase.data)
	return nil
}

// botFile reads the bot's journal.
func (h *Home) botFile(ctx context.Context, s *snapshot) (file, error) {
	switch {
	case s.bot == "":
		return file{}, nil
	case s.bot == s.base:
		return s.onBase, nil
	case s.onBot.blob != "":
		return h.blob(ctx, s.onBot.blob)
	}
	return h.fileAt(ctx, s.bot)
}

// fileAt reads the journal at a commit. A large file is read by its blob's id.
func (h *Home) fileAt(ctx context.Context, commit string) (file, error) {
	at := &github.RepositoryContentGetOptions{Ref: commit}
	content, folder, _, err := h.api.Repositories.GetContents(ctx, h.options.Owner, h.options.Repo, h.home.Path, at)
	switch {
	case err != nil && reason(err).status == http.StatusNotFound:
		return file{}, nil
	case err != nil:
		return file{}, fail(h.reading(), readContents, err)
	case folder != nil || content.GetType() != "file":
		return file{}, &unreadable{fmt.Errorf("%q is not a file", h.home.Path)}
	case content.GetEncoding() != "base64":
		return h.blob(ctx, content.GetSHA())
	}
	text, err := content.GetContent()
	if err != nil {
		return file{}, fail(h.reading(), readContents, err)
	}
	return h.keep(content.GetSHA(), []byte(text))
}

// blob reads a file whole, whatever its size.
func (h *Home) blob(ctx context.Context, id string) (file, error) {
	if f, known := h.files[id]; known {
		return f, nil
	}
	data, _, err := h.api.Git.GetBlobRaw(ctx, h.options.Owner, h.options.Repo, id)
	if err != nil {
		return file{}, fail(h.reading(), readContents, err)
	}
	return h.keep(id, data)
}

func (h *Home) reading() string { return fmt.Sprintf("read %q", h.home.Path) }

// keep parses a file that was read and remembers it.
func (h *Home) keep(id string, data []byte) (file, error) {
	j, err := journal.Parse(data)
	if err != nil {
		return file{}, &unreadable{fmt.Errorf("%q: %w", h.home.Path, err)}
	}
	h.files[id] = file{id, data, &j}
	return h.files[id], nil
}

// unreadable is a file that is there and is no journal.
type unreadable struct{ err error }

func (e *unreadable) Error() string { return e.err.Error() }
func (e *unreadable) Unwrap() error { return e.err }

// isNew tells whether a revision is of a journal without a bot branch, and at
// which base.
func isNew(revision string) (base string, yes bool) { return strings.CutPrefix(revision, noBranch) }
