package rotate_test

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/journalfile"
	"github.com/layeron/rotate/internal/rotate"
)

// place is where a world keeps its journal.
type place interface {
	// enter gives a run the journal, until it leaves.
	enter(*testing.T, clock) (store rotate.JournalStore, leave func())
	// own sets the place and owner of a new journal.
	own(*rotate.Runner)
	// bytes returns the effective journal, and state all that a run can change.
	bytes(*testing.T) []byte
	state(*testing.T) string
}

// folder is a journal in a file of a project.
type folder struct{ root *os.Root }

func newFolder(t *testing.T) folder {
	t.Helper()
	return folder{fake.Folder(t)}
}

func (f folder) file() *journalfile.File {
	return journalfile.Open(f.root, journalfile.Path(".layeron", "production"))
}

func (f folder) enter(t *testing.T, c clock) (rotate.JournalStore, func()) {
	t.Helper()
	file := f.file()
	if err := file.Lock(t.Context(), c.Sleep); err != nil {
		t.Fatal(err)
	}
	return file, file.Unlock
}

func (folder) own(r *rotate.Runner) {
	r.Journal.Owner, r.Journal.Place = journal.Owner{File: "owner"}, journal.PlaceFile
}

func (f folder) bytes(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile(f.file().Path())
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return data
}

func (f folder) state(t *testing.T) string { return string(f.bytes(t)) }

// repository is a journal on a git host, as a run sees it: a base branch, the bot
// branch and commits. A write succeeds only if the head is still the one that was
// read. It keeps bytes, as git does.
type repository struct {
	id        int64  // numeric; 0 means 4711
	locked    bool   // no other run can be writing
	base, bot string // heads; "" if there is no branch, or no journal on it
	commits   map[string][]byte
	made      int
	read      map[string]journal.Journal // commits that were read before
}

func (r *repository) enter(*testing.T, clock) (rotate.JournalStore, func()) { return r, func() {} }

func (r *repository) own(runner *rotate.Runner) {
	id := r.id
	if id == 0 {
		id = 4711
	}
	runner.Journal.Owner, runner.Journal.Place = journal.Owner{Host: "github.com", RepositoryID: id, ProjectPath: "."}, journal.PlaceGitHub
}

func (r *repository) bytes(t *testing.T) []byte {
	t.Helper()
	now, err := r.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	j := now.Journal
	if j == nil {
		return nil
	}
	data, err := journal.Format(*j)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func (r *repository) state(*testing.T) string { return fmt.Sprint(r.base, r.bot, r.made) }

// head returns the revision that a write must name.
func (r *repository) head() string {
	if r.bot != "" {
		return r.bot
	}
	return r.base
}

// Exclusive reports whether the test says that no other run is active.
func (r *repository) Exclusive() bool { return r.locked }

// Read returns the effective journal of both branches.
func (r *repository) Read(ctx context.Context) (journal.Snapshot, error) {
	base, err := r.Past(ctx, r.base)
	if err != nil {
		return journal.Snapshot{}, err
	}
	bot, err := r.Past(ctx, r.bot)
	if err != nil {
		return journal.Snapshot{}, err
	}
	j, conflicts := journal.Merge(base, bot)
	return journal.Snapshot{Journal: j, Conflicts: conflicts, Revision: r.head()}, nil
}

// Write commits to the bot branch if the head is still at a revision.
func (r *repository) Write(_ context.Context, revision string, j journal.Journal, _ string) (string, error) {
	if revision != r.head() {
		return "", journal.ErrMoved
	}
	data, err := journal.Format(j)
	if err != nil {
		return "", err
	}
	r.bot = r.commit(data)
	return r.bot, nil
}

// Past returns the journal of a commit, or nil if the repository no longer has it.
func (r *repository) Past(_ context.Context, commit string) (*journal.Journal, error) {
	data, held := r.commits[commit]
	if !held {
		return nil, nil
	}
	j, known := r.read[commit]
	if known {
		return &j, nil
	}
	j, err := journal.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	if r.read == nil {
		r.read = map[string]journal.Journal{}
	}
	r.read[commit] = j
	return &j, nil
}

// commit makes a commit with a journal, on no branch yet.
func (r *repository) commit(data []byte) string {
	r.made++
	id := sha1.Sum(fmt.Appendf(nil, "%d %s", r.made, data))
	if r.commits == nil {
		r.commits = map[string][]byte{}
	}
	r.commits[hex.EncodeToString(id[:])] = data
	return hex.EncodeToString(id[:])
}

// merge merges the bot's pull request and keeps the branch.
func (r *repository) merge() {
	r.base = r.commit(r.commits[r.bot])
}

// prune deletes all commits except the heads of the branches.
func (r *repository) prune() {
	for id := range r.commits {
		if id != r.base && id != r.bot {
			delete(r.commits, id)
		}
	}
}
