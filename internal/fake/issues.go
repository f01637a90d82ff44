package fake

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Comment is a comment on an issue or pull request.
type Comment struct {
	ID     int64
	Number int // of the issue
	Author string
	Body   string
	Edits  int // how often it was edited
}

type commentJSON struct {
	ID   int64    `json:"id"`
	User userJSON `json:"user"`
	Body string   `json:"body"`
	URL  string   `json:"html_url"`
}

func (c *Comment) json() commentJSON {
	return commentJSON{c.ID, userJSON{c.Author}, c.Body, "https://github.com/comments/" + strconv.FormatInt(c.ID, 10)}
}

// maxBody is GitHub's limit for the text of a comment.
const maxBody = 65536

func (g *GitHub) listComments(c call) answer {
	number, err := strconv.Atoi(c.value("number"))
	if err != nil || number < 1 || number > g.numbers {
		return notFound()
	}
	out := []commentJSON{}
	for _, comment := range g.comments {
		if comment.Number == number {
			out = append(out, comment.json())
		}
	}
	return page(c, out)
}

func (g *GitHub) createComment(c call) answer {
	number, err := strconv.Atoi(c.value("number"))
	if err != nil || number < 1 || number > g.numbers {
		return notFound()
	}
	var in struct{ Body string }
	if c.decode(&in); len(in.Body) > maxBody {
		return invalid("IssueComment", "body is too long (maximum is 65536 characters)")
	}
	return created(g.addComment(number, g.options.Login, in.Body).json())
}

func (g *GitHub) addComment(number int, author, body string) *Comment {
	g.lastID++
	comment := &Comment{ID: g.lastID, Number: number, Author: author, Body: body}
	g.comments = append(g.comments, comment)
	return comment
}

func (g *GitHub) comment(id string) (at int) {
	return slices.IndexFunc(g.comments, func(c *Comment) bool { return strconv.FormatInt(c.ID, 10) == id })
}

func (g *GitHub) updateComment(c call) answer {
	at := g.comment(c.value("id"))
	if at < 0 {
		return notFound()
	}
	var in struct{ Body string }
	c.decode(&in)
	g.comments[at].Body = in.Body
	g.comments[at].Edits++
	return ok(g.comments[at].json())
}

func (g *GitHub) deleteComment(c call) answer {
	at := g.comment(c.value("id"))
	if at < 0 {
		return notFound()
	}
	g.comments = slices.Delete(g.comments, at, at+1)
	return answer{status: http.StatusNoContent}
}

func (g *GitHub) addLabels(c call) answer {
	p := g.pull(c.value("number"))
	if p == nil {
		return notFound()
	}
	var in struct{ Labels []string }
	if c.decode(&in); in.Labels == nil {
		c.decode(&in.Labels) // GitHub accepts a bare array, too
	}
	out := []labelJSON{}
	for _, name := range in.Labels {
		if !slices.Contains(p.Labels, name) {
			p.Labels = append(p.Labels, name)
		}
	}
	for _, name := range p.Labels {
		out = append(out, labelJSON{name})
	}
	return ok(out)
}

// Run is a workflow run.
type Run struct {
	Created time.Time
	Attempt int
}

type runJSON struct {
	ID      int64     `json:"id"`
	Created time.Time `json:"created_at"`
	Attempt int       `json:"run_attempt"`
}

func (g *GitHub) getRun(c call) answer {
	id, _ := strconv.ParseInt(c.value("id"), 10, 64)
	run, known := g.runs[id]
	if !known {
		return notFound()
	}
	return ok(runJSON{id, run.Created, run.Attempt})
}
