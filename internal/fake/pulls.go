package fake

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Pull is a pull request.
type Pull struct {
	Number    int
	Title     string
	Body      string
	State     string // open or closed
	Head      string // the branch
	HeadSHA   string
	Base      string
	Fork      bool // the branch is in a fork
	Merged    bool
	Labels    []string
	Reviewers []string
	Teams     []string
	AutoMerge string // the merge method; empty when auto-merge is off
	Created   time.Time
	Closed    time.Time
}

type pull struct{ Pull }

type sideJSON struct {
	Ref        string             `json:"ref"`
	SHA        string             `json:"sha"`
	Repository sideRepositoryJSON `json:"repo"`
}

// sideRepositoryJSON has what a client needs to tell a fork: GitHub answers with
// the whole repository, twice for each pull request.
type sideRepositoryJSON struct {
	ID       int64  `json:"id"`
	FullName string `json:"full_name"`
}

type labelJSON struct {
	Name string `json:"name"`
}

type userJSON struct {
	Login string `json:"login"`
}

type autoMergeJSON struct {
	Method string `json:"merge_method"`
}

type pullJSON struct {
	Number    int            `json:"number"`
	NodeID    string         `json:"node_id"`
	URL       string         `json:"html_url"`
	State     string         `json:"state"`
	Title     string         `json:"title"`
	Body      string         `json:"body"`
	User      userJSON       `json:"user"`
	Head      sideJSON       `json:"head"`
	Base      sideJSON       `json:"base"`
	Merged    bool           `json:"merged"`
	Mergeable bool           `json:"mergeable"`
	Labels    []labelJSON    `json:"labels"`
	AutoMerge *autoMergeJSON `json:"auto_merge"`
	CreatedAt time.Time      `json:"created_at"`
	ClosedAt  *time.Time     `json:"closed_at"`
	MergedAt  *time.Time     `json:"merged_at"`
}

func (g *GitHub) pullJSON(p *pull) pullJSON {
	side := func(ref, sha string) sideJSON {
		return sideJSON{ref, sha, sideRepositoryJSON{g.options.ID, g.fullName()}}
	}
	out := pullJSON{
		Number: p.Number, NodeID: nodeID(p.Number), URL: fmt.Sprintf("https://github.com/%s/pull/%d", g.fullName(), p.Number),
		State: p.State, Title: p.Title, Body: p.Body, User: userJSON{g.options.Login}, Head: side(p.Head, p.HeadSHA),
		Base: side(p.Base, g.refs[p.Base]), Merged: p.Merged, Mergeable: p.State == "open" && g.mergeable(p), Labels: []labelJSON{}, CreatedAt: p.Created,
	}
	if p.Fork {
		out.Head.Repository.ID++
	}
	for _, name := range p.Labels {
		out.Labels = append(out.Labels, labelJSON{name})
	}
	if p.AutoMerge != "" {
		out.AutoMerge = &autoMergeJSON{strings.ToLower(p.AutoMerge)}
	}
	if p.State == "closed" {
		out.ClosedAt = &p.Closed
	}
	if p.Merged {
		out.MergedAt = &p.Closed
	}
	return out
}

func nodeID(number int) string { return "PR_" + strconv.Itoa(number) }

func (g *GitHub) pull(number string) *pull {
	i := slices.IndexFunc(g.pulls, func(p *pull) bool { return strconv.Itoa(p.Number) == number })
	if i < 0 {
		return nil
	}
	return g.pulls[i]
}

func (g *GitHub) pullByNode(id string) *pull { return g.pull(strings.TrimPrefix(id, "PR_")) }

func (g *GitHub) listPulls(c call) answer {
	state, head, base := c.query.Get("state"), c.query.Get("head"), c.query.Get("base")
	if state == "" {
		state = "open"
	}
	out := []pullJSON{}
	for _, p := range g.pulls {
		switch {
		case state != "all" && p.State != state:
		case head != "" && head != g.options.Owner+":"+p.Head:
		case base != "" && base != p.Base:
		default:
			out = append(out, g.pullJSON(p))
		}
	}
	if c.query.Get("direction") != "asc" { // the default is newest first
		slices.Reverse(out)
	}
	return page(c, out)
}

func (g *GitHub) getPull(c call) answer {
	p := g.pull(c.value("number"))
	if p == nil {
		return notFound()
	}
	return ok(g.pullJSON(p))
}

func (g *GitHub) createPull(c call) answer {
	var in struct{ Title, Body, Head, Base string }
	c.decode(&in)
	head := strings.TrimPrefix(in.Head, g.options.Owner+":")
	same := func(p *pull) bool { return p.State == "open" && !p.Fork && p.Head == head && p.Base == in.Base }
	switch {
	case g.options.ForbidPullRequests:
		return refusal(http.StatusForbidden, "GitHub Actions is not permitted to create or approve pull requests.")
	case in.Title == "":
		return refusal(http.StatusUnprocessableEntity, "Validation Failed", problemDetail{"PullRequest", "title", "missing_field", ""})
	case g.refs[head] == "":
		return refusal(http.StatusUnprocessableEntity, "Validation Failed", problemDetail{"PullRequest", "head", "invalid", ""})
	case g.refs[in.Base] == "":
		return refusal(http.StatusUnprocessableEntity, "Validation Failed", problemDetail{"PullRequest", "base", "invalid", ""})
	case slices.ContainsFunc(g.pulls, same):
		return invalid("PullRequest", fmt.Sprintf("A pull request already exists for %s:%s.", g.options.Owner, head))
	case len(g.objects.between(g.refs[in.Base], g.refs[head])) == 0:
		return invalid("PullRequest", fmt.Sprintf("No commits between %s and %s", in.Base, head))
	}
	g.numbers++
	p := &pull{Pull{Number: g.numbers, Title: in.Title, Body: in.Body, State: "open", Head: head, HeadSHA: g.refs[head], Base: in.Base, Created: g.now()}}
	g.pulls = append(g.pulls, p)
	return created(g.pullJSON(p))
}

func (g *GitHub) updatePull(c call) answer {
	p := g.pull(c.value("number"))
	if p == nil {
		return notFound()
	}
	var in struct{ Title, Body *string }
	c.decode(&in)
	if in.Title != nil {
		p.Title = *in.Title
	}
	if in.Body != nil {
		p.Body = *in.Body
	}
	return ok(g.pullJSON(p))
}

func (g *GitHub) requestReviewers(c call) answer {
	p := g.pull(c.value("number"))
	if p == nil {
		return notFound()
	}
	var in struct {
		Reviewers []string
		Teams     []string `json:"team_reviewers"`
	}
	c.decode(&in)
	p.Reviewers, p.Teams = append(p.Reviewers, in.Reviewers...), append(p.Teams, in.Teams...)
	return created(g.pullJSON(p))
}

// mergeable reports whether the three-way merge has no conflict.
func (g *GitHub) mergeable(p *pull) bool {
	base := g.refs[p.Base]
	ancestor := g.objects.mergeBase(base, p.HeadSHA)
	if base == "" || ancestor == "" {
		return false
	}
	_, conflicts := merge(g.objects.treeOf(ancestor), g.objects.treeOf(base), g.objects.treeOf(p.HeadSHA))
	return len(conflicts) == 0
}

func (g *GitHub) closePull(p *pull) { p.State, p.Closed = "closed", g.now() }
