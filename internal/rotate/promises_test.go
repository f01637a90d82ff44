package rotate_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/keyring"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/secret"
)

// promises holds what is needed to check P1 to P6 of docs/reliability.md from
// outside: in the store, in the journal and in the results of runs.
type promises struct {
	seen     map[held]string         // the value of each version
	promised map[held]secret.Instant // until when it must be held; zero: forever
	freed    map[held]bool           // versions that a person revoked
	byHand   map[string]string       // values and comments that a person put into the store, by store name
	released bool                    // the user allowed the end of retain_forever
}

// held is a version of a secret, by store name and version id.
type held struct{ name, id string }

func newPromises() promises {
	return promises{seen: map[held]string{}, promised: map[held]secret.Instant{}, freed: map[held]bool{}, byHand: map[string]string{}}
}

// observe compares the store with all that it held before: one id has one value
// (P3), and promised versions are still held (P2).
func (w *world) observe() {
	if w.store == nil {
		return
	}
	for _, s := range w.store.Secrets() {
		if hand, is := w.byHand[s.Name]; is && hand == s.Value+s.Comment {
			continue
		}
		delete(w.byHand, s.Name)
		receipt, ok := journal.ParseReceipt(s.Comment)
		if !ok {
			w.t.Errorf("%s carries no receipt: %q", s.Name, s.Comment)
		}
		ring := keyring.Decode(secret.NewValue(s.Value), keyring.Base64URL)
		if !ring.Versioned {
			ring.Current = receipt.Version.String()
			ring.Versions[0].ID = ring.Current
		}
		w.observeVersions(s.Name, ring)
	}
}

func (w *world) observeVersions(name string, ring keyring.Keyring) {
	there := map[held]bool{}
	for _, v := range ring.Versions {
		key := held{name, v.ID}
		there[key] = true
		if v.Gone {
			continue
		}
		if old, ok := w.seen[key]; ok && old != v.Value.Reveal() {
			w.t.Errorf("%v has two values", key)
		}
		w.seen[key] = v.Value.Reveal()
		if v.ID != ring.Current {
			w.promised[key] = v.ExpiresAt
		}
	}
	for key, until := range w.promised {
		promised := until.IsZero() && !w.released || w.now.Before(until)
		if key.name == name && !there[key] && promised && !w.freed[key] {
			w.t.Errorf("at %s %v is lost, which was promised until %s", w.now, key, until)
		}
	}
}

// revoked ends the promise of a version that a person revoked.
func (w *world) revoked(v secret.Version) { w.freed[held{w.name(0), v.String()}] = true }

// silent fails if a text, the journal or a comment holds a value, the root key
// or the token (P5).
func (w *world) silent(text string) {
	w.t.Helper()
	text += string(w.place.bytes(w.t))
	for _, s := range w.store.Secrets() {
		text += "\n" + s.Comment
	}
	for key, value := range w.seen {
		if strings.Contains(text, value) {
			w.t.Errorf("the output contains the value of %v", key)
		}
	}
	for _, word := range []string{apiToken, "layer-root-v1:"} {
		if strings.Contains(text, word) {
			w.t.Errorf("the output contains %q", word)
		}
	}
}

// checkPromises fails if another run changes anything (P6), if a slot gave more
// than one rotation (P4), or if a version cannot be rebuilt from journal and root
// key (P1).
func (w *world) checkPromises() {
	w.t.Helper()
	w.untouched(func() { w.must(plan.Request{}) })
	for id, entry := range w.journal().Entries {
		slots := map[secret.Instant]int{}
		for _, event := range entry.Events {
			if slots[event.Slot]++; slots[event.Slot] > 1 && !event.Slot.IsZero() {
				w.t.Errorf("%s rotated twice for the slot %s", id, event.Slot)
			}
		}
	}
	w.rebuilt()
}

// untouched fails if do changes store or journal, or sends a write.
func (w *world) untouched(do func()) {
	w.t.Helper()
	values, state, writes := w.values(), w.place.state(w.t), fmt.Sprint(w.writes)
	do()
	if diff := cmp.Diff(values, w.values()); diff != "" {
		w.t.Errorf("the store changed: -before +after\n%s", diff)
	}
	if diff := cmp.Diff(state, w.place.state(w.t)); diff != "" {
		w.t.Errorf("the journal changed: -before +after\n%s", diff)
	}
	if diff := cmp.Diff(writes, fmt.Sprint(w.writes)); diff != "" {
		w.t.Errorf("writes were sent: -before +after\n%s", diff)
	}
}

// rebuilt fails if a stored value cannot be rebuilt, byte for byte, from journal
// and root key. Values from outside that are not retained are left out.
func (w *world) rebuilt() {
	w.t.Helper()
	stored := w.values()
	for id, e := range w.journal().Entries {
		value, there := stored[e.StoreName()]
		if _, hand := w.byHand[e.StoreName()]; !there || hand || e.State == nil || external(*e.State) {
			continue
		}
		ring, err := plan.Keyring(*e.State, func(v journal.Version) (secret.Value, error) { return w.value(id, *e.State, v) })
		if err != nil {
			w.t.Errorf("%s cannot be rebuilt: %v", id, err)
			continue
		}
		if again, err := keyring.Encode(ring); err != nil || again.Reveal() != value {
			w.t.Errorf("%s is rebuilt differently (%v): -stored +rebuilt\n%s", id, err, cmp.Diff(value, again.Reveal()))
		}
	}
}

func external(state journal.State) bool {
	return slices.ContainsFunc(state.Versions, func(v journal.Version) bool { return v.Origin == journal.External })
}

// value returns a version's value, as docs/design/formats.md defines it under
// "Derivation".
func (w *world) value(id secret.ID, state journal.State, v journal.Version) (secret.Value, error) {
	key, err := w.ring.Key(v.RootKey)
	if err != nil {
		return secret.Value{}, err
	}
	context := rootkey.Context{Lineage: state.Lineage, Environment: w.environment, ID: id, StoreName: state.StoreName, Version: v.Number}
	if v.Origin == journal.Sealed {
		return key.Open(context, v.Sealed)
	}
	return key.Value(context, v.Bytes)
}
