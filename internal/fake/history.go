package fake

import (
	"cmp"
	"container/heap"
	"slices"
)

// reached says from which of two commits, left and right, a walk reached
// another one.
type reached int

const (
	fromLeft reached = 1 << iota
	fromRight
	fromBoth = fromLeft | fromRight
)

// walk visits the ancestors of two commits, the deepest commit first, so that
// it visits every commit after all of its descendants.
type walk struct {
	objects
	reached  map[string]reached
	frontier []string // a heap
	leftOnly int      // how many commits of the frontier are reached only from the left
}

func (o objects) walk(left, right string) *walk {
	w := &walk{objects: o, reached: map[string]reached{}}
	w.reach(left, fromLeft)
	w.reach(right, fromRight)
	return w
}

func (w *walk) reach(id string, from reached) {
	before := w.reached[id]
	now := before | from
	if _, found := w.commits[id]; !found || now == before {
		return
	}
	w.reached[id] = now
	if before == 0 {
		heap.Push(w, id)
	}
	switch fromLeft {
	case now:
		w.leftOnly++
	case before:
		w.leftOnly--
	}
}

func (w *walk) next() (id string, from reached) {
	id = heap.Pop(w).(string)
	if from = w.reached[id]; from == fromLeft {
		w.leftOnly--
	}
	for _, p := range w.commits[id].parents {
		w.reach(p, from)
	}
	return id, from
}

// Len, Less, Swap, Push and Pop implement heap.Interface on the frontier.
func (w *walk) Len() int { return len(w.frontier) }

// Less puts the deepest commit first.
func (w *walk) Less(i, j int) bool {
	a, b := w.frontier[i], w.frontier[j]
	return cmp.Or(cmp.Compare(w.depths[b], w.depths[a]), cmp.Compare(a, b)) < 0
}

// Swap exchanges two commits.
func (w *walk) Swap(i, j int) { w.frontier[i], w.frontier[j] = w.frontier[j], w.frontier[i] }

// Push adds a commit.
func (w *walk) Push(id any) { w.frontier = append(w.frontier, id.(string)) }

// Pop takes the last commit.
func (w *walk) Pop() any {
	last := len(w.frontier) - 1
	id := w.frontier[last]
	w.frontier = w.frontier[:last]
	return id
}

// mergeBase returns the deepest common ancestor of two commits, or "" if they
// have none.
func (o objects) mergeBase(a, b string) string {
	for w := o.walk(a, b); w.Len() > 0; {
		if id, from := w.next(); from == fromBoth {
			return id
		}
	}
	return ""
}

// between returns the commits of head that base does not have, oldest first.
func (o objects) between(base, head string) []string {
	var out []string
	for w := o.walk(head, base); w.leftOnly > 0; {
		if id, from := w.next(); from == fromLeft {
			out = append(out, id)
		}
	}
	slices.Reverse(out)
	return out
}
