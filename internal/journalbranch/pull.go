package journalbranch

import (
	"context"
	"errors"
	"fmt"

	"github.com/layeron/rotate/internal/github"
)

// EnsurePR opens a pull request if none is open and the bot branch has changes
// that the base branch lacks. An open one stays as it is. If the previous one
// was closed without being merged, the new body says so.
func (b *Branch) EnsurePR(ctx context.Context, body string) (PullRequest, error) {
	found, err := b.findPull(ctx)
	if err == nil && found.Number == 0 && b.Pending() {
		found, err = b.createPull(ctx, found.note, body)
	}
	if err != nil {
		return PullRequest{}, err
	}
	b.pull = &found
	return found, nil
}

// findPull finds the open pull request, and the one before it.
func (b *Branch) findPull(ctx context.Context) (PullRequest, error) {
	list, err := b.repository.PullRequests(ctx, b.options.Branch, b.options.Base)
	if err != nil {
		return PullRequest{}, err
	}
	found := PullRequest{Operation: github.Untouched}
	for i, p := range list {
		if p.Open {
			found.PullRequest, list = p, list[i+1:]
			break
		}
	}
	if len(list) > 0 && !list[0].Merged {
		found.note = replaces(list[0].Number)
	}
	return found, nil
}

func replaces(number int) string {
	return fmt.Sprintf("> [!NOTE]\n> This replaces #%d, which was closed without being merged. The rotations that it recorded had happened anyway, "+
		"so the journal continues from it: closing a rotation's pull request undoes no rotation.\n\n", number)
}

func (b *Branch) createPull(ctx context.Context, note, body string) (PullRequest, error) {
	made, err := b.repository.CreatePullRequest(ctx, b.options.Branch, b.options.Base, b.options.Title, note+body)
	switch {
	case errors.Is(err, github.ErrNothingToMerge):
		return PullRequest{Operation: github.Untouched}, nil
	case errors.Is(err, github.ErrExists): // the answer was lost, or another run was faster
		found, err := b.findPull(ctx)
		if found.Body == note+body {
			found.Operation = github.Created
		}
		return found, err
	}
	return PullRequest{PullRequest: made, Operation: github.Created, note: note}, err
}

// UpdatePR is called once the outcome is recorded. It gives the pull request
// its final body if that differs, opens one if EnsurePR did not, and adds the
// options: to a new one labels and reviewers, then auto-merge. It warns if an
// option cannot be added; a body that cannot be written is an error.
func (b *Branch) UpdatePR(ctx context.Context, body string) (PullRequest, error) {
	if b.pull == nil || b.pull.Number == 0 {
		if p, err := b.EnsurePR(ctx, body); err != nil || p.Number == 0 {
			return p, err
		}
	}
	p := b.pull
	text := p.note + body
	if p.HasBody(text) {
		b.addOptions(ctx, p)
		return *p, nil
	}
	now, err := b.repository.SetBody(ctx, p.Number, text)
	if err != nil {
		return *p, err
	}
	p.Body = text
	if p.Operation == github.Untouched {
		p.Operation = github.Updated
	}
	if now.Open { // else someone closed it just now; the next apply opens a new one
		b.addOptions(ctx, p)
	}
	return *p, nil
}

// addOptions adds labels, reviewers and auto-merge. People may change the first
// two afterwards, so only a new pull request gets them.
func (b *Branch) addOptions(ctx context.Context, p *PullRequest) {
	if p.Operation == github.Created && len(b.options.Labels) > 0 {
		b.warn(b.repository.AddLabels(ctx, p.Number, b.options.Labels))
	}
	if p.Operation == github.Created && len(b.options.Reviewers) > 0 {
		b.warn(b.repository.RequestReview(ctx, p.Number, b.options.Reviewers))
	}
	if b.options.AutoMerge && !p.AutoMerge {
		err := b.repository.EnableAutoMerge(ctx, p.PullRequest)
		p.AutoMerge = err == nil
		b.warn(err)
	}
}

func (b *Branch) warn(err error) {
	if err != nil {
		b.options.Warn(err.Error())
	}
}
