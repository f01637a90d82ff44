// Package journal is the record of every rotation of one environment
// (docs/design/formats.md, "Journal"): which versions exist, how long old ones
// stay, what is being written and what was written. It is pure: it parses,
// verifies, merges and formats. Packages journalfile and journalbranch read and
// write it.
//
// It promises:
//
//   - Format writes the same journal as the same bytes, so a diff shows what
//     happened and nothing else.
//   - A journal that is cut off, half merged or written by a newer release is
//     refused as a whole, naming the line.
//   - The root key authenticates each entry. An entry that was edited, moved or
//     copied from another environment or owner does not verify.
//   - It holds no value in plain text: generated values are derived from the
//     root key, and values from outside are sealed.
package journal

import (
	"errors"
	"maps"

	"github.com/layeron/rotate/internal/secret"
)

// Schema is the version of the file format. Every change of a field raises it,
// because an entry's HMAC covers all fields.
const Schema = 1

// ErrMoved is the error of a write to a journal that another run changed after
// it was read.
var ErrMoved = errors.New("another run changed the journal first")

// Place is where a journal is. The Action writes a journal on GitHub, and the
// command line one in a file.
type Place string

// The places of a journal.
const (
	PlaceGitHub Place = "github"
	PlaceFile   Place = "file"
)

// Journal is the whole file. Entries are replaced, never modified, so that two
// journals may share them.
type Journal struct {
	Schema       int                  `json:"schema"`
	Environment  string               `json:"environment"`
	Project      string               `json:"project"`
	Owner        Owner                `json:"owner"`
	FormerOwners []Owner              `json:"formerOwners"`
	Place        Place                `json:"home"`
	Entries      map[secret.ID]*Entry `json:"entries"`
}

// Owner identifies the journal in receipts. On GitHub it is host, numeric
// repository id and project path, so that a renamed repository stays the owner
// and a fork does not become it. For a file it is 16 random bytes.
type Owner struct {
	Host         string `json:"host,omitempty"`
	RepositoryID int64  `json:"repositoryId,omitempty"`
	ProjectPath  string `json:"projectPath,omitempty"`
	File         string `json:"file,omitempty"`
}

// New returns an empty journal.
func New(environment, project string, owner Owner, place Place) Journal {
	return Journal{
		Schema: Schema, Environment: environment, Project: project,
		Owner: owner, FormerOwners: []Owner{}, Place: place, Entries: map[secret.ID]*Entry{},
	}
}

// With returns the journal with one entry replaced.
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

// Put returns the journal with an entry under its id. If the id had an entry with
// another store name, that entry moves to its displaced key, which Put returns.
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

// Displaced returns the key of an entry whose id now has another store name.
func Displaced(id secret.ID, storeName string) secret.ID {
	return id + secret.ID("#"+storeName)
}

// Newest returns the latest instant in the journal: of a switch, an event or an
// open intent. If the clock is behind it, the clock or the journal is wrong.
// leaveOut holds the entries to ignore, because they do not verify.
func (j Journal) Newest(leaveOut map[secret.ID]bool) secret.Instant {
	var newest secret.Instant
	for id, entry := range j.Entries {
		if !leaveOut[id] {
			newest = secret.Later(newest, entry.newest())
		}
	}
	return newest
}
