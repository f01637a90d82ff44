package cli_test

import (
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/layeron/rotate/internal/emulator"
	"github.com/layeron/rotate/internal/journal"
)

// witness sees what the store holds, before each request and after each run,
// and remembers all it saw.
type witness struct {
	remote *remote
	mu     sync.Mutex
	seen   map[string]string               // store name and version → the value it stands for
	held   map[string]map[string]time.Time // store name → version → until when it is promised; zero: for as long as nothing else is said
	newest map[string]int                  // store name → highest version that was current
	slots  map[string]string               // secret id and slot → the version that took it
}

func newWitness(r *remote) *witness {
	return &witness{remote: r, seen: map[string]string{}, held: map[string]map[string]time.Time{}, newest: map[string]int{}, slots: map[string]string{}}
}

// look fails if a version is lost that is still promised (P1, P2), if an id
// stands for a second value, or if ids go back (P3).
func (w *witness) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.remote.store.Secrets() {
		receipt, ok := journal.ParseReceipt(s.Comment)
		if !ok {
			w.remote.t.Errorf("%s has no receipt: %q", s.Name, s.Comment)
			continue
		}
		if int(receipt.Version) < w.newest[s.Name] {
			w.remote.t.Errorf("%s goes back from v%d to %s", s.Name, w.newest[s.Name], receipt.Version)
		}
		w.newest[s.Name] = int(receipt.Version)
		current, versions := readValue(s.Value, receipt.Version.String())
		if current != receipt.Version.String() || versions[current].Value == "" {
			w.remote.t.Errorf("%s holds no current version: %s, the receipt says %s", s.Name, current, receipt.Version)
		}
		w.compare(s.Name, versions)
		if !strings.HasPrefix(s.Value, "{") {
			delete(w.held, s.Name) // a plain value promises no more than itself
		}
	}
}

func (w *witness) compare(name string, versions map[string]storedVersion) {
	for id, until := range w.held[name] {
		if _, there := versions[id]; !there && (until.IsZero() || w.remote.now().Before(until)) {
			w.remote.t.Errorf("at %s %s of %s is lost, promised until %s", w.remote.now(), id, name, until)
		}
	}
	w.held[name] = map[string]time.Time{}
	for id, v := range versions {
		if old, known := w.seen[name+" "+id]; known && old != v.Value {
			w.remote.t.Errorf("%s of %s stands for two values", id, name)
		}
		w.seen[name+" "+id] = v.Value
		w.held[name][id] = v.ExpiresAt
	}
}

type storedVersion struct {
	Value     string
	ExpiresAt time.Time
}

// readValue reads a stored value as a Worker does; a plain one holds the version
// that its receipt names.
func readValue(value, receipt string) (current string, versions map[string]storedVersion) {
	var held struct {
		Current  string
		Versions map[string]storedVersion
	}
	if json.Unmarshal([]byte(value), &held) != nil || len(held.Versions) == 0 {
		return receipt, map[string]storedVersion{receipt: {Value: value}}
	}
	return held.Current, held.Versions
}

// lookAt fails if a slot gave two rotations (P4).
func (w *witness) lookAt(text string) {
	w.remote.t.Helper()
	for id, e := range w.parse(text).Entries {
		for _, event := range e.Events {
			key := string(id) + " " + event.Slot.String()
			if took, known := w.slots[key]; known && took != event.Version.String() && !event.Slot.IsZero() {
				w.remote.t.Errorf("%s and %s both took the slot %s", took, event.Version, key)
			}
			w.slots[key] = event.Version.String()
		}
	}
}

// recorded fails unless a journal says of each of these secrets what the store
// holds, and it can be made again from journal and root key (P1).
func (w *witness) recorded(text string, stored map[string]emulator.Secret) {
	w.remote.t.Helper()
	found := 0
	for id, e := range w.parse(text).Entries {
		s, there := stored[e.StoreName()]
		if !there {
			continue
		}
		found++
		if receipt, _ := journal.ParseReceipt(s.Comment); e.Open() != nil || !receipt.Names(e.State) {
			w.remote.t.Errorf("%s is written as %q, and the journal does not say so: intent %+v", id, s.Comment, e.Intent)
			continue
		}
		w.rebuild(string(id), *e.State, s.Value)
	}
	if found != len(stored) {
		w.remote.t.Errorf("the journal tells of %d of %d secrets that are written", found, len(stored))
	}
}

func (w *witness) parse(text string) journal.Journal {
	w.remote.t.Helper()
	j, err := journal.Parse([]byte(text))
	if err != nil {
		w.remote.t.Fatal(err)
	}
	return j
}

// rebuild derives each version that the store holds from the root key.
func (w *witness) rebuild(id string, state journal.State, value string) {
	w.remote.t.Helper()
	root := decode(w.remote.t, strings.TrimPrefix(rootKey, "layer-root-v1:"))
	_, versions := readValue(value, state.Current.String())
	var e entry
	e.State.StoreName, e.State.Lineage = state.StoreName, string(state.Lineage)
	for _, v := range state.Versions {
		if got := derive(w.remote.t, root, e, &rule{id: id, bytes: v.Bytes}, int(v.Number)); !v.Gone && got != versions[v.Number.String()].Value {
			w.remote.t.Errorf("%s %s cannot be made again", id, v.Number)
		}
	}
}
