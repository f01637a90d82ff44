package fake

import (
	"net/http"
	"strings"
)

type objectJSON struct {
	Type string `json:"type,omitempty"`
	SHA  string `json:"sha"`
}

type refJSON struct {
	Ref    string     `json:"ref"`
	Object objectJSON `json:"object"`
}

func (g *GitHub) refJSON(branch string) refJSON {
	return refJSON{"refs/heads/" + branch, objectJSON{"commit", g.refs[branch]}}
}

func (g *GitHub) getRef(c call) answer {
	branch := c.value("branch")
	if g.refs[branch] == "" {
		return notFound()
	}
	return ok(g.refJSON(branch))
}

func (g *GitHub) createRef(c call) answer {
	var in struct{ Ref, SHA string }
	c.decode(&in)
	branch, isBranch := strings.CutPrefix(in.Ref, "refs/heads/")
	_, known := g.objects.commits[in.SHA]
	switch {
	case !isBranch || branch == "":
		return refusal(http.StatusUnprocessableEntity, "Reference name must start with 'refs/' and contain at least two slashes")
	case !known:
		return refusal(http.StatusUnprocessableEntity, "Object does not exist")
	case g.refs[branch] != "":
		return refusal(http.StatusUnprocessableEntity, "Reference already exists")
	case g.nameConflict(branch):
		return refusal(http.StatusUnprocessableEntity, "Reference update failed")
	case g.protected(branch):
		return refusal(http.StatusUnprocessableEntity, "Repository rule violations found\n\nCannot create ref due to creations being restricted.\n\n")
	}
	g.move(branch, in.SHA)
	return created(g.refJSON(branch))
}

// nameConflict reports whether the name of another branch excludes this one:
// git cannot have a branch "a" and a branch "a/b".
func (g *GitHub) nameConflict(branch string) bool {
	for other := range g.refs {
		if strings.HasPrefix(branch, other+"/") || strings.HasPrefix(other, branch+"/") {
			return true
		}
	}
	return false
}

func (g *GitHub) updateRef(c call) answer {
	var in struct {
		SHA   string
		Force bool
	}
	c.decode(&in)
	branch := c.value("branch")
	_, known := g.objects.commits[in.SHA]
	switch {
	case g.refs[branch] == "":
		return refusal(http.StatusUnprocessableEntity, "Reference does not exist")
	case !known:
		return refusal(http.StatusUnprocessableEntity, "Object does not exist")
	case g.protected(branch):
		return refusal(http.StatusUnprocessableEntity, "Repository rule violations found\n\nCannot update this protected ref.\n\n")
	case !in.Force && g.objects.mergeBase(in.SHA, g.refs[branch]) != g.refs[branch]:
		return refusal(http.StatusUnprocessableEntity, "Update is not a fast forward")
	}
	g.move(branch, in.SHA)
	return ok(g.refJSON(branch))
}

func (g *GitHub) deleteRef(c call) answer {
	branch := c.value("branch")
	if g.refs[branch] == "" {
		return refusal(http.StatusUnprocessableEntity, "Reference does not exist")
	}
	g.remove(branch)
	return answer{status: http.StatusNoContent}
}

func (g *GitHub) protected(branch string) bool {
	return g.options.Protected != nil && g.options.Protected(branch)
}

// move points a branch, and the heads of its open pull requests, to a commit.
func (g *GitHub) move(branch, commit string) {
	g.refs[branch] = commit
	for _, p := range g.pulls {
		if p.State == "open" && !p.Fork && p.Head == branch {
			p.HeadSHA = commit
		}
	}
}

// remove deletes a branch, which closes its open pull requests.
func (g *GitHub) remove(branch string) {
	delete(g.refs, branch)
	for _, p := range g.pulls {
		if p.State == "open" && !p.Fork && p.Head == branch {
			g.closePull(p)
		}
	}
}
