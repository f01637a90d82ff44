// Package journalfile keeps a journal in a file of the project (DESIGN §7): read
// whole, written atomically, and locked for the whole of an apply.
//
// The lock is flock(2) on the journal's folder. The system releases it when the
// process ends, however it ends; so whoever holds it knows that no earlier
// writer is still at work.
package journalfile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/layeron/rotate/internal/journal"
)

// LockWait is how long an apply waits for another one, and lockPoll how often
// it asks.
const (
	LockWait = 60 * time.Second
	lockPoll = 200 * time.Millisecond
)

// ErrLocked is returned when another apply holds the journal for all of
// LockWait.
var ErrLocked = errors.New("another apply holds the rotation journal")

// File is a journal's home on disk.
type File struct {
	path string
	lock *os.File
}

// Path is where the journal of an environment lives under a folder, which is
// `.layeron` in a project.
func Path(folder, environment string) string {
	return filepath.Join(folder, "rotation", environment+".json")
}

// Open is the journal at path, not locked: good for reading.
func Open(path string) *File { return &File{path: path} }

// Path is the file's path.
func (f *File) Path() string { return f.path }

// Lock makes the folder, takes the lock, and waits up to LockWait for it. Sleep
// is the clock's.
func (f *File) Lock(ctx context.Context, sleep func(context.Context, time.Duration) error) error {
	folder := filepath.Dir(f.path)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("make the journal's folder: %w", err)
	}
	lock, err := os.Open(folder)
	if err != nil {
		return fmt.Errorf("open the journal's folder: %w", err)
	}
	for waited := time.Duration(0); ; waited += lockPoll {
		err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			f.lock = lock
			return nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			_ = lock.Close()
			return fmt.Errorf("lock the journal's folder: %w", err)
		}
		if waited >= LockWait {
			_ = lock.Close()
			return ErrLocked
		}
		if err := sleep(ctx, lockPoll); err != nil {
			_ = lock.Close()
			return err
		}
	}
}

// Unlock gives the lock back.
func (f *File) Unlock() {
	if f.lock != nil {
		_ = f.lock.Close()
		f.lock = nil
	}
}

// Exclusive tells that nobody else can be writing: the lock is held.
func (f *File) Exclusive() bool { return f.lock != nil }

// Read returns the journal as it is now. A file has no commits, so its revision
// is journal.NoCommit, and it has no branches that could disagree.
func (f *File) Read(context.Context) (journal.Snapshot, error) {
	data, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return journal.Snapshot{Revision: journal.NoCommit}, nil
	}
	if err != nil {
		return journal.Snapshot{}, fmt.Errorf("read journal: %w", err)
	}
	j, err := journal.Parse(data)
	if err != nil {
		return journal.Snapshot{}, fmt.Errorf("read journal %s: %w", f.path, err)
	}
	return journal.Snapshot{Journal: &j, Revision: journal.NoCommit}, nil
}

// Write replaces the journal: temporary file, fsync, rename, fsync of the
// folder. It needs the lock, which is what makes it safe; revision and message
// mean nothing to a file.
func (f *File) Write(_ context.Context, revision string, j journal.Journal, _ string) (string, error) {
	if !f.Exclusive() {
		return "", errors.New("write journal: the lock is not held")
	}
	data, err := journal.Format(j)
	if err != nil {
		return "", fmt.Errorf("write journal: %w", err)
	}
	if err := replace(f.path, data); err != nil {
		return "", fmt.Errorf("write journal: %w", err)
	}
	return revision, nil
}

// Past has no answer for a file: only what it holds now is known.
func (f *File) Past(context.Context, string) (*journal.Journal, error) { return nil, nil }

// replace writes a file so that after a crash it is either the old or the new
// one. The temporary name is fixed, for the lock allows one writer, and a crash
// leaves at most that one file, which the next write takes over.
func replace(path string, data []byte) error {
	temporary := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".new")
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		_ = os.Remove(temporary)
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
