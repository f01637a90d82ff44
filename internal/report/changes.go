package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/secret"
)

// DifferenceKind says how a declaration differs.
type DifferenceKind string

// The kinds of differences, in the order in which they are listed.
const (
	Added   DifferenceKind = "new"
	Changed DifferenceKind = "changed"
	Renamed DifferenceKind = "looks like a rename"
	Removed DifferenceKind = "no longer declared"
)

var differenceKinds = []DifferenceKind{Added, Changed, Renamed, Removed}

// Difference is what changes for one secret.
type Difference struct {
	Kind   DifferenceKind
	ID     secret.ID
	From   secret.ID // what a renamed secret was called
	Fields []FieldChange
}

// FieldChange is one option before and after, as people read it.
type FieldChange struct{ Name, Before, After string }

// Differences are what changes between two compiles of one environment. A
// secret that only moved in its file has not changed.
func Differences(base, head secret.Document) []Difference {
	before := byID(base)
	var out []Difference
	var added, removed []secret.Declaration
	for _, d := range head.Secrets {
		old, known := before[d.ID]
		delete(before, d.ID)
		if !known {
			added = append(added, d)
		} else if fields := fieldChanges(old, d); len(fields) > 0 {
			out = append(out, Difference{Kind: Changed, ID: d.ID, Fields: fields})
		}
	}
	for _, d := range base.Secrets {
		if _, left := before[d.ID]; left {
			removed = append(removed, d)
		}
	}
	return sorted(append(out, renames(removed, added)...))
}

func byID(doc secret.Document) map[secret.ID]secret.Declaration {
	out := map[secret.ID]secret.Declaration{}
	for _, d := range doc.Secrets {
		out[d.ID] = d
	}
	return out
}

// renames pairs what went with what came, where each has one candidate only.
func renames(removed, added []secret.Declaration) []Difference {
	partners := func(d secret.Declaration, list []secret.Declaration) []int {
		var out []int
		for i, other := range list {
			if alike(d, other) {
				out = append(out, i)
			}
		}
		return out
	}
	var out []Difference
	paired := map[secret.ID]bool{}
	for _, d := range added {
		from := partners(d, removed)
		if len(from) == 1 && len(partners(removed[from[0]], added)) == 1 {
			old := removed[from[0]]
			paired[old.ID] = true
			out = append(out, Difference{Kind: Renamed, ID: d.ID, From: old.ID})
			continue
		}
		out = append(out, Difference{Kind: Added, ID: d.ID})
	}
	for _, d := range removed {
		if !paired[d.ID] {
			out = append(out, Difference{Kind: Removed, ID: d.ID})
		}
	}
	return out
}

// alike: of one kind, under one policy, in one namespace or of one name.
func alike(a, b secret.Declaration) bool {
	near := a.ID.Name() == b.ID.Name() || a.ID.Namespace() == b.ID.Namespace()
	return near && a.Kind == b.Kind && a.Bytes == b.Bytes && policy(a) == policy(b)
}

// AppliedDifferences are what an apply would find changed, as far as a plan
// tells: of a secret for which nothing is to be done it does not.
func AppliedDifferences(p plan.Plan, head secret.Document) []Difference {
	declared := byID(head)
	var out []Difference
	for _, e := range p.Entries {
		switch {
		case e.Action == plan.Orphaned:
			out = append(out, Difference{Kind: Removed, ID: e.ID})
		case e.Action == plan.Create, e.Current == 0 && e.Status == plan.ExternalValueRequired:
			out = append(out, Difference{Kind: Added, ID: e.ID})
		case e.Change != nil && e.Current != 0:
			old := secret.Declaration{Rotation: e.Applied}
			if fields := rotationChanges(old, declared[e.ID]); len(fields) > 0 {
				out = append(out, Difference{Kind: Changed, ID: e.ID, Fields: fields})
			}
		case e.Status == plan.DestructiveChange, e.Status == plan.FormChange:
			out = append(out, Difference{Kind: Changed, ID: e.ID, Fields: []FieldChange{{Name: "retention", After: e.Retain.Length()}}})
		}
	}
	return sorted(out)
}

func sorted(list []Difference) []Difference {
	slices.SortStableFunc(list, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(slices.Index(differenceKinds, a.Kind), slices.Index(differenceKinds, b.Kind)), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// fieldChanges compares all that a declaration says but where it says it.
func fieldChanges(before, after secret.Declaration) []FieldChange {
	var out []FieldChange
	add := func(name, a, b string) {
		if a != b {
			out = append(out, FieldChange{name, a, b})
		}
	}
	add("kind", string(before.Kind), string(after.Kind))
	add("bytes", fmt.Sprint(before.Bytes), fmt.Sprint(after.Bytes))
	out = append(out, rotationChanges(before, after)...)
	add("store name", before.StoreName, after.StoreName)
	add("format", format(before), format(after))
	add("consumer", consumer(before), consumer(after))
	add("owner", owner(before), owner(after))
	return out
}

// rotationChanges compares policies: as a whole where one side has none.
func rotationChanges(before, after secret.Declaration) []FieldChange {
	a, b := before.Rotation, after.Rotation
	switch {
	case a == nil && b == nil:
		return nil
	case a == nil || b == nil:
		return []FieldChange{{"rotation", policy(before), policy(after)}}
	}
	var out []FieldChange
	if a.EveryDays != b.EveryDays {
		out = append(out, FieldChange{"rotation", every(a.EveryDays), every(b.EveryDays)})
	}
	if !a.StartAt.Equal(b.StartAt) {
		out = append(out, FieldChange{"start", start(*a), start(*b)})
	}
	if a.Retain != b.Retain {
		out = append(out, FieldChange{"retention", a.Retain.Length(), b.Retain.Length()})
	}
	return out
}

// policy is a rotation in words.
func policy(d secret.Declaration) string {
	if d.Rotation == nil {
		return "never"
	}
	parts := []string{every(d.Rotation.EveryDays)}
	if !d.Rotation.StartAt.IsZero() {
		parts = append(parts, start(*d.Rotation))
	}
	return strings.Join(append(parts, "retention "+d.Rotation.Retain.Length()), ", ")
}

func every(days int) string { return "every " + secret.Count(days, "day") }

func start(r secret.Rotation) string {
	if r.StartAt.IsZero() {
		return "from its creation"
	}
	return "from " + r.StartAt.Text()
}

func format(d secret.Declaration) string {
	if d.Value == nil {
		return "none"
	}
	return string(d.Value.Format)
}

func consumer(d secret.Declaration) string {
	if d.Consume == nil {
		return "none"
	}
	return d.Consume.Address + ", " + string(d.Consume.Expose)
}

func owner(d secret.Declaration) string {
	if d.Ownership == nil {
		return "none"
	}
	return strings.Join([]string{d.Ownership.OwnerProduct, d.Ownership.OwnerInstanceID, d.Ownership.Purpose}, ", ")
}
