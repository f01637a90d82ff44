// Package journalfile keeps a journal in a file of the project
// (docs/design/protocol.md, "A journal in a file"). The file is written
// atomically, and locked during an apply.
//
// The lock is flock(2) on the journal's folder. The system releases it when the
// process ends, for whatever reason. So the holder knows that no earlier writer
// is still running.
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

	"github.com/layeron/rotate/internal/atomicfile"
	"github.com/layeron/rotate/internal/journal"
)

// LockWait is how long an apply waits for another one. It tries once in
// lockPoll.
const (
	LockWait = 60 * time.Second
	lockPoll = 200 * time.Millisecond
)

// ErrLocked is the error of Lock when another apply holds the lock for all of
// LockWait.
var ErrLocked = errors.New("another apply has locked the rotation journal")

// File is a journal in a file.
type File struct {
	root *os.Root
	name string
	lock *os.File
}

// Path returns the path of an environment's journal in a folder, which is
// `.layeron` in a project.
func Path(folder, environment string) string {
	return filepath.Join(folder, "rotation", environment+".json")
}

// Open returns the journal with a name in root. Reading it needs no lock.
func Open(root *os.Root, name string) *File { return &File{root: root, name: name} }

// Path returns the file's path, for messages.
func (f *File) Path() string { return filepath.Join(f.root.Name(), f.name) }

// Lock makes the journal's folder and locks it. It waits for up to LockWait,
// with the caller's sleep.
func (f *File) Lock(ctx context.Context, sleep func(context.Context, time.Duration) error) error {
	lock, err := f.openFolder()
	if err != nil {
		return fmt.Errorf("lock the journal: %w", err)
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

func (f *File) openFolder() (*os.File, error) {
	if err := atomicfile.CheckLinks(f.root, f.name); err != nil {
		return nil, err
	}
	folder := filepath.Dir(f.name)
	if err := f.root.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	return f.root.Open(folder)
}

// Unlock releases the lock.
func (f *File) Unlock() {
	if f.lock != nil {
		_ = f.lock.Close()
		f.lock = nil
	}
}

// Exclusive reports whether this process holds the lock.
func (f *File) Exclusive() bool { return f.lock != nil }

// Read returns the journal. Its revision is journal.NoCommit, because a file
// has no commits.
func (f *File) Read(context.Context) (journal.Snapshot, error) {
	data, err := atomicfile.Read(f.root, f.name)
	if errors.Is(err, fs.ErrNotExist) {
		return journal.Snapshot{Revision: journal.NoCommit}, nil
	}
	if err != nil {
		return journal.Snapshot{}, fmt.Errorf("read journal: %w", err)
	}
	j, err := journal.Parse(data)
	if err != nil {
		return journal.Snapshot{}, fmt.Errorf("read journal %s: %w", f.Path(), err)
	}
	return journal.Snapshot{Journal: &j, Revision: journal.NoCommit}, nil
}

// Write replaces the journal. It needs the lock, and ignores revision and
// message.
func (f *File) Write(_ context.Context, revision string, j journal.Journal, _ string) (string, error) {
	if !f.Exclusive() {
		return "", errors.New("write journal: the lock is not held")
	}
	data, err := journal.Format(j)
	if err != nil {
		return "", fmt.Errorf("write journal: %w", err)
	}
	if err := atomicfile.Write(f.root, f.name, data, 0o644); err != nil {
		return "", fmt.Errorf("write journal: %w", err)
	}
	return revision, nil
}

// Past returns no journal, because a file has no history.
func (f *File) Past(context.Context, string) (*journal.Journal, error) { return nil, nil }
