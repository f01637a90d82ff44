package sim_test

import (
	"maps"
	"os"
	"slices"

	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/secret"
)

// standing is why a secret is blocked.
type standing struct {
	status plan.Status
	reason string
}

// operate does what the advice for a blocked secret says.
func (w *world) operate(e event) {
	env := w.environments[e.Env]
	if env.broken != "" {
		w.restoreJournal(env)
		return
	}
	for _, id := range slices.Sorted(maps.Keys(env.standing)) {
		i, declared := env.byID(id)
		s := env.standing[id]
		if !declared && s.status != plan.JournalTampered {
			continue
		}
		w.unblock(e, i, s.status)
		if w.failure != nil {
			return
		}
	}
}

func (w *world) unblock(e event, i int, status plan.Status) {
	env := w.environments[e.Env]
	spec := env.secrets[i]
	id, name := spec.id(), env.storeName(spec)
	e = event{Do: doOperate, Env: e.Env, At: e.At, Choice: e.Choice + i}
	switch status {
	case plan.DestructiveChange, plan.FormChange:
		if agreed := env.agreed[i]; e.Choice%3 == 0 && agreed.Name == spec.Name && !agreed.Gone {
			env.secrets[i] = agreed
			return
		}
		w.carryOut(w.start(e, plan.Request{AllowDestructive: true, Only: []secret.ID{id}}), e)
	case plan.JournalTampered:
		w.restoreJournal(env)
	case plan.Drift, plan.JournalConflict:
		w.alter(e, plan.Alteration{Kind: plan.Rewrite}, id)
		if s, held := w.stored(name); held && s.Value != w.model.account(name).plain { // it cannot be rebuilt
			w.alter(e, plan.Alteration{Kind: plan.Set, Value: w.outside(e)}, id)
		}
	case plan.AdoptionRequired:
		w.adopt(e, spec, name)
	case plan.ForeignOwner, plan.JournalLost:
		w.startAnew(e, i, status)
	case plan.ExternalValueRequired:
		w.alter(e, plan.Alteration{Kind: plan.Set, Value: w.outside(e)}, id)
	case plan.WriteRefused:
		env.secrets[i].Bytes = 16 + (spec.Bytes+8)%64
	}
}

// startAnew gives a secret another value whose last one no journal knows.
func (w *world) startAnew(e event, i int, status plan.Status) {
	env := w.environments[e.Env]
	switch id := env.secrets[i].id(); {
	case status == plan.JournalLost && env.spec.File && e.Choice%2 == 0:
		w.restoreJournal(env)
	case env.secrets[i].Static:
		w.alter(e, plan.Alteration{Kind: plan.Set, Value: w.outside(e)}, id)
	case status == plan.JournalLost:
		w.alter(e, plan.Alteration{Kind: plan.Discard}, id)
	default:
		w.alter(e, plan.Alteration{Kind: plan.Claim}, id)
	}
}

// adopt puts a secret without a receipt right: its value, if it is ours, only
// needs the receipt.
func (w *world) adopt(e event, spec secretSpec, name string) {
	s, _ := w.stored(name)
	a := w.model.account(name)
	switch {
	case a.current == 0 && spec.Static:
		w.alter(e, plan.Alteration{Kind: plan.Adopt, Value: secret.NewValue(s.Value)}, spec.id())
	case a.current == 0:
		w.alter(e, plan.Alteration{Kind: plan.Discard}, spec.id())
	case s.Value == a.plain && !w.environments[e.Env].lost:
		w.alter(e, plan.Alteration{Kind: plan.Restamp}, spec.id())
	case e.Choice%2 == 0 || spec.Static:
		w.alter(e, plan.Alteration{Kind: plan.Adopt, Value: w.outside(e)}, spec.id())
	default:
		w.alter(e, plan.Alteration{Kind: plan.Rewrite}, spec.id())
	}
}

// restoreJournal takes from git's history what does not verify.
func (w *world) restoreJournal(env *environment) {
	if env.spec.File {
		text, err := os.ReadFile(w.journalFile(env))
		if err != nil && len(env.journal.texts) == 0 {
			return
		}
		if err := os.WriteFile(w.journalFile(env), []byte(env.journal.restored(string(text), w)), 0o644); err != nil {
			w.violation("restore: %v", err)
		}
		return
	}
	for _, branch := range []string{"main", env.branch()} {
		text := w.github.File(branch, env.path())
		if w.github.Head(branch) == "" || text == "" {
			continue
		}
		if restored := env.journal.restored(text, w); restored != text {
			env.mixed = env.mixed || branch != "main"
			w.github.Commit(branch, map[string]string{env.path(): restored}, "restore the journal")
		}
	}
}
