package github

import (
	"context"
	"time"
)

// RunAge returns how long ago a workflow run was created.
func (r *Repository) RunAge(ctx context.Context, id int64) (time.Duration, error) {
	run, _, err := r.api.Actions.GetWorkflowRunByID(ctx, r.options.Owner, r.options.Repo, id)
	if err != nil {
		return 0, fail("read when this run was created", readActions, err)
	}
	return r.options.Retry.Clock.Now().Sub(run.GetCreatedAt().Time), nil
}
