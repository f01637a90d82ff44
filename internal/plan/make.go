package plan

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/layeron/rotate/internal/secret"
)

// Make plans every secret that is declared or in the journal.
func Make(in Input) Plan {
	p := newPlanner(in)
	out := p.empty()
	out.Diagnostics = slices.Clone(in.Document.Diagnostics)
	for _, d := range in.Document.Secrets {
		out.Entries = append(out.Entries, p.declared(d))
	}
	slices.SortFunc(out.Entries, func(a, b Entry) int { return cmp.Compare(a.ID, b.ID) })
	p.checkQuota(out.Entries)
	orphans, warnings := p.orphans(out.Entries)
	out.Entries = append(out.Entries, orphans...)
	out.Diagnostics = append(out.Diagnostics, warnings...)
	for i, e := range out.Entries {
		if e.Action == Blocked {
			out.Entries[i].Advice = p.advice(e)
		}
		if !e.Writes() {
			out.Entries[i].After = e.Versions
		}
	}
	return out.only(in.Request)
}

// Alter plans an alteration of one declared secret. It fails where the secret
// does not allow the alteration, and says what unblocks it.
func Alter(in Input, d secret.Declaration, a Alteration) (Plan, error) {
	p := newPlanner(in)
	out := p.empty()
	e, err := p.alter(d, a)
	if err != nil {
		return out, err
	}
	if e.Action == Blocked {
		return out, fmt.Errorf("%q is blocked as %s: %s\n%s", e.ID, e.Status, e.Reason, p.advice(e))
	}
	out.Entries = []Entry{e}
	return out, nil
}

// empty returns a plan without entries.
func (p *planner) empty() Plan {
	out := Plan{Environment: p.in.Document.Environment, Project: p.in.Document.Project, GeneratedAt: p.in.Now, Store: NotConsulted}
	if p.in.Store != nil {
		out.Store = p.in.Store.Name
	}
	return out
}

// only keeps the entries that the request names, and lists the ids that no entry
// has.
func (p Plan) only(request Request) Plan {
	p.Entries = slices.DeleteFunc(p.Entries, func(e Entry) bool { return !request.selects(e.ID) })
	for _, id := range request.Only {
		if !slices.ContainsFunc(p.Entries, func(e Entry) bool { return e.ID == id }) {
			p.Unknown = append(p.Unknown, id)
		}
	}
	return p
}
