package fake

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// objects holds git objects by the ids that git gives them.
type objects struct {
	blobs   map[string][]byte
	trees   map[string]tree
	commits map[string]commit
	depths  map[string]int // the longest path from a commit to a root
}

// tree holds all files below a folder, by path.
type tree map[string]leaf

type leaf struct{ mode, blob string }

type commit struct {
	tree    string
	parents []string
	author  string
	date    time.Time
	message string
}

func newObjects() objects {
	return objects{blobs: map[string][]byte{}, trees: map[string]tree{}, commits: map[string]commit{}, depths: map[string]int{}}
}

func (o objects) putBlob(data []byte) string {
	id := objectID("blob", data)
	o.blobs[id] = data
	return id
}

// putTree stores a tree and every folder in it.
func (o objects) putTree(t tree) string {
	type item struct{ mode, name, id string }
	items, folders := []item{}, map[string]tree{}
	for path, l := range t {
		name, rest, nested := strings.Cut(path, "/")
		if !nested {
			items = append(items, item{l.mode, name, l.blob})
			continue
		}
		if folders[name] == nil {
			folders[name] = tree{}
		}
		folders[name][rest] = l
	}
	for name, below := range folders {
		items = append(items, item{"40000", name, o.putTree(below)})
	}
	slices.SortFunc(items, func(a, b item) int { return strings.Compare(sortName(a.mode, a.name), sortName(b.mode, b.name)) })
	var out bytes.Buffer
	for _, i := range items {
		raw, _ := hex.DecodeString(i.id)
		fmt.Fprintf(&out, "%s %s\x00%s", i.mode, i.name, raw)
	}
	id := objectID("tree", out.Bytes())
	o.trees[id] = maps.Clone(t)
	return id
}

// sortName returns a name as git compares it: folders as if they ended in a
// slash.
func sortName(mode, name string) string {
	if mode == "40000" {
		return name + "/"
	}
	return name
}

func (o objects) putCommit(c commit) string {
	var out bytes.Buffer
	fmt.Fprintf(&out, "tree %s\n", c.tree)
	for _, p := range c.parents {
		fmt.Fprintf(&out, "parent %s\n", p)
	}
	who := fmt.Sprintf("%s <%s@users.noreply.github.com> %d +0000", c.author, c.author, c.date.Unix())
	fmt.Fprintf(&out, "author %s\ncommitter %s\n\n%s", who, who, c.message)
	id := objectID("commit", out.Bytes())
	for _, p := range c.parents {
		o.depths[id] = max(o.depths[id], o.depths[p]+1)
	}
	o.commits[id] = c
	return id
}

func objectID(kind string, data []byte) string {
	sum := sha1.Sum(append(fmt.Appendf(nil, "%s %d\x00", kind, len(data)), data...))
	return hex.EncodeToString(sum[:])
}

// treeOf returns the tree of a commit.
func (o objects) treeOf(commit string) tree { return o.trees[o.commits[commit].tree] }

// changed returns the paths at which two trees differ, sorted.
func changed(a, b tree) []string {
	var paths []string
	for path, l := range a {
		if b[path] != l {
			paths = append(paths, path)
		}
	}
	for path := range b {
		if _, held := a[path]; !held {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// merge does a three-way merge by file: a file that both sides changed in
// different ways is a conflict.
func merge(base, ours, theirs tree) (merged tree, conflicts []string) {
	merged = maps.Clone(ours)
	for _, path := range changed(base, theirs) {
		switch {
		case ours[path] == theirs[path]:
		case ours[path] != base[path]:
			conflicts = append(conflicts, path)
		case theirs[path] == leaf{}:
			delete(merged, path)
		default:
			merged[path] = theirs[path]
		}
	}
	return merged, conflicts
}
