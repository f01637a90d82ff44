package fake

import (
	"encoding/base64"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
)

type contentJSON struct {
	Type     string `json:"type"`
	Name     string `json:"name"`
	Path     string `json:"path"`
	SHA      string `json:"sha"`
	Size     int    `json:"size"`
	Encoding string `json:"encoding,omitempty"`
	Content  string `json:"content"`
}

// contents returns a file at a ref, or the list of the files in a folder. A
// file larger than the limit comes without its content.
func (g *GitHub) contents(c call) answer {
	commit, found := g.resolve(c.query.Get("ref"))
	if !found {
		return refusal(http.StatusNotFound, "No commit found for the ref "+c.query.Get("ref"))
	}
	name, t := c.value("path"), g.objects.treeOf(commit)
	l, found := t[name]
	if !found {
		return g.folder(name, t)
	}
	data := g.objects.blobs[l.blob]
	out := contentJSON{Type: "file", Name: path.Base(name), Path: name, SHA: l.blob, Size: len(data), Encoding: "base64"}
	if len(data) > g.options.InlineLimit {
		out.Encoding = "none"
	} else {
		out.Content = base64.StdEncoding.EncodeToString(data)
	}
	return ok(out)
}

func (g *GitHub) folder(name string, t tree) answer {
	out := []contentJSON{}
	for _, p := range slices.Sorted(maps.Keys(t)) {
		if rest, inside := strings.CutPrefix(p, name+"/"); inside && !strings.Contains(rest, "/") {
			out = append(out, contentJSON{Type: "file", Name: rest, Path: p, SHA: t[p].blob, Size: len(g.objects.blobs[t[p].blob])})
		}
	}
	if len(out) == 0 {
		return notFound()
	}
	return ok(out)
}

// resolve returns the commit that a branch or a commit id refers to. An empty
// ref is the default branch.
func (g *GitHub) resolve(ref string) (commit string, found bool) {
	if ref == "" {
		ref = g.options.DefaultBranch
	}
	if id := g.refs[strings.TrimPrefix(ref, "refs/heads/")]; id != "" {
		return id, true
	}
	_, found = g.objects.commits[ref]
	return ref, found
}
