package emulator

import "time"

// instant is the layout of times in the file and in answers.
const instant = "2006-01-02T15:04:05.000Z07:00"

// The statuses of a secret.
const (
	Pending = "pending"
	Active  = "active"
	Deleted = "deleted"
)

// Secret is a secret with its value, which the API does not show.
type Secret struct {
	ID       string
	Name     string
	Value    string
	Comment  string
	Status   string
	Created  time.Time
	Modified time.Time
}

// key identifies a secret: names are unique in a store.
type key struct{ store, name string }

// record is a secret with the number of reads for which it stays pending or
// deleted.
type record struct {
	Secret
	reads int
}

// The number of secrets on a page: by default, and at most.
const (
	defaultPerPage = 20
	maxPerPage     = 100
)
