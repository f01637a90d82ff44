package sim_test

import (
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/plan"
)

// What has to be true after a run that had nothing in its way.

// aftermath is how long after a run that had something in its way another one
// may find that it has to wait.
const aftermath = 40 * time.Minute

// disturbed: something got in the way of a run at an instant.
func (e *environment) disturbed(now time.Time) {
	if now.After(e.lastFault) {
		e.lastFault = now
	}
}

// checkClean holds a run's result against what was declared.
func (w *world) checkClean(p *process) {
	w.figures["clean runs"]++
	env := p.env
	env.broken = ""
	if p.err != nil {
		env.broken = p.err.Error()
		if !env.meddled {
			w.violation("%s: a run with nothing in its way failed: %v", env.spec.Name, p.err)
		}
		return
	}
	if id, why, failed := p.failed(); failed {
		w.violation("%s: with nothing in its way %s failed: %s", env.spec.Name, id, why)
		return
	}
	blocked := false
	for _, e := range p.result.Plan.Entries {
		if e.Action == plan.Blocked {
			w.checkBlocked(p, e)
			blocked = true
			continue
		}
		w.checkDone(p, e)
	}
	if (env.meddled || env.lost) && !blocked && len(p.request.Only) == 0 && env.allDeclared() && w.allStamped(env) && w.journalsSound(env) {
		env.meddled, env.lost = false, false
	}
	w.checkPull(p)
}

// allDeclared: the journal has an answer for every secret there ever was.
func (e *environment) allDeclared() bool {
	return !slices.ContainsFunc(e.secrets, func(s secretSpec) bool { return s.Gone })
}

// allStamped: the store has an answer, too.
func (w *world) allStamped(e *environment) bool {
	return !slices.ContainsFunc(e.secrets, func(s secretSpec) bool {
		stored, held := w.stored(e.storeName(s))
		return held && !stamp.MatchString(stored.Comment)
	})
}

// journalsSound: nothing of what a person did to the journal is left.
func (w *world) journalsSound(env *environment) bool {
	var texts []string
	if env.spec.File {
		text, err := os.ReadFile(w.journalFile(env))
		if err != nil {
			return false
		}
		texts = append(texts, string(text))
	} else {
		texts = append(texts, w.github.File("main", env.path()), w.github.File(env.branch(), env.path()))
	}
	for _, text := range texts {
		if text == "" {
			continue
		}
		if !w.sound(text) {
			return false
		}
	}
	return true
}

// checkBlocked: without a person's doing, little is in order to block a secret.
func (w *world) checkBlocked(p *process, e plan.Entry) {
	recent := w.now.Sub(p.env.lastFault) < aftermath
	switch e.Status {
	case plan.DestructiveChange, plan.FormChange, plan.ExternalValueRequired:
		return
	case plan.WriteRefused:
		if p.env.refused {
			return
		}
	case plan.InFlight, plan.ClockBehindJournal:
		if recent {
			return
		}
	default:
		if p.env.meddled || p.env.meddledWith[e.StoreName] {
			return
		}
	}
	w.violation("%s: %s is blocked as %s without anybody's doing: %s", p.env.spec.Name, e.ID, e.Status, e.Reason)
}

// checkDone: nothing is due any more, and what is stored is what was written.
func (w *world) checkDone(p *process, e plan.Entry) {
	spec, declared := p.env.find(e.StoreName)
	if !declared || e.Action == plan.Orphaned {
		return
	}
	delete(p.env.meddledWith, e.StoreName)
	s, _ := w.stored(e.StoreName)
	if err := w.model.overdue(e.StoreName, p.began, spec.policy(), s.Value, s.Comment); err != nil {
		w.violation("%s: after a run with nothing in its way %s %v", p.env.spec.Name, e.ID, err)
	}
}

// checkPull: what main does not have is proposed, and can be merged.
func (w *world) checkPull(p *process) {
	env := p.env
	if env.spec.File {
		return
	}
	bot := w.github.File(env.branch(), env.path())
	if env.botEdited || bot == w.github.File("main", env.path()) || len(w.github.Commits(env.branch(), "main")) == 0 {
		return // GitHub proposes nothing where there is no commit to propose
	}
	pull, open := w.github.Open(env.branch())
	switch {
	case !open:
		w.violation("%s: the bot branch holds what main does not, and no pull request is open", env.spec.Name)
	case p.wrote && !env.mixed && !w.github.Mergeable(pull.Number):
		w.violation("%s: pull request #%d conflicts after a run that wrote", env.spec.Name, pull.Number)
	}
}

// checkAgain: the same run at the same instant changes nothing (P6).
func (w *world) checkAgain(p *process, e event) {
	e.Fault = nil
	again := w.start(e, p.request)
	now := w.now
	w.now, w.frozen = p.began, true
	before, wrote := w.repository(), w.writes()
	again.run()
	after := w.repository()
	w.now, w.frozen = now, false
	w.figures["runs"]++
	if w.failure == nil && (before != after || wrote != w.writes()) {
		w.violation("P6: %s: the same run again made %d changes in the store and this of the repository:\n%s\n%s\n%s", p.env.spec.Name, w.writes()-wrote, before, after, again.summary())
	}
}

// repository is all of it that a run can change.
func (w *world) repository() string {
	var heads []string
	for _, branch := range w.github.Branches() {
		heads = append(heads, branch+" "+w.github.Head(branch))
	}
	return fmt.Sprint(heads, w.github.Pulls())
}

func (w *world) writes() int {
	counts := w.store.Counts()
	return counts[fake.KindCreateSecret] + counts[fake.KindChangeSecret]
}
