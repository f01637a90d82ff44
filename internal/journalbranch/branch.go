// Package journalbranch keeps a rotation journal on GitHub: on a bot branch
// that only moves forward, with a pull request to the base branch.
//
// It promises:
//
//   - A journal is written on top of the head that was read, or not at all: if
//     another run was faster, Write returns [journal.ErrMoved] and nothing of
//     either run is lost.
//   - No commit is made twice. After a lost answer, the branch shows whether
//     the commit exists.
//   - Commits of people are never overwritten, on either branch, and no branch
//     is ever forced.
//   - The pull request stays mergeable, however the previous one was merged.
//   - A run without changes writes nothing.
package journalbranch

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/layeron/rotate/internal/github"
)

// Options say where a journal is in a repository. Base, Branch, Path and Title
// are required.
type Options struct {
	Base   string // the branch that pull requests go to
	Branch string // the bot branch
	Path   string // of the journal file, from the repository's root
	Title  string // of pull requests

	// For each new pull request, once the outcome is recorded. A reviewer
	// "org/team" is a team.
	Labels    []string
	Reviewers []string
	AutoMerge bool

	// Warn, if not nil, is called with each failure that does no harm.
	Warn func(warning string)
}

// Branch is a journal on GitHub. It is not safe for parallel use.
type Branch struct {
	repository *github.Repository
	options    Options
	files      map[string]file // files read so far, by the id of their blob
	last       *state          // as of the last Read or Write; nil before
	pull       *PullRequest    // as of EnsurePR; nil before
}

// Open returns a journal on GitHub, or an error if an option is missing or
// malformed. It sends nothing.
func Open(r *github.Repository, o Options) (*Branch, error) {
	switch {
	case !isBranch(o.Base):
		return nil, fmt.Errorf("base %q is not the name of a branch", o.Base)
	case !isBranch(o.Branch):
		return nil, fmt.Errorf("branch %q is not the name of a branch", o.Branch)
	case o.Base == o.Branch:
		return nil, fmt.Errorf("branch %q is the base branch\ngive the journal another branch", o.Branch)
	case o.Path != path.Clean(o.Path) || path.IsAbs(o.Path) || o.Path == "." || strings.Contains(o.Path, ".."):
		return nil, fmt.Errorf("journal path %q is not a path inside the repository, or holds two dots in a row", o.Path)
	case strings.TrimSpace(o.Title) == "":
		return nil, errors.New("pull requests need a title")
	}
	if o.Warn == nil {
		o.Warn = func(string) {}
	}
	return &Branch{repository: r, options: o, files: map[string]file{}}, nil
}

// notInBranch matches what git does not allow in the name of a branch.
var notInBranch = regexp.MustCompile(`[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^[/.@-]|/\.|[/.]$|\.lock(/|$)`)

func isBranch(name string) bool { return name != "" && !notInBranch.MatchString(name) }

// Exclusive returns false: another run may write at any time.
func (b *Branch) Exclusive() bool { return false }

// Pending reports whether the bot branch has changes that the base branch
// lacks, as of the last Read or Write: whether a pull request is needed.
func (b *Branch) Pending() bool { return b.last != nil && b.last.pending }

// BaseHead returns the head of the base branch as of the last Read or Write, ""
// before either.
func (b *Branch) BaseHead() string {
	if b.last == nil {
		return ""
	}
	return b.last.base
}
