package sim_test

import (
	"fmt"
	"os"
	"strings"
)

// What people do in the repository.

// landing is a merge: main before and after it.
type landing struct{ before, after string }

// workOnRepository does what can be done; a person whose request is refused
// leaves it.
func (w *world) workOnRepository(e event) {
	defer func() {
		if refused := recover(); refused != nil {
			if text, is := refused.(string); !is || !strings.HasPrefix(text, "fake: ") {
				panic(refused)
			}
			w.say("  cannot: %v", refused)
		}
	}()
	env := w.environments[e.Env]
	pull, open := w.github.Open(env.branch())
	switch e.Do {
	case doMerge, doSquash, doRebase:
		if open && w.github.Mergeable(pull.Number) {
			w.land(e, pull.Number)
		}
	case doClose:
		if open {
			w.github.Close(pull.Number)
		}
	case doReopen:
		w.reopen(env)
	case doDelete:
		env.lost = true
		w.github.DeleteBranch(env.branch())
		env.mixed = false
		w.forgetBranches(env)
	case doRevert, doPushBack:
		w.undo(e)
	case doWork:
		w.github.Commit("main", map[string]string{"README.md": fmt.Sprintf("# billing, as of %d\n", e.At)}, "work")
	case doWorkOnBot:
		if w.github.Head(env.branch()) != "" {
			w.github.Commit(env.branch(), map[string]string{"notes.md": fmt.Sprintf("as of %d\n", e.At)}, "notes")
			env.mixed = true
		}
	case doEditBase:
		w.editJournal(e, "main")
	case doEditBot:
		if w.github.Head(env.branch()) != "" {
			env.botEdited, env.mixed = true, true
			w.editJournal(e, env.branch())
		}
	}
}

func (w *world) land(e event, number int) {
	env := w.environments[e.Env]
	l := landing{before: w.github.Head("main")}
	switch e.Do {
	case doMerge:
		l.after = w.github.Merge(number)
	case doSquash:
		l.after = w.github.Squash(number)
	case doRebase:
		l.after = w.github.Rebase(number)
	}
	env.landed = append(env.landed, l)
	if e.Choice%2 == 0 {
		w.github.DeleteBranch(env.branch())
		env.mixed = false
	}
}

func (w *world) reopen(env *environment) {
	pulls := w.github.Pulls()
	for i := len(pulls) - 1; i >= 0; i-- {
		if p := pulls[i]; p.Head == env.branch() {
			if p.State == "closed" && !p.Merged && w.github.Head(env.branch()) != "" {
				w.github.Reopen(p.Number)
			}
			return
		}
	}
}

// undo takes a merge back, by a commit or by force.
func (w *world) undo(e event) {
	env := w.environments[e.Env]
	if len(env.landed) == 0 {
		return
	}
	env.lost, env.meddled = true, true // it may bring back what a person did to the journal
	l := env.landed[len(env.landed)-1]
	if e.Do == doRevert {
		w.github.Revert("main", l.after)
		return
	}
	if w.github.Head("main") == l.after {
		w.github.ForcePush("main", l.before)
		for _, other := range w.environments {
			w.forgetBranches(other)
			other.landed = nil
			other.mixed = true // what people had on main is on bot branches only now
		}
	}
}

func (w *world) editJournal(e event, branch string) {
	env := w.environments[e.Env]
	text := w.github.File(branch, env.path())
	if text == "" {
		return
	}
	env.meddled, env.lost = true, true
	w.github.Commit(branch, map[string]string{env.path(): env.journal.edited(text, e)}, "edit the journal by hand")
}

func (w *world) meddleWithFile(e event) {
	env := w.environments[e.Env]
	path := w.journalFile(env)
	text, err := os.ReadFile(path)
	if err != nil {
		return
	}
	switch e.Do {
	case doEditBase, doEditBot:
		err = os.WriteFile(path, []byte(env.journal.edited(string(text), e)), 0o644)
	case doDelete:
		err = os.Remove(path)
	default:
		return
	}
	env.meddled, env.lost = true, true
	if err != nil {
		w.violation("by hand: %v", err)
	}
}
