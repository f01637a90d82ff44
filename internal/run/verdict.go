package run

import (
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
)

// Verdict sums up a result for an exit code.
type Verdict struct {
	Failed  bool // a write failed
	Blocked bool // a secret is blocked, and not only waiting
	Waiting bool // a secret waits for an operator, a product or another run
	Due     bool // a creation or rotation was planned and not carried out
	Pending bool // an apply has anything to do or to ask for
}

// Judge sums up a result.
func Judge(result rotate.Result) Verdict {
	v := Verdict{Pending: result.Plan.Pending()}
	for _, e := range result.Plan.Entries {
		blocked, outcome := e.Action == plan.Blocked, result.Outcomes[e.ID].Result
		v.Failed = v.Failed || outcome == rotate.Failed
		v.Blocked = v.Blocked || blocked && !e.Status.Waiting()
		v.Waiting = v.Waiting || blocked && e.Status.Waiting()
		v.Due = v.Due || outcome == "" && (e.Action == plan.Create || e.Action == plan.Rotate)
	}
	return v
}
