// Package journal is the record of every rotation of one environment
// (docs/design/formats.md, "Journal"): which versions exist, until when the old
// ones stay, what is being written and what was written. It is pure: it parses,
// verifies, formats and compares; where a journal lives is for others.
//
// What it promises:
//
//   - The same journal is the same bytes, so that a diff of two shows what
//     happened and nothing else.
//   - A journal that is torn, half merged or written by a newer release is
//     refused as a whole, naming the line; it is never read in part.
//   - Each entry is authenticated by the root key. An entry that was edited,
//     moved or copied from another environment or owner does not verify.
//   - It holds no value in the clear: generated ones are derived from the root
//     key, those from outside are sealed.
package journal

import (
	"errors"
	"maps"

	"github.com/layeron/rotate/internal/secret"
)

// Schema numbers the file's form. Every change of a field raises it, because an
// entry's authentication covers all of them.
const Schema = 1

// ErrMoved is returned where a journal is no longer at the revision at which it
// was read: another run committed first.
var ErrMoved = errors.New("another run changed the journal first")

// Home says who applies: the Action to a journal on GitHub, the CLI to a file.
type Place string

// The homes of a journal.
const (
	PlaceGitHub Place = "github"
	PlaceFile   Place = "file"
)

// Journal is the file as a whole. Entries are replaced, never changed in
// place, so that two journals may share them.
type Journal struct {
	Schema       int                  `json:"schema"`
	Environment  string               `json:"environment"`
	Project      string               `json:"project"`
	Owner        Owner                `json:"owner"`
	FormerOwners []Owner              `json:"formerOwners"`
	Place        Place                `json:"home"`
	Entries      map[secret.ID]*Entry `json:"entries"`
}

// Owner is whose receipts are ours. On GitHub it is host, numeric repository id
// and project path, so that a renamed repository stays the owner and a fork
// does not become it; for a file it is 16 random bytes.
type Owner struct {
	Host         string `json:"host,omitempty"`
	RepositoryID int64  `json:"repositoryId,omitempty"`
	ProjectPath  string `json:"projectPath,omitempty"`
	File         string `json:"file,omitempty"`
}

// New is an empty journal.
func New(environment, project string, owner Owner, place Place) Journal {
	return Journal{
		Schema: Schema, Environment: environment, Project: project,
		Owner: owner, FormerOwners: []Owner{}, Place: place, Entries: map[secret.ID]*Entry{},
	}
}

// With is the journal with one entry replaced.
func (j Journal) With(id secret.ID, entry *Entry) Journal {
	j.Entries = maps.Clone(j.Entries)
	j.Entries[id] = entry
	return j
}

// Find returns the entry of a secret under its store name, or nil, and its key.
// An entry of the same id under another store name is another secret (fault
// 27): the project was renamed, or the store name was changed.
func (j Journal) Find(id secret.ID, storeName string) (entry *Entry, key secret.ID) {
	for _, key := range []secret.ID{id, Displaced(id, storeName)} {
		if entry, ok := j.Entries[key]; ok && entry.StoreName() == storeName {
			return entry, key
		}
	}
	return nil, id
}

// Put returns the journal with an entry under its id. An entry of another store
// name that held the place is kept beside it, displaced.
func (j Journal) Put(id secret.ID, entry *Entry) (placed Journal, displaced secret.ID) {
	old, held := j.Entries[id]
	placed = j.With(id, entry)
	delete(placed.Entries, Displaced(id, entry.StoreName()))
	if held && old.StoreName() != entry.StoreName() {
		displaced = Displaced(id, old.StoreName())
		placed.Entries[displaced] = old
	}
	return placed, displaced
}

// Displaced is the key of an entry whose id now names a secret with another
// store name.
func Displaced(id secret.ID, storeName string) secret.ID {
	return id + secret.ID("#"+storeName)
}

// Newest is the latest instant at which the journal says that anything
// happened: a switch, an event, or an open intent. A clock that is behind it is
// wrong, or the journal is. Entries to leave out, because they do not verify,
// have no say.
func (j Journal) Newest(leaveOut map[secret.ID]bool) secret.Instant {
	var newest secret.Instant
	for id, entry := range j.Entries {
		if !leaveOut[id] {
			newest = secret.Later(newest, entry.newest())
		}
	}
	return newest
}
