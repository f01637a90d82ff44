package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/secret"
)

// DifferenceKind is how a declaration differs.
type DifferenceKind string

// The kinds of differences, in the order in which they are listed.
const (
	Added   DifferenceKind = "new"
	Changed DifferenceKind = "changed"
	Renamed DifferenceKind = "looks like a rename"
	Removed DifferenceKind = "no longer declared"
)

var differenceKinds = []DifferenceKind{Added, Changed, Renamed, Removed}

// Difference is a secret whose declaration changes.
type Difference struct {
	Kind   DifferenceKind
	ID     secret.ID
	From   secret.ID // the former id of a renamed secret
	Fields []FieldChange
}

// FieldChange is an option before and after, as text for people.
type FieldChange struct{ Name, Before, After string }

// Differences returns what changes between two compiles of one environment. The
// plan says which new secret is a renamed one. Moving a declaration in its file
// is no change.
func Differences(base, head secret.Document, p plan.Plan) []Difference {
	before, after := byID(base), byID(head)
	var out []Difference
	for _, d := range head.Secrets {
		if old, known := before[d.ID]; !known {
			out = append(out, Difference{Kind: Added, ID: d.ID})
		} else if fields := fieldChanges(old, d); len(fields) > 0 {
			out = append(out, Difference{Kind: Changed, ID: d.ID, Fields: fields})
		}
	}
	for _, d := range base.Secrets {
		if _, known := after[d.ID]; !known {
			out = append(out, Difference{Kind: Removed, ID: d.ID})
		}
	}
	return sorted(renamed(out, p))
}

func byID(doc secret.Document) map[secret.ID]secret.Declaration {
	out := map[secret.ID]secret.Declaration{}
	for _, d := range doc.Secrets {
		out[d.ID] = d
	}
	return out
}

// renamed replaces a new secret and the one that it was by one difference.
func renamed(list []Difference, p plan.Plan) []Difference {
	was, merged := map[secret.ID]secret.ID{}, map[secret.ID]bool{}
	for _, e := range p.Entries {
		was[e.ID] = e.RenamedFrom
	}
	for i, d := range list {
		if from := was[d.ID]; d.Kind == Added && from != "" {
			list[i], merged[from] = Difference{Kind: Renamed, ID: d.ID, From: from}, true
		}
	}
	return slices.DeleteFunc(list, func(d Difference) bool { return d.Kind == Removed && merged[d.ID] })
}

// AppliedDifferences returns how the declarations differ from those of the last
// apply. A plan says so only for secrets that an apply changes.
func AppliedDifferences(p plan.Plan, head secret.Document) []Difference {
	declared := byID(head)
	var out []Difference
	for _, e := range p.Entries {
		switch {
		case e.Action == plan.Orphaned:
			out = append(out, Difference{Kind: Removed, ID: e.ID})
		case e.New():
			out = append(out, Difference{Kind: Added, ID: e.ID})
		case e.Changes() && e.Current != 0:
			if fields := rotationChanges(secret.Declaration{Rotation: e.Applied}, declared[e.ID]); len(fields) > 0 {
				out = append(out, Difference{Kind: Changed, ID: e.ID, Fields: fields})
			}
		case e.Status == plan.DestructiveChange, e.Status == plan.FormChange:
			out = append(out, Difference{Kind: Changed, ID: e.ID, Fields: []FieldChange{{Name: "retention", After: e.Retain.Length()}}})
		}
	}
	return sorted(renamed(out, p))
}

func sorted(list []Difference) []Difference {
	slices.SortStableFunc(list, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(slices.Index(differenceKinds, a.Kind), slices.Index(differenceKinds, b.Kind)), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// fieldChanges compares two declarations, but not where they are.
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

// rotationChanges compares two rotations option by option, or as a whole if one
// side has none.
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

// policy returns a rotation as text.
func policy(d secret.Declaration) string {
	if d.Rotation == nil {
		return "none"
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
