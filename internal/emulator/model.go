package emulator

import "time"

// instant is how instants are written, in the file and in answers.
const instant = "2006-01-02T15:04:05.000Z07:00"

// The statuses of a secret.
const (
	Pending = "pending"
	Active  = "active"
	Deleted = "deleted"
)

// Secret is a secret with its value, which the API never shows.
type Secret struct {
	ID       string
	Name     string
	Value    string
	Comment  string
	Status   string
	Created  time.Time
	Modified time.Time
}

// key finds a secret: names are unique in a store.
type key struct{ store, name string }

// record is a secret and how many reads it stays in a passing status.
type record struct {
	Secret
	reads int
}

// How many secrets a page has, if the request does not say, and at most.
const (
	defaultPerPage = 20
	maxPerPage     = 100
)
