package pr

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"
	"regexp"
	"strings"

	"github.com/layeron/rotate/internal/journal"
)

// HomeOptions say where in a repository a journal lives. Base, Branch, Path and
// Title are required.
type HomeOptions struct {
	Base   string // the branch that pull requests go to
	Branch string // the bot's
	Path   string // of the journal file, from the repository's root
	Title  string // of pull requests

	// What a new pull request gets once the outcome is recorded. A reviewer
	// "org/team" is a team.
	Labels    []string
	Reviewers []string
	AutoMerge bool
}

// Home is a journal's home on GitHub. It is not safe for parallel use.
type Home struct {
	*Repository
	home  HomeOptions
	files map[string]file // that were read, by the id of their blob
	last  *snapshot       // as of the last Read or Write; nil before
	pull  *PullRequest    // as of EnsurePR; nil before
}

// Home checks the options. It sends nothing.
func (r *Repository) Home(o HomeOptions) (*Home, error) {
	switch {
	case !isBranch(o.Base):
		return nil, fmt.Errorf("base %q is not the name of a branch", o.Base)
	case !isBranch(o.Branch):
		return nil, fmt.Errorf("branch %q is not the name of a branch", o.Branch)
	case o.Base == o.Branch:
		return nil, fmt.Errorf("branch %q is the base branch: rotation needs one of its own", o.Branch)
	case o.Path != path.Clean(o.Path) || path.IsAbs(o.Path) || o.Path == "." || strings.Contains(o.Path, ".."):
		return nil, fmt.Errorf("journal path %q is not a path inside the repository, or holds two dots in a row", o.Path)
	case oneLine(o.Title) == "":
		return nil, errors.New("pull requests need a title")
	}
	o.Title = cut(oneLine(o.Title), maxTitle)
	return &Home{Repository: r, home: o, files: map[string]file{}}, nil
}

// notInBranch is what git allows in no branch's name.
var notInBranch = regexp.MustCompile(`[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^[/.@-]|/\.|[/.]$|\.lock(/|$)`)

func isBranch(name string) bool { return name != "" && !notInBranch.MatchString(name) }

// maxTitle is below the 256 characters that GitHub takes.
const maxTitle = 250

func cut(text string, limit int) string {
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit-1]) + "…"
	}
	return text
}

// Exclusive: another run can always be writing.
func (h *Home) Exclusive() bool { return false }

// Read returns the effective journal of base and bot branch. Entries on which
// the two disagree are the bot's, and are listed as conflicts.
func (h *Home) Read(ctx context.Context) (journal.Snapshot, error) {
	s, err := h.look(ctx, h.home.Branch)
	if err != nil {
		return journal.Snapshot{}, err
	}
	if h.last != nil && h.last.base == s.base && h.last.bot == s.bot {
		return h.last.effective(), nil
	}
	if err := h.load(ctx, s); err != nil {
		return journal.Snapshot{}, err
	}
	s.fresh, s.planned = true, s.base
	if h.last != nil && h.last.bot == s.bot { // in the middle of a run, which planned before
		s.fresh, s.planned = false, h.last.planned
	}
	h.last = s
	return s.effective(), nil
}

func (s *snapshot) effective() journal.Snapshot {
	return journal.Snapshot{Journal: s.journal, Conflicts: s.conflicts, Revision: s.revision()}
}

// Pending tells whether the bot branch has anything that the base branch does
// not, as of the last Read or Write: whether there is cause for a pull request.
func (h *Home) Pending() bool { return h.last != nil && h.last.pending }

// BaseHead is the commit of the base branch at the last Read or Write.
func (h *Home) BaseHead() string {
	if h.last == nil {
		return ""
	}
	return h.last.base
}

// Past returns the journal as of a commit, nil where it cannot be had: the
// commit or the file is not there, or the file is not a journal.
func (h *Home) Past(ctx context.Context, commit string) (*journal.Journal, error) {
	f, err := h.fileAt(ctx, commit)
	var broken *unreadable
	var r refusal
	switch {
	case errors.As(err, &broken):
		return nil, nil
	case errors.As(err, &r) && (r.notFound() || r.status == http.StatusUnprocessableEntity):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read journal at commit %q: %w", commit, err)
	}
	return f.journal, nil
}
