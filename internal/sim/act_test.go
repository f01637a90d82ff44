package sim_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/layeron/rotate/internal/emulator"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
)

// act lets an event happen.
func (w *world) act(e event) {
	if w.failure != nil {
		return
	}
	env := w.environments[e.Env]
	w.say("%s", e)
	if e.Do != doRun && e.Do != doOperate {
		w.stir(env, e)
	}
	switch e.Do {
	case doRun:
		if w.idle(e) {
			return
		}
		w.carryOut(w.start(e, plan.Request{}), e)
	case doForce:
		w.force(e)
	case doRevoke:
		w.revoke(e)
	case doSet:
		w.alter(e, plan.Alteration{Kind: plan.Set, Value: w.outside(e)}, env.secrets[e.Secret].id())
	case doAdopt:
		w.alter(e, plan.Alteration{Kind: plan.Adopt, Value: w.outside(e)}, env.secrets[e.Secret].id())
	case doOperate:
		w.operate(e)
	case doDeclare:
		env.secrets[e.Secret] = *e.Spec
	case doRekey:
		w.addKey()
	case doPut, doWipe, doRemove, doRecreate:
		w.meddleWithStore(e)
	default:
		if env.spec.File {
			w.meddleWithFile(e)
		} else {
			w.workOnRepository(e)
		}
	}
}

// idle reports whether a run would find all as the last one left it, and nothing
// due. Most runs are like that; one in ten is made all the same.
func (w *world) idle(e event) bool {
	env := w.environments[e.Env]
	if !env.idle || e.Choice%10 == 0 || e.Skew != 0 || w.depth > 0 || e.Fault != nil && !e.Fault.Writing || len(w.held) > 0 {
		return false
	}
	for _, s := range env.secrets {
		_, blocked := env.standing[s.id()]
		if a := w.model.account(env.storeName(s)); !s.Gone && !blocked && (a.due(s.policy(), w.now) != no || a.expired(w.now)) {
			return false
		}
	}
	w.figures["idle runs"]++
	return true
}

// waiting: something is blocked that time unblocks.
func (e *environment) waiting() bool {
	for _, s := range e.standing {
		if s.status == plan.InFlight || s.status == plan.ClockBehindJournal {
			return true
		}
	}
	return false
}

// stir: something happened, so that the next run may have something to do.
func (w *world) stir(env *environment, e event) {
	for _, other := range w.environments {
		if other == env || e.Do == doPushBack && !env.spec.File { // which takes back what others merged
			other.idle = false
		}
	}
}

// outside is a value that a person makes up.
func (w *world) outside(e event) secret.Value {
	value := fmt.Sprintf("outside-%d-%d-%d-by-a-person", w.runs, e.At, e.Choice)
	w.leaks.guard(value)
	return secret.NewValue(value)
}

// force asks for a new version; started again, it does nothing.
func (w *world) force(e event) {
	env := w.environments[e.Env]
	s := env.secrets[e.Secret]
	if s.Gone {
		return
	}
	request := plan.Request{Force: true, Reason: "leaked", Only: []secret.ID{s.id()}, Run: fmt.Sprintf("forced-%d", w.runs)}
	w.carryOut(w.start(e, request), e)
	before := w.model.account(env.storeName(s)).current
	if e.Choice%3 != 0 || w.failure != nil || e.Fault != nil || e.Skew != 0 {
		return
	}
	w.carryOut(w.start(e, request), e)
	if after := w.model.account(env.storeName(s)).current; after != before && before != 0 && w.depth == 0 {
		w.violation("P6: run %s again made v%d after v%d", request.Run, after, before)
	}
}

// revoke takes back a version that readers have.
func (w *world) revoke(e event) {
	env := w.environments[e.Env]
	s := env.secrets[e.Secret]
	a := w.model.account(env.storeName(s))
	if a.current == 0 || s.Gone {
		return
	}
	n := a.current
	if e.Choice%2 == 0 && n > 1 {
		n--
	}
	w.alter(e, plan.Alteration{Kind: plan.Revoke, Version: secret.Version(n)}, s.id())
}

// alter carries out what was asked of one secret, which may be refused.
func (w *world) alter(e event, a plan.Alteration, id secret.ID) {
	if _, declared := w.environments[e.Env].byID(id); !declared {
		return
	}
	p := w.start(e, plan.Request{Reason: "asked for"})
	p.alter, p.target = &a, id
	w.carryOut(p, e)
}

// carryOut is a process and what is to be said of it afterwards.
func (w *world) carryOut(p *process, e event) {
	unsure := p.unsure()
	if id, is := p.asked(); is && e.Fault != nil { // what is asked for may be finished by a run that it meets
		w.model.begun(p.env.storeNameOf(id))
	}
	p.run()
	w.figures["runs"]++
	if w.depth == 0 {
		w.effects[len(w.effects)-1] = p.wire.count
	}
	w.say("= %v %s", p.err, p.summary())
	if w.failure != nil {
		return
	}
	clean := !p.wire.struck && p.skew == 0 && w.depth == 0 && len(w.held) == 0
	if !clean {
		p.env.disturbed(w.now)
		w.figures["faults"]++
	}
	if !clean || p.alter != nil || p.err != nil {
		for name, current := range unsure {
			if w.model.account(name).current == current {
				w.model.begun(name)
			}
		}
	}
	p.env.learn(p)
	p.env.botEdited = p.env.botEdited && !p.wrote
	p.env.idle = clean && p.alter == nil && p.err == nil && !p.request.Force && !p.env.waiting()
	if !clean || p.alter != nil {
		return
	}
	w.checkClean(p)
	if e.Choice%12 == 0 && w.failure == nil {
		w.checkAgain(p, e)
	}
}

// unsure are the secrets for which a run may announce a version, and what was
// current before.
func (p *process) unsure() map[string]int {
	out := map[string]int{}
	for _, s := range p.secrets {
		a := p.w.model.account(p.env.storeName(s))
		if p.request.Force || p.alter != nil || a.due(s.policy(), p.w.now.Add(p.skew)) != no || a.current == 0 || p.w.depth > 0 || p.wire.fault != nil {
			out[p.env.storeName(s)] = a.current
		}
	}
	return out
}

// asked is the secret for which a new version is asked, if one is.
func (p *process) asked() (secret.ID, bool) {
	if p.request.Force {
		return p.request.Only[0], true
	}
	return p.target, p.alter != nil
}

func (p *process) summary() string {
	var out []string
	for _, e := range p.result.Plan.Entries {
		o := p.result.Outcomes[e.ID]
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s:%s/%s %s %s", e.ID.Name(), e.Action, e.Status, o.Result, o.Error)))
	}
	return strings.Join(out, ", ")
}

// learn is what the people of an environment read in a run's report.
func (e *environment) learn(p *process) {
	if p.alter != nil {
		return
	}
	if p.err == nil && len(p.request.Only) == 0 {
		clear(e.standing)
	}
	for _, entry := range p.result.Plan.Entries {
		delete(e.standing, entry.ID)
		if entry.Action == plan.Blocked {
			e.standing[entry.ID] = standing{entry.Status, entry.Reason}
			continue
		}
		if i, declared := e.byID(entry.ID); declared {
			e.agreed[i] = e.secrets[i]
		}
	}
}

// unnoticed is for how long after a write a change by hand cannot be distinguished from
// the same write that lands once more.
const unnoticed = 16 * time.Minute

// meddleWithStore is what people do in the dashboard.
func (w *world) meddleWithStore(e event) {
	env := w.environments[e.Env]
	name := env.storeName(env.secrets[e.Secret])
	s, held := w.stored(name)
	if !held && e.Do != doPut || w.now.Sub(w.model.account(name).written) < unnoticed {
		return
	}
	env.meddledWith[name] = true
	var err error
	switch e.Do {
	case doPut:
		err = w.store.Put(name, w.outside(e).Reveal(), s.Comment)
		w.model.touched(name, false)
	case doWipe:
		err = w.store.Put(name, s.Value, [...]string{"", "do not touch", "asked by finance"}[e.Choice%3])
		w.model.account(name).removed = true
	case doRemove:
		err = w.store.Remove(name)
		w.model.touched(name, true)
	case doRecreate:
		err = w.recreate(s, e)
		w.model.touched(name, e.Choice%2 == 0)
	}
	if err != nil {
		w.violation("by hand: %v", err)
	}
	w.changed()
}

func (w *world) recreate(s emulator.Secret, e event) error {
	if err := w.store.Remove(s.Name); err != nil {
		return err
	}
	if e.Choice%2 == 0 {
		s.Comment = ""
	}
	return w.store.Put(s.Name, w.outside(e).Reveal(), s.Comment)
}

// failed are the secrets that a run could not carry out.
func (p *process) failed() (id secret.ID, why string, failed bool) {
	for _, e := range p.result.Plan.Entries {
		if o := p.result.Outcomes[e.ID]; o.Result == rotate.Failed {
			return e.ID, o.Error, true
		}
	}
	return "", "", false
}
