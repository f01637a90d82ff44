package actions

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// maxEvent bounds what is read of an event file; GitHub's own limit is below.
const maxEvent = 25 << 20

// Event is what the event file tells, as far as it matters here.
type Event struct {
	PullRequest *PullRequest `json:"pull_request"`
	Repository  Repository   `json:"repository"`
}

// Repository is the one that the workflow belongs to.
type Repository struct {
	ID            int64  `json:"id"`
	DefaultBranch string `json:"default_branch"`
	FullName      string `json:"full_name"`
}

// PullRequest is the one that an event is about.
type PullRequest struct {
	Number int    `json:"number"`
	Title  string `json:"title"`
	Draft  bool   `json:"draft"`
	Head   Side   `json:"head"`
	Base   Side   `json:"base"`
}

// Side is one side of a pull request. Repo is null when a fork was deleted.
type Side struct {
	Ref  string      `json:"ref"`
	SHA  string      `json:"sha"`
	Repo *Repository `json:"repo"`
}

// FromFork tells that the head is in another repository, whose runs get no
// secrets and a token that may only read.
func (p PullRequest) FromFork() bool {
	return p.Head.Repo == nil || p.Base.Repo == nil || p.Head.Repo.ID != p.Base.Repo.ID
}

// readEvent reads an event file; a run without one has an empty event.
func readEvent(path string) (Event, error) {
	if path == "" {
		return Event{}, nil
	}
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return Event{}, nil
	}
	if err != nil {
		return Event{}, fmt.Errorf("read the event: %w", err)
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, maxEvent))
	if err != nil {
		return Event{}, fmt.Errorf("read the event: %w", err)
	}
	return ParseEvent(data)
}

// ParseEvent reads an event.
func ParseEvent(data []byte) (Event, error) {
	var event Event
	if err := json.Unmarshal(data, &event); err != nil {
		return Event{}, fmt.Errorf("read the event: %w", err)
	}
	return event, nil
}
