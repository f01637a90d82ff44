package fake

import (
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"time"
)

type repositoryJSON struct {
	ID               int64  `json:"id"`
	Name             string `json:"name"`
	FullName         string `json:"full_name"`
	Private          bool   `json:"private"`
	DefaultBranch    string `json:"default_branch"`
	AllowAutoMerge   bool   `json:"allow_auto_merge"`
	AllowMergeCommit bool   `json:"allow_merge_commit"`
	AllowSquashMerge bool   `json:"allow_squash_merge"`
}

func (g *GitHub) repositoryJSON() repositoryJSON {
	o := g.options
	return repositoryJSON{o.ID, o.Name, g.fullName(), o.Private, o.DefaultBranch, !o.ForbidAutoMerge, !o.ForbidMergeCommit, !o.ForbidSquash}
}

func (g *GitHub) repository(call) answer { return ok(g.repositoryJSON()) }

type blobJSON struct {
	SHA      string `json:"sha"`
	Size     int    `json:"size"`
	Encoding string `json:"encoding"`
	Content  string `json:"content"`
}

func (g *GitHub) getBlob(c call) answer {
	data, found := g.objects.blobs[c.value("id")]
	switch {
	case !found:
		return notFound()
	case c.raw:
		return answer{status: http.StatusOK, raw: data, header: http.Header{"Content-Type": {"application/vnd.github.raw; charset=utf-8"}}}
	}
	return ok(blobJSON{c.value("id"), len(data), "base64", base64.StdEncoding.EncodeToString(data)})
}

func (g *GitHub) createBlob(c call) answer {
	var in struct{ Content, Encoding string }
	c.decode(&in)
	data := []byte(in.Content)
	if in.Encoding == "base64" {
		decoded, err := base64.StdEncoding.DecodeString(in.Content)
		if err != nil {
			return refusal(http.StatusUnprocessableEntity, "content is not valid Base64")
		}
		data = decoded
	}
	return created(objectJSON{SHA: g.objects.putBlob(data)})
}

type treeEntryJSON struct {
	Path    string  `json:"path"`
	Mode    string  `json:"mode"`
	Type    string  `json:"type"`
	SHA     *string `json:"sha,omitempty"`
	Content *string `json:"content,omitempty"`
}

type treeJSON struct {
	SHA     string          `json:"sha"`
	Entries []treeEntryJSON `json:"tree"`
}

// getTree lists all files below a tree, as GitHub does for recursive=1.
func (g *GitHub) getTree(c call) answer {
	t, found := g.objects.trees[c.value("id")]
	if !found {
		return notFound()
	}
	out := treeJSON{SHA: c.value("id"), Entries: []treeEntryJSON{}}
	for _, path := range slices.Sorted(maps.Keys(t)) {
		blob := t[path].blob
		out.Entries = append(out.Entries, treeEntryJSON{Path: path, Mode: t[path].mode, Type: "blob", SHA: &blob})
	}
	return ok(out)
}

func (g *GitHub) createTree(c call) answer {
	var in struct {
		Base    string          `json:"base_tree"`
		Entries []treeEntryJSON `json:"tree"`
	}
	c.decode(&in)
	base, found := g.objects.trees[in.Base]
	if in.Base != "" && !found {
		return refusal(http.StatusUnprocessableEntity, "base_tree is not a valid tree oid")
	}
	t := tree{}
	maps.Copy(t, base)
	for _, e := range in.Entries {
		switch {
		case e.Content != nil:
			t[e.Path] = leaf{e.Mode, g.objects.putBlob([]byte(*e.Content))}
		case e.SHA != nil && g.objects.blobs[*e.SHA] != nil:
			t[e.Path] = leaf{e.Mode, *e.SHA}
		case e.SHA != nil:
			return refusal(http.StatusUnprocessableEntity, "tree.sha "+*e.SHA+" is not a valid blob")
		default:
			delete(t, e.Path)
		}
	}
	return created(treeJSON{SHA: g.objects.putTree(t)})
}

type personJSON struct {
	Name string    `json:"name"`
	Date time.Time `json:"date"`
}

type commitJSON struct {
	SHA     string       `json:"sha,omitempty"`
	Tree    objectJSON   `json:"tree"`
	Parents []objectJSON `json:"parents,omitempty"`
	Message string       `json:"message"`
	Author  personJSON   `json:"author"`
}

func (g *GitHub) commitJSON(id string) commitJSON {
	c := g.objects.commits[id]
	out := commitJSON{SHA: id, Tree: objectJSON{SHA: c.tree}, Message: c.message, Author: personJSON{c.author, c.date}}
	for _, p := range c.parents {
		out.Parents = append(out.Parents, objectJSON{SHA: p})
	}
	return out
}

func (g *GitHub) getCommit(c call) answer {
	if _, found := g.objects.commits[c.value("id")]; !found {
		return notFound()
	}
	return ok(g.commitJSON(c.value("id")))
}

func (g *GitHub) createCommit(c call) answer {
	var in struct {
		Message string
		Tree    string
		Parents []string
	}
	c.decode(&in)
	if _, found := g.objects.trees[in.Tree]; !found {
		return refusal(http.StatusUnprocessableEntity, "Tree SHA does not exist")
	}
	for _, p := range in.Parents {
		if _, found := g.objects.commits[p]; !found {
			return refusal(http.StatusUnprocessableEntity, "Parent SHA does not exist or is not a commit object")
		}
	}
	id := g.objects.putCommit(commit{in.Tree, in.Parents, g.options.Login, g.now(), in.Message})
	return created(g.commitJSON(id))
}
