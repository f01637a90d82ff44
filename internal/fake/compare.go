package fake

import (
	"fmt"
	"net/http"
	"strings"
)

type comparedJSON struct {
	SHA     string       `json:"sha"`
	Commit  *commitJSON  `json:"commit,omitempty"`
	Parents []objectJSON `json:"parents"`
}

type changedJSON struct {
	SHA      string `json:"sha,omitempty"`
	Filename string `json:"filename"`
	Status   string `json:"status"`
}

type comparisonJSON struct {
	Status       string         `json:"status"`
	AheadBy      int            `json:"ahead_by"`
	BehindBy     int            `json:"behind_by"`
	TotalCommits int            `json:"total_commits"`
	BaseCommit   comparedJSON   `json:"base_commit"`
	MergeBase    comparedJSON   `json:"merge_base_commit"`
	Commits      []comparedJSON `json:"commits"`
	Files        []changedJSON  `json:"files"`
}

// maxCompared is the number of commits on the first page of a comparison.
const maxCompared = 250

// compare lists the commits of head that base does not have, and the files that
// head changed since the merge base.
func (g *GitHub) compare(c call) answer {
	from, to, _ := strings.Cut(c.value("basehead"), "...")
	base, foundBase := g.resolve(from)
	head, foundHead := g.resolve(to)
	if !foundBase || !foundHead {
		return notFound()
	}
	ancestor := g.objects.mergeBase(base, head)
	if ancestor == "" {
		return refusal(http.StatusNotFound, fmt.Sprintf("No common ancestor between %s and %s.", from, to))
	}
	ahead, behind := g.objects.between(base, head), g.objects.between(head, base)
	out := comparisonJSON{
		AheadBy: len(ahead), BehindBy: len(behind), TotalCommits: len(ahead),
		BaseCommit: g.comparedJSON(base), MergeBase: g.comparedJSON(ancestor), Commits: []comparedJSON{}, Files: []changedJSON{},
	}
	out.Status = map[[2]bool]string{{}: "identical", {true}: "ahead", {false, true}: "behind", {true, true}: "diverged"}[[2]bool{len(ahead) > 0, len(behind) > 0}]
	for _, id := range ahead[:min(len(ahead), maxCompared)] {
		c := g.comparedJSON(id)
		c.Commit = nil // left out: 250 of them are long, and no client reads them
		out.Commits = append(out.Commits, c)
	}
	out.Files = g.changedJSON(g.objects.treeOf(ancestor), g.objects.treeOf(head))
	return ok(out)
}

// pullFiles lists the files that a pull request changes.
func (g *GitHub) pullFiles(c call) answer {
	p := g.pull(c.value("number"))
	if p == nil {
		return notFound()
	}
	ancestor := g.objects.mergeBase(g.refs[p.Base], p.HeadSHA)
	return ok(g.changedJSON(g.objects.treeOf(ancestor), g.objects.treeOf(p.HeadSHA)))
}

func (g *GitHub) comparedJSON(id string) comparedJSON {
	c := g.commitJSON(id)
	return comparedJSON{SHA: id, Commit: &c, Parents: append([]objectJSON{}, c.Parents...)}
}

func (g *GitHub) changedJSON(from, to tree) []changedJSON {
	out := []changedJSON{}
	for _, p := range changed(from, to) {
		status := "modified"
		switch {
		case from[p] == leaf{}:
			status = "added"
		case to[p] == leaf{}:
			status = "removed"
		}
		sha := to[p].blob
		if status == "removed" {
			sha = from[p].blob
		}
		out = append(out, changedJSON{sha, p, status})
	}
	return out
}
