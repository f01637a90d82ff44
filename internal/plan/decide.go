package plan

import (
	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/schedule"
	"github.com/layeron/rotate/internal/secret"
)

// planner holds what is worked out once for all secrets.
type planner struct {
	in          Input
	stored      map[string]*secret.Stored // by store name
	tampered    map[secret.ID]bool
	clockBehind bool // behind the journal
}

func newPlanner(in Input) *planner {
	p := &planner{in: in, stored: map[string]*secret.Stored{}}
	if in.Store != nil {
		for i := range in.Store.Secrets {
			p.stored[in.Store.Secrets[i].Name] = &in.Store.Secrets[i]
		}
	}
	if in.Journal != nil {
		if !in.Ring.Empty() {
			p.tampered = in.Journal.Tampered(in.Ring)
		}
		p.clockBehind = in.Journal.Newest(p.tampered).After(in.Now)
	}
	return p
}

// find is the journal's entry of a secret and its key.
func (p *planner) find(id secret.ID, storeName string) (*journal.Entry, secret.ID) {
	if p.in.Journal == nil {
		return nil, id
	}
	return p.in.Journal.Find(id, storeName)
}

// declared plans one declared secret.
func (p *planner) declared(d secret.Declaration) Entry {
	e, key := p.find(d.ID, d.StoreName)
	out := Entry{ID: d.ID, Kind: d.Kind, StoreName: d.StoreName, Retain: d.Retain(), Source: d.Source}
	if e != nil && e.State != nil {
		out.Current, out.Versions = e.State.Current, Versions(e.State, p.in.Now)
	}
	switch {
	case p.clockBehind:
		return p.block(out, ClockBehindJournal, "the journal tells of instants after "+p.in.Now.Text())
	case p.tampered[key] || p.tampered[d.ID]: // the latter would be displaced, and signed with the rest
		return p.block(out, JournalTampered, "its entry in the journal was not made with this root key")
	case d.ProductOwned():
		return p.product(d, out)
	}
	if _, is := p.in.Conflicts[key]; is {
		return p.block(out, JournalConflict, "base and bot branch tell different stories of it, and the store's receipt is of neither")
	}
	st := p.reconcile(d.ID, e, p.stored[d.StoreName])
	if st.block != nil {
		return p.block(p.schedule(d, out, e), st.block.status, st.block.reason)
	}
	if st.entry != nil && st.entry.State != nil {
		out.Current, out.Versions = st.entry.State.Current, Versions(st.entry.State, p.in.Now)
	}
	if st.unmanaged {
		return p.unmanaged(d, out)
	}
	if st.entry == nil || st.entry.State == nil {
		return p.fresh(d, out, st)
	}
	return p.known(d, out, st)
}

// product is a secret whose value only its product can make: it takes what the
// store tells of the last change as its last switch.
func (p *planner) product(d secret.Declaration, out Entry) Entry {
	s := p.stored[d.StoreName]
	owner := d.Ownership.OwnerProduct
	if s != nil && d.Rotation != nil {
		policy := schedule.For(*d.Rotation, s.Modified)
		history := schedule.History{Switch: s.Modified, Taken: policy.Reached(s.Modified), LastScheduled: s.Modified}
		out.DueAt, out.NextDueAt = policy.Due(history, p.in.Now), policy.Next(history, p.in.Now)
	}
	switch {
	case s == nil && p.in.Store != nil:
		return p.block(out, ProviderFlowRequired, "not in the store yet, and only "+owner+" can make it")
	case !out.DueAt.IsZero() || p.in.Request.Force:
		return p.block(out, ProviderFlowRequired, firstOf(slotReached(out.DueAt), "asked for")+", and only "+owner+" can make its value")
	}
	return p.rest(d, out, "made by "+owner)
}

// unmanaged is a secret that somebody else put into the store.
func (p *planner) unmanaged(d secret.Declaration, out Entry) Entry {
	if d.External() && p.in.Request.Force {
		return p.block(out, ExternalValueRequired, "asked for, and an operator supplies its value")
	}
	if d.External() && d.Rotation == nil {
		return none(out, NoRotation, "supplied by an operator, present in the store")
	}
	return p.block(out, AdoptionRequired, "the store holds a value that layer did not write")
}

// rest is a secret that is others' to change, and not due.
func (p *planner) rest(d secret.Declaration, out Entry, reason string) Entry {
	if d.Rotation == nil {
		return none(out, NoRotation, reason)
	}
	return none(out, NotDue, reason)
}

// fresh is a secret that was never written.
func (p *planner) fresh(d secret.Declaration, out Entry, st standing) Entry {
	from, resumed := resume(st.unfinished)
	switch {
	case resumed:
	case d.External() && p.in.Store == nil && st.entry == nil:
		return p.rest(d, out, "supplied by an operator")
	case d.External():
		return p.block(out, ExternalValueRequired, "not in the store yet, and an operator supplies its value")
	default:
		from = p.derived(d, nextVersion(st.entry))
	}
	var lineage rootkey.Lineage
	if st.entry != nil {
		lineage = st.entry.Lineage()
	}
	out.Action, out.Status, out.Reason = Create, Missing, "not in the store yet"
	if p.in.Store == nil {
		out.Reason = "not in the journal yet"
	}
	if resumed {
		out.Reason = "its creation was announced and not finished"
	}
	out.Next = from.number
	return p.write(d, out, st, first(d, lineage, from, p.in.Now))
}

// known is a secret with a state.
func (p *planner) known(d secret.Declaration, out Entry, st standing) Entry {
	state := *st.entry.State
	out = p.schedule(d, out, st.entry)
	if !p.in.Request.AllowDestructive {
		if status, reason := change(Retain(state), d.Retain()); status != "" {
			return p.block(out, status, reason)
		}
	}
	from, resumed := resume(st.unfinished)
	resumed = resumed && from.number > state.Current
	forced := p.forced(st.entry)
	switch {
	case !resumed && out.DueAt.IsZero() && !forced:
		return p.keep(d, out, st)
	case resumed:
		out.Status, out.Reason = UnfinishedIntent, st.unfinished.Version.String()+" was announced and not written"
	case d.External():
		return p.block(out, ExternalValueRequired, firstOf(slotReached(out.DueAt), "asked for")+", and an operator supplies its value")
	case !out.DueAt.IsZero():
		out.Status, out.Reason = Due, slotReached(out.DueAt)
	default:
		out.Status, out.Reason = Forced, "forced: "+p.in.Request.Reason
	}
	if !resumed {
		from = p.derived(d, nextVersion(st.entry))
	}
	out.Action, out.Next = Rotate, from.number
	return p.write(d, out, st, rotated(d, state, from, !out.DueAt.IsZero(), p.in.Now))
}

// keep is a secret that gets no new version: it may have to be written all the
// same, to repair, lengthen or prune what the store holds.
func (p *planner) keep(d secret.Declaration, out Entry, st standing) Entry {
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
		out.Action, out.Status, out.Reason = Prune, DestructiveChange, "the retention becomes "+describe(d.Retain())+", as allowed"
	case !sameVersions(state, kept):
		out.Action, out.Status, out.Reason = Extend, RetentionExtended, "old versions stay longer: "+describe(d.Retain())
	case fewer(state, next):
		out.Action, out.Status, out.Reason = Prune, ExpiredVersions, "old versions have expired"
	default:
		return p.settle(d, out, st)
	}
	return p.write(d, out, st, next)
}

// settle is a secret of which nothing has to be written. The journal may still
// have to record what was found in the store.
func (p *planner) settle(d secret.Declaration, out Entry, st standing) Entry {
	out.Bytes = p.size(d.ID, *st.entry.State, nil)
	if st.repair != "" {
		out.Action, out.Status = Recover, st.repair
		out.Reason = st.entry.State.Current.String() + " was written by a run that did not record it"
		out.Change = &Change{Key: d.ID, Base: st.entry, Stored: st.stored}
		return out
	}
	if st.unfinished != nil {
		out.Action, out.Status = Recover, UnfinishedIntent
		out.Reason = "an announced " + st.unfinished.Action + " is no longer needed"
		out.Change = &Change{Key: d.ID, Base: st.entry.Closed(journal.Void, nil), Stored: st.stored}
		return out
	}
	if d.Rotation == nil {
		return none(out, NoRotation, "no rotation is declared")
	}
	return none(out, NotDue, "not due yet")
}

// write makes an action out of the state that it leads to, unless the store
// would not take it.
func (p *planner) write(d secret.Declaration, out Entry, st standing, next journal.State) Entry {
	if !st.commentOnly { // which removes nothing
		next = pruned(next, p.in.Now.Add(-p.in.PruneGrace))
	}
	if st.entry != nil { // a refused version is void for ever, also once its intent is forgotten
		next.LastVersion = max(next.LastVersion, st.entry.LastVersion())
	}
	out.Bytes = p.size(d.ID, next, st.supplied)
	cause := p.cause(d, out.Bytes)
	switch missing := p.missingKey(next); {
	case st.refused(cause, p.used()):
		return p.block(out, WriteRefused, "the store refused it ("+st.entry.Intent.Refusal.Code+"), and nothing that it depends on has changed")
	case missing != "":
		return p.block(out, RootKeyRequired, "a version was made with root key "+string(missing)+", which is not given")
	case p.in.Store != nil && p.in.Store.ValueLimit > 0 && out.Bytes > p.in.Store.ValueLimit:
		return p.block(out, ValueTooLarge, tooLarge(out.Bytes, p.in.Store.ValueLimit))
	case !st.commentOnly && lostValue(next, st.supplied):
		return p.block(out, ExternalValueRequired, "its value came from outside and was not kept, so it cannot be written again")
	}
	if d.Rotation != nil {
		out.NextDueAt = schedule.For(*d.Rotation, next.Anchor).Next(history(&next), p.in.Now)
	}
	out.Change = &Change{
		Key: d.ID, Base: st.entry, Stored: st.stored, Cause: cause, Used: p.used(), Supplied: st.supplied, CommentOnly: st.commentOnly,
		Intent: &journal.Intent{Action: string(out.Action), Version: next.Current, Slot: out.DueAt, SwitchAt: p.in.Now, Reason: out.Reason, Next: &next},
	}
	return out
}

// schedule fills in when the secret is due, as its entry stands.
func (p *planner) schedule(d secret.Declaration, out Entry, e *journal.Entry) Entry {
	if d.Rotation == nil || e == nil || e.State == nil {
		return out
	}
	policy := schedule.For(*d.Rotation, e.State.Anchor)
	out.DueAt, out.NextDueAt = policy.Due(history(e.State), p.in.Now), policy.Next(history(e.State), p.in.Now)
	return out
}

func history(state *journal.State) schedule.History {
	current, _ := state.Versions.Find(state.Current)
	return schedule.History{Taken: state.SlotTaken, Switch: current.ActiveFrom, LastScheduled: state.LastScheduledSwitch}
}

// forced tells whether the user asked for a new version now. A run that is
// started again with its own id has had its version.
func (p *planner) forced(e *journal.Entry) bool {
	if !p.in.Request.Force {
		return false
	}
	for _, event := range e.Events {
		if event.Run == p.in.Request.Run {
			return false
		}
	}
	return true
}

// resume is the source of a version that was announced and not written: dates
// are planned anew, the value stays.
func resume(intent *journal.Intent) (source, bool) {
	if intent == nil {
		return source{}, false
	}
	v, held := intent.Next.Versions.Find(intent.Version)
	if v.Origin == journal.External { // its value went with the run that was given it
		return source{}, false
	}
	return source{number: v.Number, origin: v.Origin, bytes: v.Bytes, rootKey: v.RootKey, sealed: v.Sealed, encoding: v.Encoding}, held
}

// derived is the source of a new version of a generated secret.
func (p *planner) derived(d secret.Declaration, number secret.Version) source {
	from := source{number: number, origin: journal.Derived, bytes: d.Bytes}
	if !p.in.Ring.Empty() {
		from.rootKey = p.in.Ring.First().Fingerprint()
	}
	return from
}

// nextVersion is one above every id that was ever taken.
func nextVersion(e *journal.Entry) secret.Version {
	if e == nil {
		return 1
	}
	return e.LastVersion() + 1
}
