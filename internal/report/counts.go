package report

import (
	"fmt"
	"strings"

	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
)

// Counts returns one line that says what a plan would do, or what an apply did.
func Counts(result rotate.Result) string {
	return sentence(tally(result), result.Plan, plan.Blocked, plan.None, plan.Orphaned)
}

// tally counts what a plan would do, or what an apply did.
func tally(result rotate.Result) []string {
	if result.Outcomes == nil {
		return planned(result.Plan)
	}
	return done(result)
}

func planned(p plan.Plan) []string {
	var parts []string
	for _, a := range []plan.Action{plan.Create, plan.Rotate, plan.Recover, plan.Extend, plan.Prune} {
		if n := p.Count(a); n > 0 {
			parts = append(parts, fmt.Sprintf("%d to %s", n, a))
		}
	}
	if len(parts) == 0 {
		return []string{"nothing is due"}
	}
	return parts
}

func done(result rotate.Result) []string {
	counts, failed := map[plan.Action]int{}, 0
	for _, e := range result.Plan.Entries {
		switch result.Outcomes[e.ID].Result {
		case rotate.Applied:
			counts[e.Action]++
		case rotate.Failed:
			failed++
		}
	}
	var parts []string
	for _, a := range []plan.Action{plan.Create, plan.Rotate, plan.Recover, plan.Extend, plan.Prune} {
		if counts[a] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[a], did[a]))
		}
	}
	if failed > 0 {
		parts = append(parts, fmt.Sprintf("%d failed", failed))
	}
	if len(parts) == 0 {
		return []string{"nothing was changed"}
	}
	return parts
}

// sentence adds how many secrets have each of the other actions.
func sentence(parts []string, p plan.Plan, rest ...plan.Action) string {
	words := map[plan.Action]string{plan.Blocked: "blocked", plan.None: "unchanged", plan.Orphaned: "orphaned"}
	for _, action := range rest {
		if n := p.Count(action); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, words[action]))
		}
	}
	return strings.Join(parts, ", ")
}
