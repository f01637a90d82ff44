package cli_test

import (
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/layeron/rotate/internal/emulator"
	"github.com/layeron/rotate/internal/journal"
)

// checker checks the promises of docs/reliability.md on what the store holds.
// It remembers what it saw before.
type checker struct {
	remote     *remote
	mu         sync.Mutex
	seenValues map[string]string               // store name and version → value
	promised   map[string]map[string]time.Time // store name → version → its expiry, if it has one
	newest     map[string]int                  // store name → the highest version that was current
	slots      map[string]string               // secret id and slot → the version that took it
}

func newChecker(r *remote) *checker {
	return &checker{remote: r, seenValues: map[string]string{}, promised: map[string]map[string]time.Time{}, newest: map[string]int{}, slots: map[string]string{}}
}

// checkStore checks that no version was lost before its expiry (P1, P2), that
// no version has a second value, and that version numbers only grow (P3).
func (c *checker) checkStore() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.remote.store.Secrets() {
		receipt, ok := journal.ParseReceipt(s.Comment)
		if !ok {
			c.remote.t.Errorf("%s has no receipt: %q", s.Name, s.Comment)
			continue
		}
		if int(receipt.Version) < c.newest[s.Name] {
			c.remote.t.Errorf("%s goes back from v%d to %s", s.Name, c.newest[s.Name], receipt.Version)
		}
		c.newest[s.Name] = int(receipt.Version)
		current, versions := readValue(s.Value, receipt.Version.String())
		if current != receipt.Version.String() || versions[current].Value == "" {
			c.remote.t.Errorf("%s: the current version is %s, but the receipt says %s", s.Name, current, receipt.Version)
		}
		c.compare(s.Name, versions)
		if !strings.HasPrefix(s.Value, "{") {
			delete(c.promised, s.Name) // a plain value keeps no old versions
		}
	}
}

func (c *checker) compare(name string, versions map[string]storedVersion) {
	for id, until := range c.promised[name] {
		if _, there := versions[id]; !there && (until.IsZero() || c.remote.clock.Now().Before(until)) {
			c.remote.t.Errorf("at %s %s of %s is lost, which was promised until %s", c.remote.clock.Now(), id, name, until)
		}
	}
	c.promised[name] = map[string]time.Time{}
	for id, v := range versions {
		if old, known := c.seenValues[name+" "+id]; known && old != v.Value {
			c.remote.t.Errorf("%s of %s has a second value", id, name)
		}
		c.seenValues[name+" "+id] = v.Value
		c.promised[name][id] = v.ExpiresAt
	}
}

type storedVersion struct {
	Value     string
	ExpiresAt time.Time
}

// readValue decodes a stored value as a Worker does. A plain value is the
// version that the receipt names.
func readValue(value, receipt string) (current string, versions map[string]storedVersion) {
	var decoded struct {
		Current  string
		Versions map[string]storedVersion
	}
	if json.Unmarshal([]byte(value), &decoded) != nil || len(decoded.Versions) == 0 {
		return receipt, map[string]storedVersion{receipt: {Value: value}}
	}
	return decoded.Current, decoded.Versions
}

// checkJournal checks that no slot caused two rotations (P4).
func (c *checker) checkJournal(text string) {
	c.remote.t.Helper()
	for id, e := range c.parseJournal(text).Entries {
		for _, event := range e.Events {
			key := string(id) + " " + event.Slot.String()
			if took, known := c.slots[key]; known && took != event.Version.String() && !event.Slot.IsZero() {
				c.remote.t.Errorf("%s and %s both took the slot %s", took, event.Version, key)
			}
			c.slots[key] = event.Version.String()
		}
	}
}

// checkRecorded checks that the journal records what the store holds for each
// of these secrets, and that their values can be derived again from journal and
// root key (P1).
func (c *checker) checkRecorded(text string, stored map[string]emulator.Secret) {
	c.remote.t.Helper()
	found := 0
	for id, e := range c.parseJournal(text).Entries {
		s, there := stored[e.StoreName()]
		if !there {
			continue
		}
		found++
		if receipt, _ := journal.ParseReceipt(s.Comment); e.Open() != nil || !receipt.Names(e.State) {
			c.remote.t.Errorf("the journal does not record that %s was written with receipt %q: intent %+v", id, s.Comment, e.Intent)
			continue
		}
		c.checkValues(string(id), *e.State, s.Value)
	}
	if found != len(stored) {
		c.remote.t.Errorf("the journal has entries for %d of %d secrets in the store", found, len(stored))
	}
}

func (c *checker) parseJournal(text string) journal.Journal {
	c.remote.t.Helper()
	j, err := journal.Parse([]byte(text))
	if err != nil {
		c.remote.t.Fatal(err)
	}
	return j
}

// checkValues derives each version in the store again and compares.
func (c *checker) checkValues(id string, state journal.State, value string) {
	c.remote.t.Helper()
	root := decode(c.remote.t, strings.TrimPrefix(rootKey, "layer-root-v1:"))
	_, versions := readValue(value, state.Current.String())
	var e entry
	e.State.StoreName, e.State.Lineage = state.StoreName, string(state.Lineage)
	for _, v := range state.Versions {
		if got := derive(c.remote.t, root, id, e, v.Bytes, int(v.Number)); !v.Gone && got != versions[v.Number.String()].Value {
			c.remote.t.Errorf("%s %s cannot be derived again", id, v.Number)
		}
	}
}
