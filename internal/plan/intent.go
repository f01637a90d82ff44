package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/schedule"
	"github.com/layeron/rotate/internal/secret"
)

// draft is a write to be planned: where it starts, and the state it leads to.
type draft struct {
	record
	next journal.State
	// intent is the action that the journal records, if it is not the plan's.
	intent      string
	supplied    map[secret.Version]secret.Value
	commentOnly bool
}

// write plans the write of a state, unless the store would not take it.
func (p *planner) write(d secret.Declaration, out Entry, w draft) Entry {
	if !w.commentOnly { // which removes nothing
		w.next = pruned(w.next, p.in.Now.Add(-p.in.PruneGrace))
	}
	if w.entry != nil { // a refused version stays void, even after its intent is replaced
		w.next.LastVersion = max(w.next.LastVersion, w.entry.LastVersion())
	}
	if err := p.completeState(d.ID, &w); err != nil {
		return block(out, RootKeyRequired, err.Error())
	}
	out.Bytes = p.size(d.ID, w.next, w.supplied)
	cause := p.cause(d, out.Bytes)
	if status, reason := p.refuses(w, out.Bytes, cause); status != "" {
		return block(out, status, reason)
	}
	if d.Rotation != nil {
		out.NextDueAt = schedule.For(*d.Rotation, w.next.Anchor).Next(history(&w.next), p.in.Now)
	}
	if w.intent == "" {
		w.intent = string(out.Action)
	}
	out.After = Versions(&w.next, p.in.Now)
	out.Seals = slices.ContainsFunc(w.next.Versions, func(v journal.Version) bool {
		_, given := w.supplied[v.Number]
		return given && v.Origin == journal.Sealed
	})
	out.Change = &Change{
		Key: d.ID,
		Entry: w.base().Announced(journal.Intent{
			Action: w.intent, Version: w.next.Current, Slot: out.DueAt, SwitchAt: p.in.Now, WriteBefore: p.in.WriteBefore,
			Reason: out.Reason, Run: p.in.Request.Run, Next: &w.next,
		}),
		Write: &Write{Stored: w.stored, Supplied: w.supplied, CommentOnly: w.commentOnly, Cause: cause, Used: p.used()},
	}
	return out
}

// derived returns the source of a new version of a generated secret.
func (p *planner) derived(d secret.Declaration, number secret.Version) source {
	from := source{number: number, origin: journal.Derived, bytes: d.Bytes}
	if !p.in.Ring.Empty() {
		from.rootKey = p.in.Ring.First().Fingerprint()
	}
	return from
}

// base returns the entry that the intent is added to.
func (w draft) base() *journal.Entry {
	if w.entry == nil {
		return &journal.Entry{Events: []journal.Event{}}
	}
	return w.entry
}

// refuses returns the reason not to try a write, if there is one.
func (p *planner) refuses(w draft, bytes int, cause string) (Status, string) {
	missing := p.missingKey(w.next)
	switch {
	case w.refused(cause, p.used()):
		return WriteRefused, "the store refused it (" + w.entry.Intent.Refusal.Code + "), and nothing that it depends on has changed"
	case missing != "":
		return RootKeyRequired, "a version was made with root key " + string(missing) + ", which is not given"
	case p.in.Store != nil && p.in.Store.ValueLimit > 0 && bytes > p.in.Store.ValueLimit:
		return ValueTooLarge, fmt.Sprintf("the stored value would be %d bytes, and the store takes %d", bytes, p.in.Store.ValueLimit)
	case !w.commentOnly && lostValue(w.next, w.supplied):
		return ExternalValueRequired, "its value came from outside and was not kept, so it cannot be written again"
	}
	return "", ""
}

// refused reports whether the store has refused this write before, nothing that
// it depends on has changed since, and the account does not hold fewer secrets.
func (r record) refused(cause string, used int) bool {
	if r.entry == nil || r.entry.Intent == nil || r.entry.Intent.Outcome != journal.Refused {
		return false
	}
	refusal := r.entry.Intent.Refusal
	return refusal != nil && refusal.Cause == cause && used >= refusal.Used
}

// cause describes what a write's acceptance depends on. When it changes, a
// refused write is tried again.
func (p *planner) cause(d secret.Declaration, bytes int) string {
	d.Source = secret.Position{}
	declared, err := json.Marshal(d)
	if err != nil {
		panic("plan: " + err.Error()) // a declaration came out of JSON
	}
	sum := sha256.Sum256(declared)
	limit, quota := 0, 0
	if p.in.Store != nil {
		limit, quota = p.in.Store.ValueLimit, p.in.Store.Quota
	}
	return fmt.Sprintf("declaration %s, %d bytes, limit %d, quota %d", hex.EncodeToString(sum[:4]), bytes, limit, quota)
}

// missingKey returns the fingerprint of a root key that a state's versions need
// and the ring lacks. An empty ring lacks nothing: a check needs no root key.
func (p *planner) missingKey(state journal.State) rootkey.Fingerprint {
	if p.in.Ring.Empty() {
		return ""
	}
	for _, v := range state.Versions {
		if v.Gone || v.Origin == journal.External {
			continue
		}
		if _, err := p.in.Ring.Key(v.RootKey); err != nil {
			return v.RootKey
		}
	}
	return ""
}

// lostValue reports whether a state needs a value that only the store had.
func lostValue(state journal.State, supplied map[secret.Version]secret.Value) bool {
	return slices.ContainsFunc(state.Versions, func(v journal.Version) bool {
		_, given := supplied[v.Number]
		return !v.Gone && v.Origin == journal.External && !given
	})
}

// completeState gives the state of a draft its lineage, and seals the supplied
// values that a later write needs again.
func (p *planner) completeState(id secret.ID, w *draft) error {
	if p.in.Ring.Empty() {
		return nil // a check writes nothing
	}
	if w.next.Lineage == "" {
		w.next.Lineage = rootkey.NewLineage([rootkey.LineageSize]byte(p.draw("lineage", id, 0)))
	}
	w.next.Versions = slices.Clone(w.next.Versions)
	for i := range w.next.Versions {
		v := &w.next.Versions[i]
		value, given := w.supplied[v.Number]
		if v.Origin != journal.Sealed || v.Sealed != "" || !given {
			continue
		}
		key, err := p.in.Ring.Key(v.RootKey)
		if err != nil {
			return fmt.Errorf("seal version %s: %w", v.Number, err)
		}
		nonce := bytes.NewReader(p.draw("nonce", id, v.Number))
		if v.Sealed, err = key.Seal(Context(p.in.Document.Environment, id, w.next, v.Number), value, nonce); err != nil {
			return fmt.Errorf("seal version %s: %w", v.Number, err)
		}
	}
	return nil
}

// draw derives 16 random bytes for one use from the run's seed.
func (p *planner) draw(use string, id secret.ID, version secret.Version) []byte {
	text := append(p.in.Seed[:], use...)
	text = binary.BigEndian.AppendUint32(text, uint32(version))
	sum := sha256.Sum256(append(text, id...))
	return sum[:16]
}

func (p *planner) size(id secret.ID, state journal.State, supplied map[secret.Version]secret.Value) int {
	return size(p.in.Document.Environment, p.in.Ring, id, state, supplied)
}

// used returns how many secrets the account holds, as far as is known.
func (p *planner) used() int {
	if p.in.Store == nil {
		return 0
	}
	return max(p.in.Store.Usage, len(p.in.Store.Secrets))
}

// checkQuota blocks the creations that the account has no room for.
func (p *planner) checkQuota(entries []Entry) {
	if p.in.Store == nil || p.in.Store.Quota == 0 {
		return
	}
	used := p.used()
	room := p.in.Store.Quota - used
	for i, e := range entries {
		if !e.Writes() || e.Change.Write.Stored != nil || !p.in.Request.selects(e.ID) {
			continue
		}
		if room--; room < 0 {
			entries[i] = block(e, QuotaExceeded, fmt.Sprintf("the account holds %d of %d secrets", used, p.in.Store.Quota))
		}
	}
}

// block returns an entry whose secret is left alone.
func block(out Entry, status Status, reason string) Entry {
	out.Action, out.Status, out.Reason, out.Next, out.After, out.Seals, out.Change = Blocked, status, reason, 0, nil, false, nil
	return out
}

func none(out Entry, status Status, reason string) Entry {
	out.Action, out.Status, out.Reason = None, status, reason
	return out
}
