package plan

import (
	"slices"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/schedule"
	"github.com/layeron/rotate/internal/secret"
)

// declared plans one declared secret.
func (p *planner) declared(d secret.Declaration) Entry {
	st := p.reconcile(d)
	out := p.entry(d, st.held())
	switch st := st.(type) {
	case blocked:
		return block(p.schedule(d, out, st.record), st.status, st.reason)
	case unmanaged:
		if d.ProductOwned() {
			return p.product(d, out, st)
		}
		return p.unmanaged(d, out)
	case unwritten:
		return p.create(d, out, st)
	case managed:
		return p.managed(d, p.schedule(d, out, st.record), st)
	}
	panic("plan: a standing of no known kind")
}

// entry returns a plan's entry before anything is decided.
func (p *planner) entry(d secret.Declaration, r record) Entry {
	out := Entry{ID: d.ID, Kind: d.Kind, StoreName: d.StoreName, Retain: d.Retain(), Source: d.Source}
	if state := r.state(); state != nil {
		out.Current, out.Versions, out.Applied = state.Current, Versions(state, p.in.Now), state.Policy
	}
	return out
}

// product plans a secret whose value only its product can make. Its last change in
// the store counts as its last switch.
func (p *planner) product(d secret.Declaration, out Entry, st unmanaged) Entry {
	owner := d.Ownership.OwnerProduct
	if st.stored != nil && d.Rotation != nil {
		policy := schedule.For(*d.Rotation, st.stored.Modified)
		history := schedule.History{Switch: st.stored.Modified, Taken: policy.Reached(st.stored.Modified), LastScheduled: st.stored.Modified}
		out.DueAt, out.NextDueAt = policy.Due(history, p.in.Now), policy.Next(history, p.in.Now)
	}
	switch {
	case st.stored == nil && p.in.Store != nil:
		return block(out, ProviderFlowRequired, "not in the store yet, and only "+owner+" can make it")
	case !out.DueAt.IsZero() || p.in.Request.Force:
		return block(out, ProviderFlowRequired, wanted(out)+", and only "+owner+" can make its value")
	}
	return idle(d, out, "made by "+owner)
}

// unmanaged plans a secret in the store that layer did not write.
func (p *planner) unmanaged(d secret.Declaration, out Entry) Entry {
	switch {
	case d.External() && p.in.Request.Force:
		return block(out, ExternalValueRequired, "asked for, and an operator supplies its value")
	case d.External() && d.Rotation == nil:
		return none(out, NoRotation, "supplied by an operator, present in the store")
	}
	return block(out, AdoptionRequired, notOurs)
}

const notOurs = "the store holds a value that layer did not write"

// idle plans nothing for a secret that layer does not write and that is not due.
func idle(d secret.Declaration, out Entry, reason string) Entry {
	if d.Rotation == nil {
		return none(out, NoRotation, reason)
	}
	return none(out, NotDue, reason)
}

// create plans the first write of a secret.
func (p *planner) create(d secret.Declaration, out Entry, st unwritten) Entry {
	from, resumed := resume(st.unfinished())
	switch {
	case resumed:
	case d.External() && p.in.Store == nil && st.entry == nil:
		return idle(d, out, "supplied by an operator")
	case d.External():
		return block(out, ExternalValueRequired, "not in the store yet, and an operator supplies its value")
	default:
		from = p.derived(d, st.nextVersion())
	}
	out.Action, out.Status, out.Next = Create, Missing, from.number
	switch {
	case resumed:
		out.Reason = "its creation was announced and not finished"
	case p.in.Store == nil:
		out.Reason = "not in the journal yet"
	default:
		out.Reason = "not in the store yet"
	}
	return p.write(d, out, draft{record: st.record, next: first(d, st.lineage(), from, p.in.Now)})
}

// managed plans a secret with a recorded state.
func (p *planner) managed(d secret.Declaration, out Entry, st managed) Entry {
	state := *st.entry.State
	if !p.in.Request.AllowDestructive {
		if status, reason := change(Retain(state), d.Retain()); status != "" {
			return block(out, status, reason)
		}
	}
	from, resumed := resume(st.unfinished())
	resumed = resumed && from.number > state.Current
	switch {
	case resumed:
		out.Status, out.Reason = UnfinishedIntent, from.number.String()+" was announced and not written"
	case out.DueAt.IsZero() && !p.forced(st.entry):
		return p.keep(d, out, st)
	case d.External():
		return block(out, ExternalValueRequired, wanted(out)+", and an operator supplies its value")
	case !out.DueAt.IsZero():
		out.Status, out.Reason = Due, wanted(out)
	default:
		out.Status, out.Reason = Forced, "forced: "+p.in.Request.Reason
	}
	if !resumed {
		from = p.derived(d, st.nextVersion())
	}
	out.Action, out.Next = Rotate, from.number
	return p.write(d, out, draft{record: st.record, next: rotated(d, state, from, !out.DueAt.IsZero(), p.in.Now)})
}

// keep plans a secret that gets no new version. It may still need a write, to
// repair, extend or prune what the store holds.
func (p *planner) keep(d secret.Declaration, out Entry, st managed) Entry {
	state := *st.entry.State
	kept := retained(d, state, p.in.Now)
	next := pruned(kept, p.in.Now.Add(-p.in.PruneGrace))
	status, _ := change(Retain(state), d.Retain())
	switch {
	case st.repair == Missing:
		out.Action, out.Status, out.Reason = Recover, Missing, "no longer in the store: it is written again with every version it holds"
	case st.repair == ReceiptBehind:
		out.Action, out.Status, out.Reason = Recover, ReceiptBehind, "the store may hold another value than was recorded: it is written again"
	case status == FormChange:
		out.Action, out.Status, out.Reason = Extend, FormChange, "the stored value becomes versioned, as allowed"
	case status == DestructiveChange:
		out.Action, out.Status, out.Reason = Prune, DestructiveChange, "the retention becomes "+d.Retain().String()+", as allowed"
	case !sameVersions(state, kept):
		out.Action, out.Status, out.Reason = Extend, RetentionExtended, "old versions stay longer: "+d.Retain().String()
	case fewer(state, next):
		out.Action, out.Status, out.Reason = Prune, ExpiredVersions, "old versions have expired"
	default:
		return p.unchanged(d, out, st)
	}
	return p.write(d, out, draft{record: st.record, next: next})
}

// unchanged plans a secret that needs no write. The journal may still have to
// record what was found in the store.
func (p *planner) unchanged(d secret.Declaration, out Entry, st managed) Entry {
	out.Bytes = p.size(d.ID, *st.entry.State, nil)
	unfinished := st.unfinished()
	switch {
	case st.repair != "":
		out.Action, out.Status = Recover, st.repair
		out.Reason = st.entry.State.Current.String() + " was written by a run that did not record it"
		out.Change = &Change{Key: d.ID, Entry: st.entry}
		return out
	case unfinished != nil:
		out.Action, out.Status = Recover, UnfinishedIntent
		out.Reason = "an announced " + unfinished.Action + " is no longer needed"
		out.Change = &Change{Key: d.ID, Entry: st.entry.Closed(journal.Void, nil)}
		return out
	}
	if d.Rotation == nil {
		return none(out, NoRotation, "no rotation is declared")
	}
	return none(out, NotDue, "not due yet")
}

// schedule fills in when the secret is due by its recorded state.
func (p *planner) schedule(d secret.Declaration, out Entry, r record) Entry {
	state := r.state()
	if d.Rotation == nil || state == nil {
		return out
	}
	policy := schedule.For(*d.Rotation, state.Anchor)
	out.DueAt, out.NextDueAt = policy.Due(history(state), p.in.Now), policy.Next(history(state), p.in.Now)
	return out
}

// wanted returns the reason why a secret needs a new version.
func wanted(out Entry) string {
	if out.DueAt.IsZero() {
		return "asked for"
	}
	return "slot " + out.DueAt.Text() + " reached"
}

// forced reports whether the user asked for a new version now. A run that is
// started again with the same id does not make a second one.
func (p *planner) forced(e *journal.Entry) bool {
	ownRun := func(event journal.Event) bool { return event.Run == p.in.Request.Run }
	return p.in.Request.Force && !slices.ContainsFunc(e.Events, ownRun)
}
