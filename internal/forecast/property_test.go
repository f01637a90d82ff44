package forecast_test

import (
	"fmt"
	"math/rand"
	"testing"
	"time"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/forecast"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/plan/plantest"
	"github.com/layeron/rotate/internal/secret"
)

// A forecast that plans later contradict would announce rotations that do not
// happen, or a readable version that is gone. So each plan after the forecast,
// at every slot and at times between, has to agree with it.
func TestForecastAgreesWithPlans(t *testing.T) {
	for seed := range int64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { foresee(t, rand.New(rand.NewSource(seed))).follow() })
	}
}

// Under a shorter retention a new version expires before old ones do, and leaves
// its time behind, so the value goes on growing.
func TestForecastAfterShorterRetention(t *testing.T) {
	w := plantest.New(t, fake.RandomSecret("auth/session-key", 7, fake.KeepDays(120))).Until("1 Jun", "8 Jun", "15 Jun", "22 Jun")
	w.Declare(fake.RandomSecret("auth/session-key", 7, fake.KeepDays(3)))
	forecastOf(t, w.At("29 Jun"), rand.New(rand.NewSource(1))).follow()
}

// future is a forecast and the world that it is about.
type future struct {
	*plantest.World
	t        *testing.T
	random   *rand.Rand
	plan     plan.Plan
	until    secret.Instant
	timeline forecast.Timeline
	largest  int // the stored value so far
}

// foresee makes a secret with a past, changes its policy, and forecasts.
func foresee(t *testing.T, random *rand.Rand) *future {
	d := fake.RandomSecret("auth/session-key", 7+random.Intn(60), fake.KeepDays(14))
	w := plantest.New(t)
	w.In.Request.AllowDestructive = true
	for range random.Intn(4) {
		w.Declare(vary(random, d)).Apply()
		w.In.Now = w.In.Now.Add(time.Duration(random.Intn(60*24)) * time.Hour)
	}
	return forecastOf(t, w.Declare(vary(random, d)), random)
}

func forecastOf(t *testing.T, w *plantest.World, random *rand.Rand) *future {
	p := w.Plan()
	f := &future{World: w, t: t, random: random, plan: p, until: p.GeneratedAt.Add(400 * secret.Day), largest: p.Entries[0].Bytes}
	f.timeline = forecast.Timelines(p, w.In.Document, f.until)[0]
	return f
}

func vary(random *rand.Rand, d secret.Declaration) secret.Declaration {
	rotation := *d.Rotation
	rotation.EveryDays += random.Intn(2) * random.Intn(20)
	rotation.StartAt = rotation.StartAt.Add(time.Duration(random.Intn(100*24)) * time.Hour)
	if random.Intn(3) == 0 {
		rotation.StartAt = secret.Instant{}
	}
	switch random.Intn(8) {
	case 0:
		rotation.Retain = fake.KeepNone
	case 1, 2:
		rotation.Retain = fake.KeepForever
	default:
		rotation.Retain = fake.KeepDays(1 + random.Intn(120))
	}
	d.Rotation = &rotation
	return d
}

// follow makes the plans that come after the forecast.
func (f *future) follow() {
	for i, span := range f.timeline.Current {
		f.In.Now = span.From
		f.measure(f.Plan().Entries[0])
		f.Apply()
		after := f.Plan().Entries[0]
		if last := i == len(f.timeline.Current)-1; after.Current != span.First || !last && !after.NextDueAt.Equal(span.Until) || last && after.NextDueAt.Before(f.until) {
			f.t.Fatalf("%s: %s is current until %s, but the forecast was %v", span.From.Text(), after.Current, after.NextDueAt.Text(), span)
		}
		f.look(span.From, after.Versions)
		for range 3 {
			f.In.Now = span.From.Add(time.Duration(f.random.Int63n(int64(span.Until.Time().Sub(span.From.Time())))))
			f.look(f.In.Now, f.Plan().Entries[0].Versions)
		}
	}
}

// measure compares a value that grew larger than it ever was with the forecast
// under a limit that is one byte less.
func (f *future) measure(e plan.Entry) {
	if e.Bytes <= f.largest || !e.Retain.Versioned() {
		return
	}
	longerIDs := e.Bytes-f.largest <= len(e.Versions)+2
	f.largest = e.Bytes
	after := f.plan.Entries[0].After
	if int(after[len(after)-1].ID-after[0].ID) >= len(after) {
		return // a version that is gone takes room that no forecast knows of
	}
	full := forecast.CapacityOf(f.plan, f.In.Document, forecast.Limits{ValueBytes: e.Bytes - 1}).Full
	switch {
	case len(full) == 0 && longerIDs:
	case len(full) == 0:
		f.t.Fatalf("%s: %d bytes, and the forecast was that it never grows so large", f.In.Now.Text(), e.Bytes)
	case !full[0].At.Equal(f.In.Now):
		f.t.Fatalf("%s: %d bytes, but the forecast was %s", f.In.Now.Text(), e.Bytes, full[0].At.Text())
	}
}

// look compares the old versions that are readable with the forecast.
func (f *future) look(now secret.Instant, versions []plan.Version) {
	var window forecast.Span
	for _, s := range f.timeline.Overlap {
		if !now.Before(s.From) && now.Before(s.Until) {
			window = s
		}
	}
	readable := 0
	for _, v := range versions {
		if v.State != "retained" {
			continue
		}
		readable++
		if inWindow := window.First <= v.ID && v.ID <= window.Last; !inWindow && !f.timeline.Forever {
			f.t.Fatalf("%s: %s is readable, but the forecast was %v", now.Text(), v.ID, window)
		}
	}
	if window.First != 0 && readable == 0 {
		f.t.Fatalf("%s: no old version is readable, but the forecast was %v", now.Text(), window)
	}
}
