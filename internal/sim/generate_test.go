package sim_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
)

// generator makes a scenario: all that a seed decides.
type generator struct {
	*rand.Rand
	s      scenario
	end    int // minutes
	faults float64
	people float64
	edits  float64
	change float64
}

// generate makes the scenario of a seed, of a length in days.
func generate(seed uint64, length int) scenario {
	t := &generator{Rand: rand.New(rand.NewPCG(seed, 0x6c61796572)), end: length * 24 * 60}
	t.s.Seed = seed
	// Some worlds are calm in one respect, so that the others show.
	mood := func(values ...float64) float64 { return values[t.IntN(len(values))] }
	t.faults, t.people, t.edits, t.change = mood(0, 0.3, 0.6), mood(0, 1, 3), mood(0, 0, 1, 3), mood(0, 1, 2)
	for i := range []int{1, 1, 2, 3}[t.IntN(4)] {
		t.environment(i)
	}
	for i := range t.s.Environments {
		t.runs(i)
		t.peopleIn(i)
	}
	slices.SortStableFunc(t.s.Events, func(a, b event) int { return cmp.Compare(a.At, b.At) })
	return t.s
}

func (t *generator) environment(i int) {
	spec := environmentSpec{Name: []string{"production", "staging", "preview"}[i], File: t.IntN(4) == 0}
	for range (3 + t.IntN(4)) / (i + 1) {
		spec.Secrets = append(spec.Secrets, t.secret(len(spec.Secrets)))
	}
	t.s.Environments = append(t.s.Environments, spec)
}

func (t *generator) secret(i int) secretSpec {
	s := secretSpec{Name: fmt.Sprintf("key-%d", i), Bytes: 16 + t.IntN(48), Static: t.IntN(8) == 0}
	if t.IntN(12) == 0 {
		return s
	}
	s.Every = []int{7, 30, 30, 60, 60, 90, 90, 180}[t.IntN(8)]
	if t.IntN(2) == 0 {
		at := t.IntN(120) - 40
		s.StartAt = &at
	}
	t.retention(&s)
	return s
}

func (t *generator) retention(s *secretSpec) {
	s.Days = 0
	switch s.Mode = []string{"none", "retain_for", "retain_for", "retain_for", "retain_forever"}[t.IntN(5)]; s.Mode {
	case "retain_for":
		s.Days = []int{1, 7, 14, 45, 120}[t.IntN(5)]
	case "retain_forever":
		s.Every = max(s.Every, 30) // two years of them have to fit into a value
	}
}

// runs are the scheduled ones, with outages.
func (t *generator) runs(env int) {
	pause := 1 + t.IntN(7) // days
	for day := 0; day*1440 < t.end; day += pause {
		if t.IntN(200) == 0 {
			day += 20 + t.IntN(80)
		}
		e := event{At: day*1440 + 180 + t.IntN(90), Do: doRun, Env: env, Choice: t.IntN(1000)}
		t.trouble(&e, 0)
		t.add(e)
		if e.Fault != nil && t.IntN(3) == 0 { // a person presses the button again
			t.add(event{At: e.At + t.IntN(40), Do: doRun, Env: env, Choice: t.IntN(1000)})
		}
		if t.IntN(2) == 0 {
			t.add(event{At: e.At + 300 + t.IntN(800), Do: doOperate, Env: env, Choice: t.IntN(1000)})
		}
	}
}

func (t *generator) add(e event) {
	if e.At < t.end {
		t.s.Events = append(t.s.Events, e)
	}
}

// trouble lets a run go wrong, perhaps.
func (t *generator) trouble(e *event, depth int) {
	if t.Float64() < t.faults/20 {
		e.Skew = []int{100, 240, -100, -240, 3600, -3600, 86400 * 366, -86400 * 366}[t.IntN(8)]
	}
	if t.Float64() >= t.faults {
		return
	}
	kinds := []string{
		killBefore, killAfter, killBefore, killAfter, stopBefore, stopAfter, dropBefore, dropAfter, failBefore, failAfter,
		stallBefore, stallAfter, stallBefore, stallAfter, delay, delay, limited, denied, forbidden, down, hollow, mistaken, partial, tooLong,
	}
	f := &fault{Kind: kinds[t.IntN(len(kinds))], Writing: t.IntN(5) > 0, At: 1 + t.IntN(14)}
	switch f.Kind {
	case stallBefore, stallAfter:
		f.Wait = []int{1, 4, 8, 20, 70, 300}[t.IntN(6)]
		f.Inside = t.meanwhile(e.Env, depth)
	case delay:
		f.Wait = []int{1, 4, 8, 20, 70, 300}[t.IntN(6)]
	case limited:
		f.Wait = 1 + t.IntN(10)
	}
	e.Fault = f
}

// meanwhile is what happens while a run is stalled.
func (t *generator) meanwhile(env, depth int) []event {
	var out []event
	for range t.IntN(3) {
		e := event{At: t.IntN(10), Do: doRun, Env: env, Secret: t.anySecret(env), Choice: t.IntN(1000)}
		switch t.IntN(6) {
		case 0:
			e.Do = doForce
		case 1:
			if t.people > 0 {
				e.Do = []string{doMerge, doSquash, doClose, doDelete, doWork}[t.IntN(5)]
			}
		}
		if e.Do == doRun && depth < 1 {
			t.trouble(&e, depth+1)
		}
		out = append(out, e)
	}
	return out
}

func (t *generator) anySecret(env int) int { return t.IntN(len(t.s.Environments[env].Secrets)) }

// peopleIn is what people do to an environment.
func (t *generator) peopleIn(env int) {
	once := func(every int, weight float64, do func(at int)) {
		for at := t.IntN(every * 1440); weight > 0 && at < t.end; at += 1 + int(float64(t.IntN(2*every*1440))/weight) {
			do(at)
		}
	}
	simple := func(kinds ...string) func(int) {
		return func(at int) {
			t.add(event{At: at, Do: kinds[t.IntN(len(kinds))], Env: env, Secret: t.anySecret(env), Choice: t.IntN(1000)})
		}
	}
	once(25, t.people, simple(doMerge, doSquash, doMerge, doSquash, doRebase))
	once(60, t.people, simple(doClose, doReopen, doDelete, doDelete, doRevert, doPushBack, doWork))
	once(200, t.people, simple(doWorkOnBot))
	once(200, t.edits, simple(doEditBase, doEditBot))
	once(150, t.edits, simple(doPut, doWipe, doRemove, doRecreate))
	once(400, t.edits, simple(doRekey))
	once(150, t.people, simple(doRevoke, doSet))
	once(100, t.people, func(at int) {
		e := event{At: at, Do: doForce, Env: env, Secret: t.anySecret(env), Choice: t.IntN(1000)}
		t.trouble(&e, 0)
		t.add(e)
	})
	specs := slices.Clone(t.s.Environments[env].Secrets)
	once(60, t.change, func(at int) {
		i := t.anySecret(env)
		specs[i] = t.redeclared(specs[i])
		spec := specs[i]
		t.add(event{At: at, Do: doDeclare, Env: env, Secret: i, Spec: &spec})
	})
}

// redeclared is a declaration as a person changed it.
func (t *generator) redeclared(s secretSpec) secretSpec {
	switch t.IntN(8) {
	case 0, 1:
		if s.Every > 0 {
			s.Every = []int{7, 21, 30, 45, 60, 90, 120}[t.IntN(7)]
			if s.Mode == "retain_forever" {
				s.Every = max(s.Every, 30)
			}
		}
	case 2:
		at := t.IntN(700)
		s.StartAt = &at
		if t.IntN(3) == 0 {
			s.StartAt = nil
		}
	case 3:
		if s.Mode == "retain_for" {
			s.Days = []int{1, 7, 14, 45, 120}[t.IntN(5)]
		}
	case 4:
		if s.Every > 0 {
			t.retention(&s)
		}
	case 5:
		s.Bytes = 16 + t.IntN(48)
	case 6:
		s.Gone = !s.Gone
	case 7:
		if t.IntN(3) == 0 {
			s.Name += "x"
		}
	}
	return s
}
