package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/secret"
)

// block leaves a secret alone, with the step that unblocks it.
func (p *planner) block(out Entry, status Status, reason string) Entry {
	out.Action, out.Status, out.Reason, out.Next, out.Change = Blocked, status, reason, 0, nil
	out.Advice = p.advice(out)
	return out
}

func none(out Entry, status Status, reason string) Entry {
	out.Action, out.Status, out.Reason = None, status, reason
	return out
}

// change tells whether a policy would destroy versions, or change the form
// under its readers (DESIGN §5).
func change(from, to secret.Retention) (Status, string) {
	switch {
	case from.Mode == to.Mode:
		return "", ""
	case from.Mode == secret.RetainForever, to.Mode == secret.RetainNone:
		return DestructiveChange, fmt.Sprintf("retention goes from %s to %s, which destroys versions that are kept", describe(from), describe(to))
	case from.Versioned() != to.Versioned():
		return FormChange, fmt.Sprintf("retention goes from %s to %s, so readers would find versioned JSON in place of the plain value", describe(from), describe(to))
	}
	return "", ""
}

func describe(r secret.Retention) string {
	switch r.Mode {
	case secret.RetainFor:
		return fmt.Sprintf("retain_for %d days", r.Days)
	case secret.RetainForever:
		return "retain_forever"
	}
	return "none"
}

// refused tells whether the store refused this very write before, and nothing
// that it depends on has changed since: nor has room been made.
func (st standing) refused(cause string, used int) bool {
	if st.entry == nil || st.entry.Intent == nil || st.entry.Intent.Outcome != journal.Refused {
		return false
	}
	refusal := st.entry.Intent.Refusal
	return refusal != nil && refusal.Cause == cause && used >= refusal.Used
}

// cause is what a write's acceptance depends on: when it changes, a refused
// write is tried again.
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

// missingKey is the fingerprint of a root key that a state's versions need and
// the ring, if there is one, lacks.
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

// lostValue tells whether a state needs a value that only the store had.
func lostValue(state journal.State, supplied map[secret.Version]secret.Value) bool {
	for _, v := range state.Versions {
		if _, given := supplied[v.Number]; !v.Gone && v.Origin == journal.External && !given {
			return true
		}
	}
	return false
}

// used is how many secrets the account holds, as far as is known.
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
		if e.Change == nil || e.Change.Intent == nil || e.Change.Stored != nil || !p.in.Request.selects(e.ID) {
			continue
		}
		if room--; room < 0 {
			entries[i] = p.block(e, QuotaExceeded, fmt.Sprintf("the account holds %d of %d secrets", used, p.in.Store.Quota))
		}
	}
}

func slotReached(slot secret.Instant) string {
	if slot.IsZero() {
		return ""
	}
	return "slot " + slot.Text() + " reached"
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

func tooLarge(bytes, limit int) string {
	return fmt.Sprintf("the stored value would be %d bytes, and the store takes %d", bytes, limit)
}
