package actions

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// maxEvent is the largest event file that is read, in bytes. GitHub sends none
// that is larger.
const maxEvent = 25 << 20

// Event holds the fields of an event file that layer uses.
type Event struct {
	PullRequest *PullRequest `json:"pull_request"`
	Repository  Repository   `json:"repository"`
}

// Repository is a repository on GitHub.
type Repository struct {
	ID            int64  `json:"id"`
	DefaultBranch string `json:"default_branch"`
	FullName      string `json:"full_name"`
}

// PullRequest is the pull request that an event is about.
type PullRequest struct {
	Number int    `json:"number"`
	Title  string `json:"title"`
	Draft  bool   `json:"draft"`
	Head   Side   `json:"head"`
	Base   Side   `json:"base"`
}

// Side is the head or the base of a pull request. Repo is nil when the head's
// repository, a fork, was deleted.
type Side struct {
	Ref  string      `json:"ref"`
	SHA  string      `json:"sha"`
	Repo *Repository `json:"repo"`
}

// FromFork reports whether the head is in another repository. GitHub gives the
// runs of such a pull request no secrets and a read-only token.
func (p PullRequest) FromFork() bool {
	return p.Head.Repo == nil || p.Base.Repo == nil || p.Head.Repo.ID != p.Base.Repo.ID
}

// readEvent reads an event file. Without a file, the event is empty.
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

// ParseEvent parses the content of an event file.
func ParseEvent(data []byte) (Event, error) {
	var event Event
	if err := json.Unmarshal(data, &event); err != nil {
		return Event{}, fmt.Errorf("read the event: %w", err)
	}
	return event, nil
}
