package sim_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// model says what readers of the store must be able to read. It sees what a
// Worker sees, the stored values, and knows what was declared when they were
// written; of journals and plans it knows nothing.
type model struct {
	secrets map[string]*account // by store name
}

// author is the run that wrote a value.
type author struct {
	policy  policy
	planned time.Time // the instant it planned for
	allowed bool      // to destroy versions
	asked   bool      // for a new version, whatever is due
	repairs bool      // brings back what was written, or less of it
	urgent  bool      // whatever the schedule says
	revokes int
	discard bool // starts a new lineage
	late    bool // the request landed after others that were sent after it
	lost    bool // people destroyed what the journal knew
}

func newModel() *model { return &model{secrets: map[string]*account{}} }

func (m *model) account(name string) *account {
	a := m.secrets[name]
	if a == nil {
		a = &account{values: map[string]string{}, promised: map[int]time.Time{}, superseded: map[int]time.Time{}, lineages: map[string]*lineage{}}
		m.secrets[name] = a
	}
	return a
}

// stored is a value as a Worker reads it.
type stored struct {
	plain    bool
	current  int
	lineage  string
	versions map[int]version
}

type version struct {
	Value      *string   `json:"value"`
	ActiveFrom time.Time `json:"activeFrom"`
	ExpiresAt  time.Time `json:"expiresAt"`
}

var stamp = regexp.MustCompile(`layer:1 \S+ v(\d+) s\d+ (\S+) \S+ \S+ \S+$`)

// read reads a stored value; which version a plain one is, only its comment
// tells.
func read(value, comment string) (stored, error) {
	m := stamp.FindStringSubmatch(comment)
	if m == nil {
		return stored{}, fmt.Errorf("written without a receipt: %q", comment)
	}
	number, err := strconv.Atoi(m[1])
	if err != nil {
		return stored{}, err
	}
	s := stored{current: number, lineage: m[2], versions: map[int]version{}}
	var document struct {
		Current  string             `json:"current"`
		Versions map[string]version `json:"versions"`
	}
	if json.Unmarshal([]byte(value), &document) != nil || document.Current == "" {
		s.plain, s.versions[number] = true, version{Value: &value}
		return s, nil
	}
	if document.Current != "v"+m[1] {
		return stored{}, fmt.Errorf("its receipt says v%d and its value %s", number, document.Current)
	}
	for id, v := range document.Versions {
		n, err := strconv.Atoi(id[1:])
		if err != nil || id[0] != 'v' {
			return stored{}, fmt.Errorf("version %q", id)
		}
		if v.Value != nil {
			s.versions[n] = v
		}
	}
	return s, nil
}

// wrote takes in what a run wrote, and says what is wrong with it.
func (m *model) wrote(name, value, comment string, now time.Time, by author) error {
	a := m.account(name)
	s, err := read(value, comment)
	if err != nil {
		return err
	}
	a.writes++
	a.written = now
	if (a.removed || a.forked) && by.lost { // what there was is no longer known
		a.forget()
	}
	a.removed = false
	switch {
	case s.lineage == a.lineage && s.current == a.current && by.repairs:
		by.policy = a.policy
	case s.lineage == a.lineage:
		by.policy = a.policy.changed(by)
	}
	if s.plain && by.lost { // which retention was recorded, only the form shows
		by.policy.mode, by.policy.retain = "none", 0
	}
	for _, n := range slices.Sorted(maps.Keys(s.versions)) {
		text := *s.versions[n].Value
		id := fmt.Sprintf("%s v%d", s.lineage, n)
		if known, seen := a.values[id]; seen && known != text {
			return fmt.Errorf("P3: v%d has two values", n)
		}
		a.values[id] = text
	}
	if by.late {
		a.disturbed = true
		return nil
	}
	if s.current < a.last {
		return fmt.Errorf("P3: v%d is current after there was v%d", s.current, a.last)
	}
	a.disturbed, a.plain = false, value
	if by.discard {
		a.goBack()
	}
	if err := a.takeTurn(s, by); err != nil {
		return err
	}
	return a.keepPromises(s, now, by)
}

// takeTurn follows which version is current, and says if it should not be.
func (a *account) takeTurn(s stored, by author) error {
	since := by.planned
	if !s.plain {
		since = s.versions[s.current].ActiveFrom
	}
	switch {
	case s.lineage != a.lineage:
		if a.current != 0 && !by.discard {
			return fmt.Errorf("a new lineage begins at v%d, without being asked for", s.current)
		}
		a.lineage, a.current, a.unsure = s.lineage, 0, a.lineages[s.lineage] != nil
		a.scheduled, a.perhaps = time.Time{}, time.Time{}
		a.lineages[s.lineage] = &lineage{s.current, since}
		if a.unsure {
			a.lineages[s.lineage] = &lineage{} // the journal that people brought back may have another beginning
		}
	case s.current == a.current:
		if s.plain || since.Equal(a.since) {
			a.unsure = a.unsure || s.plain && by.repairs // perhaps dated again, which a plain value does not show
			return nil
		}
		if a.scheduled.Equal(a.since) { // dated again
			a.scheduled = since
		}
		if a.perhaps.Equal(a.since) {
			a.perhaps = since
		}
		if l := a.lineages[a.lineage]; l != nil && s.current == l.first {
			l.anchor = since
		}
	default:
		due := a.due(by.policy, since)
		if due == no && !by.asked && !a.begun {
			return fmt.Errorf("P4: v%d was made at %s, when none was due: v%d since %s, last scheduled %s", s.current, since, a.current, a.since, a.scheduled)
		}
		switch {
		case due == yes && !by.urgent:
			a.scheduled, a.perhaps = since, time.Time{}
		case due == maybe && !by.urgent:
			a.perhaps = since
		}
		a.unsure = a.current == 0 || a.unsure && by.asked
		if !by.discard { // of what is discarded, the journal may not know the last version
			a.promise(a.current, since, by.policy)
		}
	}
	if s.current != a.current {
		a.begun = false
	}
	a.current, a.last, a.since, a.taken = s.current, s.current, since, by.policy.reached(a.anchor(), since)
	return nil
}

// touched: a person changed the value, or deleted the secret.
func (m *model) touched(name string, removed bool) {
	a := m.account(name)
	a.disturbed, a.removed = true, a.removed || removed
}

// begun: a run that was to make a new version ended, and it is not known how.
func (m *model) begun(name string) { m.account(name).begun = true }

// overdue says what should have been done by now and was not, by a run that had
// nothing in its way.
func (m *model) overdue(name string, now time.Time, p policy, value, comment string) error {
	a := m.account(name)
	if p.static && (a.current == 0 || p.every == 0) { // it is simply there
		return nil
	}
	if a.current == 0 {
		return fmt.Errorf("was not created")
	}
	if !p.static && a.due(p, now) == yes {
		return fmt.Errorf("P4: is still due at %s: v%d since %s, last scheduled %s", now, a.current, a.since, a.scheduled)
	}
	if a.disturbed {
		return fmt.Errorf("P1: what is in the store is not what was written")
	}
	s, err := read(value, comment)
	if err != nil {
		return err
	}
	for n, v := range s.versions {
		if n != s.current && !v.ExpiresAt.IsZero() && v.ExpiresAt.Add(10*time.Minute).Before(now) {
			return fmt.Errorf("v%d expired at %s and is still there at %s", n, v.ExpiresAt, now)
		}
	}
	return nil
}
