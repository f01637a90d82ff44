package plan_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/keyring"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/secret"
)

// model is what readers of one secret were promised. It follows the rules of
// docs/design/schedule.md and the values that the store held, without the journal.
type model struct {
	policy     secret.Retention // of the last write
	current    string
	superseded map[string]secret.Instant
	until      map[string]secret.Instant // of superseded versions; zero: forever
	values     map[string]string         // of every id so far
	highest    int
}

func newModel() *model {
	return &model{superseded: map[string]secret.Instant{}, until: map[string]secret.Instant{}, values: map[string]string{}}
}

// mustBlock reports whether a policy destroys versions or changes the stored form.
func (m *model) mustBlock(policy secret.Retention) bool {
	if m.current == "" {
		return false
	}
	return m.policy.Mode == secret.RetainForever && policy.Mode != secret.RetainForever || m.policy.Versioned() != policy.Versioned()
}

// carry updates the promises for a run under a policy.
func (m *model) carry(policy secret.Retention, now secret.Instant) {
	for id, until := range m.until {
		own := m.superseded[id].Add(policy.Window())
		switch {
		case policy.Mode == secret.RetainNone, !until.IsZero() && !now.Before(until):
			delete(m.until, id)
		case policy.Mode == secret.RetainForever:
			m.until[id] = secret.Instant{}
		case until.IsZero():
			m.until[id] = secret.Later(now, own)
		default:
			m.until[id] = secret.Later(until, own)
		}
	}
}

// supersede makes a version current, and promises the one before it.
func (m *model) supersede(by string, policy secret.Retention, now secret.Instant) {
	if m.current != "" && policy.Mode != secret.RetainNone {
		m.superseded[m.current], m.until[m.current] = now, secret.Instant{}
		if policy.Mode == secret.RetainFor {
			m.until[m.current] = now.Add(policy.Window())
		}
	}
	m.current = by
}

// active returns the versions that a reader may still use, and until when.
func (m *model) active(now secret.Instant) map[string]string {
	out := map[string]string{m.current: "current"}
	for id, until := range m.until {
		if until.IsZero() || now.Before(until) {
			out[id] = until.String()
		}
	}
	return out
}

// year is one run of the property test.
type year struct {
	*world
	r     *rand.Rand
	model *model
	slots map[secret.Instant]bool
	void  map[secret.Version]bool
	runs  int
}

// A year of random policies and outages, and of forced, killed and failed runs.
// After every run that was not blocked, the store holds exactly what was promised
// (P2), no id has had two values or is used after it was void, ids only grow (P3),
// no slot has rotated twice (P4), and running again changes nothing (P6).
func TestAYear(t *testing.T) {
	for seed := range uint64(40) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 2026))
			y := &year{world: newWorld(t, randomly(r)), r: r, model: newModel(), slots: map[secret.Instant]bool{}, void: map[secret.Version]bool{}}
			y.in.PruneGrace = time.Duration(r.IntN(2)) * 5 * time.Minute
			for end := y.in.Now.Add(365 * secret.Day); y.in.Now.Before(end) && !t.Failed(); {
				y.run()
				y.later(time.Duration(r.Int64N(int64(12 * secret.Day))))
				if r.IntN(4) == 0 {
					y.declare(randomly(r))
				}
			}
		})
	}
}

// randomly declares the secret with a random policy.
func randomly(r *rand.Rand) secret.Declaration {
	d := random(sessionKey, []secret.Retention{none, forever, keep(1 + r.IntN(60)), keep(1 + r.IntN(60)), keep(1 + r.IntN(9))}[r.IntN(5)])
	d.Rotation.EveryDays = 7 + r.IntN(40)
	d.Bytes = 16 + r.IntN(40)
	if r.IntN(3) == 0 {
		d = anchored(d)
	}
	return d
}

// run is one run. It may be killed or fail, and the next one may begin before its
// intent has lapsed.
func (y *year) run() {
	y.t.Helper()
	y.runs++
	y.in.Request = plan.Request{Run: fmt.Sprint("run-", y.runs), AllowDestructive: y.r.IntN(2) == 0}
	if y.r.IntN(5) == 0 {
		y.in.Request.Force, y.in.Request.Reason = true, "test"
	}
	e := find(y.t, y.announce(), sessionKey)
	y.mayBlock(e)
	switch {
	case e.Action == plan.Blocked:
		return
	case !e.Writes():
		y.unwritten(e)
		return
	case y.void[e.Next]:
		y.t.Fatalf("%s: %s is void, yet used again", y.in.Now, e.Next)
	}
	switch y.r.IntN(8) {
	case 0: // killed before the write
		y.later(time.Duration(y.r.IntN(20)) * time.Minute)
		return
	case 1:
		y.unsend(sessionKey)
		return
	case 2:
		y.refuse(sessionKey, "another cause")
		if e.Next > e.Current {
			y.void[e.Next] = true
		}
		return
	}
	y.write(sessionKey)
	y.wrote(e)
	if y.r.IntN(6) == 0 { // killed before it records the outcome
		y.later(time.Duration(y.r.IntN(60)) * time.Minute)
		return
	}
	y.record(sessionKey)
	if again := y.entry(sessionKey); again.Change != nil {
		y.t.Fatalf("%s: the next run changes it again: %s/%s (%s)", y.in.Now, again.Action, again.Status, again.Reason)
	}
}

// mayBlock checks that a run is blocked where it must be, and only there.
func (y *year) mayBlock(e plan.Entry) {
	y.t.Helper()
	must := y.model.mustBlock(e.Retain) && !y.in.Request.AllowDestructive
	switch {
	case e.Action == plan.Blocked && e.Status == plan.InFlight:
	case e.Action == plan.Blocked != must:
		y.t.Fatalf("%s: %s/%s (%s), from %v to %v", y.in.Now, e.Action, e.Status, e.Reason, y.model.policy, e.Retain)
	}
}

// unwritten checks a run that wrote nothing: no promise may have needed a write.
func (y *year) unwritten(e plan.Entry) {
	y.t.Helper()
	if y.model.mustBlock(e.Retain) {
		y.t.Fatalf("%s: may change from %v to %v, yet nothing is written", y.in.Now, y.model.policy, e.Retain)
	}
	y.model.carry(e.Retain, y.in.Now)
	y.check()
}

// wrote applies a write to the model.
func (y *year) wrote(e plan.Entry) {
	y.t.Helper()
	if slot := e.Change.Entry.Intent.Slot; !slot.IsZero() {
		if y.slots[slot] {
			y.t.Fatalf("%s: slot %s rotates twice", y.in.Now, slot)
		}
		y.slots[slot] = true
	}
	y.model.carry(e.Retain, y.in.Now)
	if e.Next != 0 {
		if int(e.Next) <= y.model.highest {
			y.t.Fatalf("%s: %s after v%d", y.in.Now, e.Next, y.model.highest)
		}
		y.model.highest = int(e.Next)
		y.model.supersede(e.Next.String(), e.Retain, y.in.Now)
	}
	y.model.policy = e.Retain
	y.check()
}

// check reads the store as a Worker does, and compares it with the model.
func (y *year) check() {
	y.t.Helper()
	ring := fake.NewReader(y.values[y.in.Document.Secrets[0].StoreName], keyring.Base64URL)
	if ring.Versioned != y.model.policy.Versioned() {
		y.t.Fatalf("%s: versioned %v under %v", y.in.Now, ring.Versioned, y.model.policy)
	}
	got := map[string]string{}
	for i, v := range ring.Active(y.in.Now) {
		id, until := v.ID, v.ExpiresAt.String()
		if !ring.Versioned {
			id = y.model.current
		}
		if i == 0 {
			until = "current"
		}
		got[id] = until
		if was, known := y.model.values[id]; known && was != v.Value.Reveal() {
			y.t.Fatalf("%s: %s has another value than before", y.in.Now, id)
		}
		y.model.values[id] = v.Value.Reveal()
	}
	if diff := cmp.Diff(y.model.active(y.in.Now), got); diff != "" {
		y.t.Fatalf("%s: the store does not hold what was promised: -promised +held\n%s", y.in.Now, diff)
	}
}
