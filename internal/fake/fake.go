// Package fake holds what tests of several packages share: a fake of GitHub, a
// Secrets Store that can fail, a clock, servers on loopback, and sample secrets.
// The program does not link it.
//
// [GitHub] is a stateful http.Handler that serves the API for one repository.
// It stores real git objects, moves refs only where GitHub would, computes with
// a three-way merge whether a pull request can be merged, and keeps comments.
// Its methods do what people do: commit, merge, revert and force-push.
//
// It answers with the status, message and error type that GitHub sends, and it
// can fail like a network, a rate limit or a missing permission (see [Fault]).
package fake

import (
	"errors"
	"maps"
	"net/http"
	"sync"
	"time"
)

// Level is how much a token may do in one area.
type Level int

// The levels. Each includes the ones before it.
const (
	None Level = iota
	Read
	Write
)

// Area is a part of the API with its own permission.
type Area string

// The areas. Reading the repository's settings needs no permission.
const (
	Contents     Area = "contents"
	PullRequests Area = "pull-requests"
	Issues       Area = "issues"
	Actions      Area = "actions"
)

// Options describe the repository. Now is required.
type Options struct {
	Now func() time.Time

	Owner, Name   string // default "acme" and "billing"
	ID            int64  // default 4711
	DefaultBranch string // default "main"
	Private       bool
	Login         string // the user of the token; default "github-actions[bot]"

	// Permissions of the token; nil allows everything.
	Permissions map[Area]Level
	// ForbidPullRequests is the setting that forbids GitHub Actions to create
	// pull requests.
	ForbidPullRequests bool
	ForbidAutoMerge    bool
	ForbidMergeCommit  bool
	ForbidSquash       bool
	// Unready means that pull requests wait for a check or a review. GitHub
	// refuses auto-merge for a pull request that waits for nothing.
	Unready bool
	// Protected reports whether a ruleset refuses changes of a branch.
	Protected func(branch string) bool

	// Files are in the first commit of the default branch.
	Files map[string]string
	// InlineLimit is the size in bytes above which the contents API returns a
	// file without its content; default 1 MiB.
	InlineLimit int

	// Fault is called for each request, one at a time, and says how it fails.
	Fault func(Request) Fault
}

// GitHub serves the API of one repository. It is safe for parallel use.
type GitHub struct {
	faults
	options Options
	routes  *http.ServeMux

	mu       sync.Mutex // guards the fields below
	objects  objects
	refs     map[string]string // branch → commit
	pulls    []*pull
	numbers  int // the last number of a pull request or issue
	comments []*Comment
	lastID   int64
	runs     map[int64]Run
}

// New makes a repository whose default branch has one commit.
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
	g := &GitHub{faults: faults{now: o.Now, choose: o.Fault, counts: map[Kind]int{}}, options: o, objects: newObjects(), refs: map[string]string{}, runs: map[int64]Run{}}
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

// now returns the time with the precision of GitHub's API.
func (g *GitHub) now() time.Time { return g.options.Now().UTC().Truncate(time.Second) }

func (g *GitHub) fullName() string { return g.options.Owner + "/" + g.options.Name }

// allows reports whether the token has a permission.
func (g *GitHub) allows(area Area, level Level) bool {
	return level == None || g.options.Permissions == nil || g.options.Permissions[area] >= level
}
