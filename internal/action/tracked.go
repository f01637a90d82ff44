package action

import (
	"context"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/journalbranch"
)

// trackedJournal remembers the journal's last commit, for the outputs.
type trackedJournal struct {
	*journalbranch.Branch
	last string
}

func (t *trackedJournal) Write(ctx context.Context, revision string, j journal.Journal, message string) (string, error) {
	next, err := t.Branch.Write(ctx, revision, j, message)
	if err == nil {
		t.last = next
	}
	return next, err
}

func (t *trackedJournal) lastCommit() string {
	if t == nil {
		return ""
	}
	return t.last
}
