package sim_test

import (
	"slices"
	"strings"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/secret"
)

// history is the journals that runs committed, oldest first, as people find them
// in git.
type history struct{ texts []string }

// remembered is how many of them people look through.
const remembered = 100

func (h *history) keep(text string) {
	h.texts = append(h.texts[max(0, len(h.texts)-remembered):], text)
}

// lookedAt is how many journals of a branch they look at who look for a good one.
const lookedAt = 5

// forgetBranches: what no branch holds any more, people do not find again.
func (w *world) forgetBranches(env *environment) {
	if env.spec.File {
		return
	}
	env.journal.texts = nil
	for _, branch := range []string{"main", env.branch()} {
		var sound []string
		for _, c := range slices.Backward(w.github.Commits(branch, "")) {
			if len(sound) == lookedAt {
				break
			}
			if text := w.github.File(c.ID, env.path()); slices.Contains(c.Files, env.path()) && w.sound(text) {
				sound = append(sound, text)
			}
		}
		for _, text := range slices.Backward(sound) {
			env.journal.keep(text)
		}
	}
}

func (w *world) ring() rootkey.Ring {
	ring, err := rootkey.Parse(secret.NewValue(strings.Join(w.keys, "\n")))
	if err != nil {
		panic(err)
	}
	return ring
}

// sound reports whether all of a journal is as runs wrote it.
func (w *world) sound(text string) bool {
	key := judged{text, len(w.keys)}
	sound, known := w.judged[key]
	if !known {
		j, err := journal.Parse([]byte(text))
		sound = err == nil && len(j.Tampered(w.ring())) == 0
		w.judged[key] = sound
	}
	return sound
}

// judged is a journal, and how many root keys there were when it was judged.
type judged struct {
	text string
	keys int
}

// edited is a journal after an edit by hand.
func (h *history) edited(text string, e event) string {
	j, err := journal.Parse([]byte(text))
	if err != nil || len(j.Entries) == 0 {
		return text
	}
	switch e.Choice % 5 {
	case 0:
		return text[:len(text)*2/3]
	case 1:
		return "<<<<<<< ours\n" + text
	case 2:
		if len(h.texts) > 0 {
			return h.texts[e.Choice/5%len(h.texts)]
		}
		return text
	}
	var id secret.ID
	for other := range j.Entries {
		if id == "" || other < id {
			id = other
		}
	}
	if e.Choice%5 == 3 {
		entries := map[secret.ID]*journal.Entry{}
		for other, entry := range j.Entries {
			if other != id {
				entries[other] = entry
			}
		}
		j.Entries = entries
	} else {
		changed := *j.Entries[id]
		changed.Events = append([]journal.Event{}, changed.Events...)
		if len(changed.Events) > 0 {
			changed.Events[0].Reason = "edited by hand"
		} else {
			changed.HMAC = "AAAA" + changed.HMAC[4:]
		}
		j = j.With(id, &changed)
	}
	out, err := journal.Format(j)
	if err != nil {
		return text
	}
	return string(out)
}

// restored is a journal with what does not verify taken from history.
func (h *history) restored(text string, w *world) string {
	j, err := journal.Parse([]byte(text))
	if err != nil {
		if len(h.texts) == 0 {
			return text
		}
		return h.texts[len(h.texts)-1]
	}
	bad := j.Tampered(w.ring())
	for _, older := range slices.Backward(h.texts) {
		if len(bad) == 0 {
			break
		}
		k, err := journal.Parse([]byte(older))
		if err != nil || k.Owner != j.Owner {
			continue
		}
		tampered := k.Tampered(w.ring())
		for id := range bad {
			if good := k.Entries[id]; good != nil && !tampered[id] {
				j = j.With(id, good)
				delete(bad, id)
			}
		}
	}
	out, err := journal.Format(j)
	if err != nil {
		return text
	}
	return string(out)
}
