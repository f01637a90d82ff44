package journalbranch

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/layeron/rotate/internal/github"
)

// maxRunAge is the age up to which a workflow run counts as fresh although the
// base branch has moved on.
const maxRunAge = 6 * time.Hour

// Commit is what a run was started for.
type Commit struct {
	SHA     string
	RunID   int64
	Attempt int64
	// Only is the folder whose changes do not matter, with a slash at its end.
	Only string
}

// Stale returns why a commit may not be applied, or "" if it may: it is the
// base head, or differs from it only in the given folder, or is an ancestor of
// it and the run is young and in its first attempt. It compares with the base
// head of the last Read.
func (b *Branch) Stale(ctx context.Context, c Commit) (string, error) {
	base := b.BaseHead()
	if c.SHA == base {
		return "", nil
	}
	comparison, err := b.repository.Compare(ctx, c.SHA, base)
	if err != nil {
		return "", err
	}
	if comparison.Status != "ahead" {
		return fmt.Sprintf("the run's commit %.12s is not on %s", c.SHA, b.options.Base), nil
	}
	if within(comparison, c.Only) {
		return "", nil
	}
	if c.Attempt != 1 {
		return fmt.Sprintf("%s has moved on since commit %.12s, and this run was started again: start a new one", b.options.Base, c.SHA), nil
	}
	age, err := b.repository.RunAge(ctx, c.RunID)
	if err != nil {
		return "", err
	}
	if age > maxRunAge {
		return fmt.Sprintf("%s has moved on since commit %.12s, and this run is %s old: start a new one", b.options.Base, c.SHA, age.Round(time.Minute)), nil
	}
	return "", nil
}

// within reports whether all changes are in a folder.
func within(c github.Comparison, folder string) bool {
	if c.Truncated {
		return false
	}
	for _, f := range c.Files {
		if !strings.HasPrefix(f.Path, folder) || f.Previous != "" && !strings.HasPrefix(f.Previous, folder) {
			return false
		}
	}
	return true
}
