package sim_test

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// policy is a declaration as far as it bears on schedule and retention.
type policy struct {
	every   time.Duration // 0: no rotation
	startAt time.Time     // zero: none
	mode    string
	retain  time.Duration
	static  bool
}

// changed is the policy that a write is under: a retention that would destroy
// versions or change the form under readers needs leave.
func (p policy) changed(by author) policy {
	next := by.policy
	destroys := p.mode == "retain_forever" || next.mode == "none"
	if p.mode == "" || p.mode == next.mode || !destroys && p.mode != "none" || by.allowed {
		return next
	}
	if next.every == 0 {
		return p
	}
	next.mode, next.retain = p.mode, p.retain
	return next
}

// account is what is known of one secret.
type account struct {
	values     map[string]string // of every version there ever was, by lineage and number
	promised   map[int]time.Time // versions that must be there, until when; zero: for ever
	superseded map[int]time.Time
	policy     policy // under which the value was written
	current    int
	last       int       // the highest version there ever was
	since      time.Time // when the current version became current
	lineage    string
	lineages   map[string]*lineage // by lineage
	taken      time.Time           // the slot that the current version took
	scheduled  time.Time           // the last scheduled switch
	perhaps    time.Time           // one after it that may have been scheduled
	// begun: a run may have announced a version that no run has written yet.
	begun bool
	// unsure: it is no longer known since when the current version is current.
	unsure bool
	// forked: there are two histories of it, each in a journal that people may bring
	// back.
	forked bool
	// disturbed: a person or a late request put something else in place.
	disturbed bool
	removed   bool   // by a person, with the receipt
	plain     string // the value as written
	writes    int
	written   time.Time // last
}

// lineage is a secret from its first version on. A journal
// that was set back brings an earlier one back.
type lineage struct {
	first  int       // version
	anchor time.Time // when it became current
}

func (a *account) anchor() time.Time {
	if l := a.lineages[a.lineage]; l != nil {
		return l.anchor
	}
	return time.Time{}
}

// promise says until when a version that is superseded stays.
func (a *account) promise(n int, at time.Time, p policy) {
	if n == 0 {
		return
	}
	a.superseded[n] = at
	switch p.mode {
	case "retain_for":
		a.promised[n] = at.Add(p.retain)
	case "retain_forever":
		a.promised[n] = time.Time{}
	}
}

// keepPromises checks that all that was promised is there (P2), and takes in
// what is promised now.
func (a *account) keepPromises(s stored, now time.Time, by author) error {
	released := by.allowed && (by.policy.mode == "none" || by.policy.mode != a.policy.mode && a.policy.mode == "retain_forever" || by.lost)
	a.policy = by.policy
	delete(a.promised, by.revokes)
	if _, held := s.versions[s.current]; !held {
		return fmt.Errorf("P2: the current v%d is not in the value", s.current)
	}
	if !s.versions[s.current].ExpiresAt.IsZero() {
		return fmt.Errorf("P2: the current v%d expires", s.current)
	}
	delete(a.promised, s.current)
	for _, n := range slices.Sorted(maps.Keys(a.promised)) {
		until := a.promised[n]
		if !until.IsZero() && !until.After(now) {
			delete(a.promised, n)
			continue
		}
		v, held := s.versions[n]
		switch {
		case released:
			delete(a.promised, n)
		case !held:
			return fmt.Errorf("P2: v%d is gone, promised until %s", n, until)
		case earlier(v.ExpiresAt, until):
			return fmt.Errorf("P2: v%d expires at %s, promised until %s", n, v.ExpiresAt, until)
		}
	}
	for n, v := range s.versions {
		if n == s.current {
			continue
		}
		own := a.superseded[n].Add(by.policy.retain)
		if by.policy.mode == "retain_for" && now.Before(v.ExpiresAt) && v.ExpiresAt.Before(own) {
			return fmt.Errorf("v%d expires at %s, and the retention declared keeps it until %s", n, v.ExpiresAt, own)
		}
		a.promised[n] = v.ExpiresAt
	}
	return nil
}

// earlier: the zero time is for ever.
func earlier(t, than time.Time) bool {
	return !t.IsZero() && (than.IsZero() || t.Before(than))
}

// forget starts over with a secret of which the store shows nothing, and an older
// journal not enough.
func (a *account) forget() {
	clear(a.values)
	a.lineages[a.lineage] = &lineage{} // it may begin again, at another instant
	a.forked, a.current, a.last, a.policy = true, 0, 0, policy{}
	a.goBack()
}

// goBack: the journal may be an older one, which knows less.
func (a *account) goBack() {
	clear(a.promised)
	a.begun = true
	a.scheduled, a.perhaps = time.Time{}, later(a.scheduled, a.perhaps)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// expired reports whether a version may be there that has expired.
func (a *account) expired(now time.Time) bool {
	for _, until := range a.promised {
		if !until.IsZero() && until.Before(now) {
			return true
		}
	}
	return false
}
