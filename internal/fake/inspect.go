package fake

import (
	"slices"
	"strings"
)

// Commit is a commit as tests see it.
type Commit struct {
	ID      string
	Parents []string
	Author  string
	Message string
	Files   []string // changed against the first parent
}

// Head returns the commit that a branch points to, or "" if it does not exist.
func (g *GitHub) Head(branch string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.refs[branch]
}

// File returns the text of a file at a branch or commit, or "" if it does not
// exist.
func (g *GitHub) File(ref, path string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	id, _ := g.resolve(ref)
	return string(g.objects.blobs[g.objects.treeOf(id)[path].blob])
}

// Files returns the text of all files at a branch or commit, by path.
func (g *GitHub) Files(ref string) map[string]string {
	g.mu.Lock()
	defer g.mu.Unlock()
	id, _ := g.resolve(ref)
	out := map[string]string{}
	for path, l := range g.objects.treeOf(id) {
		out[path] = string(g.objects.blobs[l.blob])
	}
	return out
}

// Commits returns the commits of a branch, oldest first, except those that the
// branch or commit without has too. If without is "", it returns all.
func (g *GitHub) Commits(branch, without string) []Commit {
	g.mu.Lock()
	defer g.mu.Unlock()
	from, _ := g.resolve(without)
	if without == "" {
		from = ""
	}
	var out []Commit
	for _, id := range g.objects.between(from, g.refs[branch]) {
		c := g.objects.commits[id]
		parent := tree{}
		if len(c.parents) > 0 {
			parent = g.objects.treeOf(c.parents[0])
		}
		out = append(out, Commit{id, c.parents, c.author, c.message, changed(parent, g.objects.trees[c.tree])})
	}
	return out
}

// Pulls returns all pull requests, oldest first.
func (g *GitHub) Pulls() []Pull {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []Pull
	for _, p := range g.pulls {
		out = append(out, p.Pull)
	}
	return out
}

// Open returns the open pull request of a branch, if there is one.
func (g *GitHub) Open(branch string) (Pull, bool) {
	pulls := g.Pulls()
	i := slices.IndexFunc(pulls, func(p Pull) bool { return p.State == "open" && !p.Fork && p.Head == branch })
	if i < 0 {
		return Pull{}, false
	}
	return pulls[i], true
}

// Mergeable reports whether a pull request can be merged without a conflict.
func (g *GitHub) Mergeable(number int) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.pullByNode(nodeID(number))
	return p != nil && g.mergeable(p)
}

// Comments returns the comments on an issue or pull request, oldest first.
func (g *GitHub) Comments(number int) []Comment {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []Comment
	for _, c := range g.comments {
		if c.Number == number {
			out = append(out, *c)
		}
	}
	return out
}

// Branches returns the names of all branches, sorted.
func (g *GitHub) Branches() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []string
	for name := range g.refs {
		out = append(out, name)
	}
	slices.SortFunc(out, strings.Compare)
	return out
}
