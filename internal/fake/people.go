package fake

import (
	"fmt"
	"maps"
)

// The methods below do what people do. They panic if GitHub would not allow it.

// person is the author of the commits that people make.
const person = "a-person"

// Commit commits files to a branch. A branch that does not exist starts at the
// head of the default branch. An empty text deletes the file.
func (g *GitHub) Commit(branch string, files map[string]string, message string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	head := g.refs[branch]
	if head == "" {
		head = g.refs[g.options.DefaultBranch]
	}
	id := g.commit(head, files, message)
	g.move(branch, id)
	return id
}

// commit makes a commit on a parent, or a root commit if parent is "".
func (g *GitHub) commit(parent string, files map[string]string, message string) string {
	t, parents := tree{}, []string{}
	if parent != "" {
		parents = append(parents, parent)
		maps.Copy(t, g.objects.treeOf(parent))
	}
	for path, text := range files {
		if text == "" {
			delete(t, path)
			continue
		}
		t[path] = leaf{"100644", g.objects.putBlob([]byte(text))}
	}
	return g.objects.putCommit(commit{g.objects.putTree(t), parents, person, g.now(), message})
}

// Orphan makes a root commit that is on no branch.
func (g *GitHub) Orphan(files map[string]string, message string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.commit("", files, message)
}

// Merge merges a pull request with a merge commit.
func (g *GitHub) Merge(number int) string {
	return g.land(number, func(p *pull, base string, merged tree) string {
		message := fmt.Sprintf("Merge pull request #%d from %s/%s", number, g.options.Owner, p.Head)
		return g.objects.putCommit(commit{g.objects.putTree(merged), []string{base, p.HeadSHA}, person, g.now(), message})
	})
}

// Squash merges a pull request as one new commit.
func (g *GitHub) Squash(number int) string {
	return g.land(number, func(p *pull, base string, merged tree) string {
		return g.objects.putCommit(commit{g.objects.putTree(merged), []string{base}, person, g.now(), fmt.Sprintf("%s (#%d)", p.Title, number)})
	})
}

// Rebase merges a pull request by rebasing each of its commits on the base.
func (g *GitHub) Rebase(number int) string {
	return g.land(number, func(p *pull, base string, merged tree) string {
		head := base
		for _, id := range g.objects.between(base, p.HeadSHA) {
			c := g.objects.commits[id]
			if len(c.parents) != 1 {
				continue
			}
			t, _ := merge(g.objects.treeOf(c.parents[0]), g.objects.treeOf(head), g.objects.treeOf(id))
			head = g.objects.putCommit(commit{g.objects.putTree(t), []string{head}, c.author, g.now(), c.message})
		}
		return head
	})
}

// land merges an open pull request. It calls commit to make the commits, and
// moves the base to the commit that it returns.
func (g *GitHub) land(number int, commit func(p *pull, base string, merged tree) string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.pull(fmt.Sprint(number))
	if p == nil || p.State != "open" || !g.mergeable(p) {
		panic(fmt.Sprintf("fake: pull request %d cannot be merged", number))
	}
	base := g.refs[p.Base]
	merged, _ := merge(g.objects.treeOf(g.objects.mergeBase(base, p.HeadSHA)), g.objects.treeOf(base), g.objects.treeOf(p.HeadSHA))
	id := commit(p, base, merged)
	p.Merged = true
	g.closePull(p)
	g.move(p.Base, id)
	return id
}

// Close closes a pull request without merging it.
func (g *GitHub) Close(number int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closePull(g.pull(fmt.Sprint(number)))
}

// Reopen opens a closed pull request again.
func (g *GitHub) Reopen(number int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.pull(fmt.Sprint(number))
	p.State, p.HeadSHA = "open", g.refs[p.Head]
}

// Revert adds a commit to a branch that undoes what another one changed against
// its first parent.
func (g *GitHub) Revert(branch, id string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	c, head := g.objects.commits[id], g.refs[branch]
	reverted, conflicts := merge(g.objects.trees[c.tree], g.objects.treeOf(head), g.objects.treeOf(c.parents[0]))
	if len(conflicts) > 0 {
		panic("fake: cannot revert " + id)
	}
	made := g.objects.putCommit(commit{g.objects.putTree(reverted), []string{head}, person, g.now(), "Revert " + id})
	g.move(branch, made)
	return made
}

// ForcePush points a branch to any commit.
func (g *GitHub) ForcePush(branch, id string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.move(branch, id)
}

// DeleteBranch deletes a branch, which closes its open pull requests.
func (g *GitHub) DeleteBranch(branch string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.remove(branch)
}

// ForkPull opens a pull request from a branch of a fork.
func (g *GitHub) ForkPull(branch string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.numbers++
	base := g.options.DefaultBranch
	head := g.commit(g.refs[base], map[string]string{"fork": "work"}, "work of a fork")
	g.pulls = append(g.pulls, &pull{Pull{Number: g.numbers, Title: "a fork's", State: "open", Head: branch, HeadSHA: head, Base: base, Fork: true, Created: g.now()}})
	return g.numbers
}

// Propose opens a person's pull request from a branch of the repository.
func (g *GitHub) Propose(branch string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.numbers++
	g.pulls = append(g.pulls, &pull{Pull{Number: g.numbers, Title: "a person's", State: "open", Head: branch, HeadSHA: g.refs[branch], Base: g.options.DefaultBranch, Created: g.now()}})
	return g.numbers
}

// Issue opens an issue and returns its number. The API treats comments on
// issues and on pull requests alike.
func (g *GitHub) Issue() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.numbers++
	return g.numbers
}

// Say adds a comment.
func (g *GitHub) Say(number int, author, body string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.addComment(number, author, body)
}

// SetRun adds a workflow run.
func (g *GitHub) SetRun(id int64, run Run) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.runs[id] = run
}

// Set changes settings of the repository or permissions of the token.
func (g *GitHub) Set(change func(*Options)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	change(&g.options)
}
