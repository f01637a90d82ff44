package sim_test

import (
	"encoding/json"
	"slices"
)

// maxPlays is how often a scenario is played to find what it needs.
const maxPlays = 600

// shrink leaves out of a failing scenario what it does not need to fail: first
// halves of what happens, then smaller parts, then faults, secrets and
// environments' declarations that change nothing.
func shrink(s scenario, fails func(scenario) bool) scenario {
	plays := 0
	try := func(smaller scenario) bool {
		if plays++; plays > maxPlays || !fails(smaller) {
			return false
		}
		s = smaller
		return true
	}
	for size := len(s.Events) / 2; size > 0; {
		left := false
		for from := len(s.Events) - size; from > -size; from -= size {
			smaller := s
			smaller.Events = slices.Delete(slices.Clone(s.Events), max(from, 0), from+size)
			if from < len(s.Events) && from+size <= len(s.Events) && try(smaller) {
				left = true
			}
		}
		if size > 1 || !left {
			size /= 2
		}
	}
	for i, env := range s.Environments {
		for j := range env.Secrets {
			smaller := s
			smaller.Environments = slices.Clone(s.Environments)
			smaller.Environments[i].Secrets = slices.Clone(s.Environments[i].Secrets)
			smaller.Environments[i].Secrets[j].Gone = true
			try(smaller)
		}
	}
	for i := range s.Events {
		for _, simpler := range simplified(s.Events[i]) {
			smaller := s
			smaller.Events = slices.Clone(s.Events)
			smaller.Events[i] = simpler
			try(smaller)
		}
	}
	return s
}

// simplified are events with less in them.
func simplified(e event) []event {
	var out []event
	if e.Fault != nil {
		without := e
		without.Fault = nil
		out = append(out, without)
		if len(e.Fault.Inside) > 0 {
			for i := range e.Fault.Inside {
				f := *e.Fault
				f.Inside = slices.Delete(slices.Clone(f.Inside), i, i+1)
				less := e
				less.Fault = &f
				out = append(out, less)
			}
		}
	}
	if e.Skew != 0 {
		without := e
		without.Skew = 0
		out = append(out, without)
	}
	return out
}

func (s scenario) String() string {
	text, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(text)
}
