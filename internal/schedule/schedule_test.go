package schedule_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/schedule"
	"github.com/layeron/rotate/internal/secret"
)

func days(n int) time.Duration { return time.Duration(n) * secret.Day }

// simulation rotates one secret on a schedule. As in the rotation protocol, a
// version that becomes current takes the latest slot reached.
type simulation struct {
	policy  schedule.Policy
	history schedule.History
}

// replace makes a new version current.
func (s *simulation) replace(now secret.Instant) {
	s.history.Switch, s.history.Taken = now, s.policy.Reached(now)
}

// run rotates the secret if it is due. It returns the slot that made it due, or
// none.
func (s *simulation) run(now secret.Instant) secret.Instant {
	slot := s.policy.Due(s.history, now)
	if !slot.IsZero() {
		s.replace(now)
		s.history.LastScheduled = now
	}
	return slot
}

// These are the worked cases of the design document, in its order.
func TestWorkedCases(t *testing.T) {
	type step struct{ action, when string }
	cases := []struct {
		name     string
		interval int
		startAt  string
		steps    []step // create, force, policy:<days>, rotates, idle
		next     string // the next slot, asked after the last step
	}{
		{"I = 7 from 1 June, cron 03:00", 7, "1 Jun",
			[]step{{"create", "10 May"}, {"idle", "31 May 03:00"}, {"rotates", "1 Jun 03:00"}, {"idle", "7 Jun 03:00"}, {"rotates", "8 Jun 03:00"}, {"rotates", "15 Jun 03:00"}}, "22 Jun"},
		{"a run late on 5 June 12:00", 7, "1 Jun",
			[]step{{"create", "10 May"}, {"rotates", "5 Jun 12:00"}, {"idle", "8 Jun 03:00"}, {"idle", "14 Jun 03:00"}, {"rotates", "15 Jun 03:00"}}, "22 Jun"},
		{"a run late on 4 June 06:00", 7, "1 Jun",
			[]step{{"create", "10 May"}, {"rotates", "4 Jun 06:00"}, {"rotates", "8 Jun 03:00"}}, "15 Jun"},
		{"I = 30 from 1 June, outage to 28 June", 30, "1 Jun",
			[]step{{"create", "10 May"}, {"rotates", "28 Jun"}, {"idle", "1 Jul"}, {"idle", "30 Jul 23:59"}, {"rotates", "31 Jul"}}, "30 Aug"},
		{"created 10 May", 30, "1 Jun", []step{{"create", "10 May"}, {"idle", "31 May 23:59"}, {"rotates", "1 Jun"}}, "1 Jul"},
		{"created 31 May 23:59", 30, "1 Jun", []step{{"create", "31 May 23:59"}, {"rotates", "1 Jun"}}, "1 Jul"},
		{"created 10 June", 30, "1 Jun", []step{{"create", "10 Jun"}, {"idle", "10 Jun 00:01"}, {"idle", "30 Jun 23:59"}, {"rotates", "1 Jul"}}, "31 Jul"},
		{"forced 29 June", 30, "1 Jun", []step{{"create", "10 May"}, {"rotates", "1 Jun"}, {"force", "29 Jun"}, {"rotates", "1 Jul"}}, "31 Jul"},
		{"forced 1 July 01:00", 30, "1 Jun", []step{{"create", "10 May"}, {"rotates", "1 Jun"}, {"force", "1 Jul 01:00"}, {"idle", "1 Jul 02:00"}, {"idle", "30 Jul"}, {"rotates", "31 Jul"}}, "30 Aug"},
		{"no startAt, I 30 to 7", 30, "",
			[]step{{"create", "1 Jan"}, {"rotates", "31 Jan"}, {"rotates", "2 Mar"}, {"policy:7", "10 Mar"}, {"idle", "10 Mar"}, {"idle", "11 Mar 23:59"}, {"rotates", "12 Mar"}}, "19 Mar"},
		{"no startAt, I 30 to 45", 30, "",
			[]step{{"create", "1 Jan"}, {"rotates", "31 Jan"}, {"rotates", "2 Mar"}, {"policy:45", "10 Mar"}, {"idle", "31 Mar 23:59"}, {"rotates", "1 Apr"}}, "16 May"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			first := fake.Date(t, c.steps[0].when)
			rotation := secret.Rotation{EveryDays: c.interval, StartAt: fake.Date(t, c.startAt)}
			s := simulation{policy: schedule.For(rotation, first)}
			var now secret.Instant
			for _, step := range c.steps {
				now = fake.Date(t, step.when)
				var interval int
				switch n, _ := fmt.Sscanf(step.action, "policy:%d", &interval); {
				case n == 1:
					s.policy = schedule.For(secret.Rotation{EveryDays: interval, StartAt: rotation.StartAt}, first)
				case step.action == "create", step.action == "force":
					s.replace(now)
				default:
					if rotated := !s.run(now).IsZero(); rotated != (step.action == "rotates") {
						t.Fatalf("%s: rotated = %v, want %s", step.when, rotated, step.action)
					}
				}
			}
			if got, want := s.policy.Next(s.history, now), fake.Date(t, c.next); !got.Equal(want) {
				t.Errorf("next %s, want %s", got.Text(), want.Text())
			}
		})
	}
}

func TestNextBeforeTheAnchor(t *testing.T) {
	p := schedule.For(secret.Rotation{EveryDays: 30, StartAt: fake.Date(t, "1 Jun")}, fake.Date(t, "10 May"))
	h := schedule.History{Switch: fake.Date(t, "10 May")}
	for _, now := range []string{"10 May", "31 May 23:59"} {
		if got := p.Next(h, fake.Date(t, now)); !got.Equal(fake.Date(t, "1 Jun")) {
			t.Errorf("at %s next is %s", now, got.Text())
		}
	}
	if got := p.Next(h, fake.Date(t, "1 Jun")); !got.Equal(fake.Date(t, "1 Jul")) {
		t.Errorf("at the anchor itself, next is %s", got.Text())
	}
}

// A time.Duration overflows after 292 years, so the arithmetic must not use one
// for the distance from the anchor.
func TestAnchorCenturiesAgo(t *testing.T) {
	anchor, err := secret.ParseInstant("0001-01-01T00:00:00.001Z")
	if err != nil {
		t.Fatal(err)
	}
	p := schedule.Policy{Anchor: anchor, Interval: days(7)}
	now := fake.Date(t, "10 Jun")
	slot := p.Reached(now)
	if slot.After(now) || now.Time().Sub(slot.Time()) >= days(7) {
		t.Errorf("slot %s is not the latest one before %s", slot, now)
	}
	if next := p.Next(schedule.History{}, now); next.Time().Sub(slot.Time()) != days(7) {
		t.Errorf("next slot is %s, which is not one interval after %s", next, slot)
	}
}

// For any interval, anchor, run times, outages and forced rotations: every
// rotation is for a slot, no slot causes two rotations, each slot is later than
// the one before, an outage causes one rotation, and Next predicts what Due
// says.
func TestProperties(t *testing.T) {
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		interval := days(7 + r.IntN(60))
		start := fake.Date(t, "1 Jan").Add(time.Duration(r.Int64N(int64(days(90)))))
		s := simulation{policy: schedule.Policy{Anchor: start.Add(time.Duration(r.Int64N(int64(days(200)))) - days(100)), Interval: interval}}
		s.replace(start)
		now, last := start, s.history.Taken
		for range 200 {
			pause := time.Duration(r.Int64N(int64(2 * secret.Day)))
			if r.IntN(20) == 0 {
				pause = time.Duration(r.Int64N(int64(days(120)))) // an outage
			}
			before := now
			now = now.Add(pause)
			predicted := s.policy.Next(s.history, before)
			if r.IntN(40) == 0 {
				s.replace(now) // forced
				last = s.history.Taken
				continue
			}
			slot := s.run(now)
			if due := !predicted.After(now); due != !slot.IsZero() {
				t.Fatalf("seed %d: predicted %s, but at %s rotated for %s", seed, predicted, now, slot)
			}
			if slot.IsZero() {
				continue
			}
			if off := (slot.UnixMilli() - s.policy.Anchor.UnixMilli()) % interval.Milliseconds(); off != 0 {
				t.Fatalf("seed %d: %s is %d ms after a slot", seed, slot, off)
			}
			if !last.IsZero() && !slot.After(last) {
				t.Fatalf("seed %d: slot %s after slot %s", seed, slot, last)
			}
			if again := s.run(now); !again.IsZero() {
				t.Fatalf("seed %d: slot %s rotated twice", seed, again)
			}
			if now.Time().Sub(slot.Time()) >= interval {
				t.Fatalf("seed %d: rotated at %s for %s, which is not the latest slot", seed, now, slot)
			}
			last = slot
		}
	}
}
