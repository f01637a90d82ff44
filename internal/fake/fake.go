// Package fake is GitHub's API for tests: a stateful http.Handler over one
// repository with real git objects, refs that only move as GitHub lets them,
// pull requests whose mergeability is a three-way merge, and comments. It takes
// the part of the people too: they commit, merge, revert and force-push through
// the methods of [GitHub].
//
// It answers as GitHub does where a client can tell, in status, message and
// error type, and it can fail in every way that a network, a rate limit or a
// missing permission can (see [Fault]).
package fake

import (
	"errors"
	"maps"
	"net/http"
	"sync"
	"time"
)

// Level is what a token may do in one area.
type Level int

// The levels, each of which includes the ones before it.
const (
	None Level = iota
	Read
	Write
)

// Area is a part of the API with a permission of its own.
type Area string

// The areas. Reading the repository itself needs none.
const (
	Contents     Area = "contents"
	PullRequests Area = "pull-requests"
	Issues       Area = "issues"
	Actions      Area = "actions"
)

// Options shape the repository. Now is required.
type Options struct {
	Now func() time.Time

	Owner, Name   string // "acme/billing" unless they are set
	ID            int64
	DefaultBranch string // "main" unless it is set
	Private       bool
	Login         string // whose token it is; "github-actions[bot]" unless it is set

	// Permissions of the token; nil means that it may do everything.
	Permissions map[Area]Level
	// ForbidPullRequests is the setting of a repository that does not allow
	// GitHub Actions to create pull requests.
	ForbidPullRequests bool
	ForbidAutoMerge    bool
	ForbidMergeCommit  bool
	ForbidSquash       bool
	// Unready makes pull requests wait for something, without which GitHub
	// refuses auto-merge.
	Unready bool
	// Protected tells whether a ruleset refuses a change of a branch.
	Protected func(branch string) bool

	// Files are in the first commit of the default branch.
	Files map[string]string
	// InlineLimit is the size up to which the contents API gives a file itself;
	// 0 means 1 MiB.
	InlineLimit int

	// Fault is asked about each request, one at a time.
	Fault func(Request) Fault
}

// GitHub serves the API of one repository. It is safe for parallel use.
type GitHub struct {
	options Options
	routes  *http.ServeMux

	asking sync.Mutex // guards what follows, and calls of Options.Fault
	counts map[Kind]int
	number int

	mu       sync.Mutex // guards what follows
	objects  objects
	refs     map[string]string // branch → commit
	pulls    []*pull
	numbers  int // of pull requests and issues
	comments []*Comment
	lastID   int64
	runs     map[int64]Run
}

// New is a repository whose default branch has one commit.
func New(o Options) (*GitHub, error) {
	if o.Now == nil {
		return nil, errors.New("fake: Now is required")
	}
	setDefault(&o.Owner, "acme")
	setDefault(&o.Name, "billing")
	setDefault(&o.DefaultBranch, "main")
	setDefault(&o.Login, "github-actions[bot]")
	setDefault(&o.ID, 4711)
	setDefault(&o.InlineLimit, 1<<20)
	g := &GitHub{options: o, counts: map[Kind]int{}, objects: newObjects(), refs: map[string]string{}, runs: map[int64]Run{}}
	files := maps.Clone(o.Files)
	if files == nil {
		files = map[string]string{"README.md": "# " + o.Name + "\n"}
	}
	g.refs[o.DefaultBranch] = g.commit("", files, "first commit")
	g.routes = g.newRoutes()
	return g, nil
}

func setDefault[T comparable](option *T, value T) {
	var zero T
	if *option == zero {
		*option = value
	}
}

// now is an instant as GitHub shows it.
func (g *GitHub) now() time.Time { return g.options.Now().UTC().Truncate(time.Second) }

func (g *GitHub) fullName() string { return g.options.Owner + "/" + g.options.Name }

// allows tells whether the token may act in an area.
func (g *GitHub) allows(area Area, level Level) bool {
	return level == None || g.options.Permissions == nil || g.options.Permissions[area] >= level
}
