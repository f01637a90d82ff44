package journalfile_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/journalfile"
)

func sample() journal.Journal {
	return journal.New("production", "billing", journal.Owner{File: "AAECAwQFBgcICQoLDA0ODw"}, journal.PlaceFile)
}

func open(root *os.Root) *journalfile.File {
	return journalfile.Open(root, journalfile.Path(".layeron", "production"))
}

// An apply waits a minute for another one to end, then fails and changes
// nothing.
func TestLock(t *testing.T) {
	root := fake.Folder(t)
	first, second := open(root), open(root)
	s := fake.NewClock(time.Unix(0, 0))
	if err := first.Lock(t.Context(), s.Sleep); err != nil || s.Slept() != 0 || !first.Exclusive() {
		t.Fatalf("a lock that is not held: %v, waited %s", err, s.Slept())
	}
	if err := second.Lock(t.Context(), s.Sleep); !errors.Is(err, journalfile.ErrLocked) || s.Slept() < journalfile.LockWait || s.Slept() > journalfile.LockWait+time.Second {
		t.Errorf("a lock that is held: %v, waited %s", err, s.Slept())
	}
	if _, err := second.Write(t.Context(), journal.NoCommit, sample(), ""); err == nil || second.Exclusive() {
		t.Errorf("a write without the lock: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := second.Lock(ctx, s.Sleep); !errors.Is(err, context.Canceled) {
		t.Errorf("a run that is stopped while it waits: %v", err)
	}
	release := func(ctx context.Context, _ time.Duration) error { first.Unlock(); return nil }
	if err := second.Lock(t.Context(), release); err != nil {
		t.Errorf("a lock that is released: %v", err)
	}
}

func TestReadAndWrite(t *testing.T) {
	file := open(fake.Folder(t))
	path := file.Path()
	if now, err := file.Read(t.Context()); now.Journal != nil || err != nil {
		t.Errorf("before the first write: %v, %v", now.Journal, err)
	}
	s := fake.NewClock(time.Unix(0, 0))
	if err := file.Lock(t.Context(), s.Sleep); err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(t.Context(), journal.NoCommit, sample(), ""); err != nil {
		t.Fatal(err)
	}
	now, err := file.Read(t.Context())
	j, revision := now.Journal, now.Revision
	if err != nil || j.Project != "billing" || revision != journal.NoCommit {
		t.Errorf("%+v, %q, %v", j, revision, err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("a write leaves %v behind, %v", entries, err)
	}
	if err := os.WriteFile(path, []byte("{\n<<<<<<< ours\n}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := file.Read(t.Context()); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a journal with conflict markers: %v", err)
	}
}

// A write that fails leaves the old journal and no temporary file.
func TestFault42_AWriteThatFails(t *testing.T) {
	root := fake.Folder(t)
	// The temporary file's name is longer than this one, and too long.
	file := journalfile.Open(root, journalfile.Path(".layeron", strings.Repeat("e", 240)))
	s := fake.NewClock(time.Unix(0, 0))
	if err := file.Lock(t.Context(), s.Sleep); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file.Path(), []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(t.Context(), journal.NoCommit, sample(), ""); err == nil {
		t.Error("a write that fails reports success")
	}
	if after, err := os.ReadFile(file.Path()); err != nil || string(after) != "old" {
		t.Errorf("the old journal is now %q, %v", after, err)
	}
	if entries, err := os.ReadDir(filepath.Dir(file.Path())); err != nil || len(entries) != 1 {
		t.Errorf("a write that fails leaves %v behind, %v", entries, err)
	}
}

// A write removes the temporary file of a write that crashed.
func TestWriteRemovesWhatACrashLeft(t *testing.T) {
	file := open(fake.Folder(t))
	s := fake.NewClock(time.Unix(0, 0))
	if err := file.Lock(t.Context(), s.Sleep); err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(filepath.Dir(file.Path()), ".production.json.DOPBFOHW5RHBNQVXJLJJTVSHYM.new")
	if err := os.WriteFile(left, []byte(`{"half`), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(t.Context(), journal.NoCommit, sample(), ""); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("the temporary file is still there: %v", err)
	}
}

// A link in place of the journal or of its folder is refused by name. Nothing
// is read, written or locked through it.
func TestALinkInPlaceOfTheJournalIsRefused(t *testing.T) {
	for name, link := range map[string]string{"the journal": ".layeron/rotation/production.json", "its folder": ".layeron/rotation", "the state folder": ".layeron"} {
		root, outside := fake.Folder(t), t.TempDir()
		if err := root.MkdirAll(filepath.Dir(link), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := root.Symlink(outside, link); err != nil {
			t.Fatal(err)
		}
		file := open(root)
		_, readErr := file.Read(t.Context())
		s := fake.NewClock(time.Unix(0, 0))
		for _, err := range []error{readErr, file.Lock(t.Context(), s.Sleep)} {
			if err == nil || !strings.Contains(err.Error(), filepath.Join(root.Name(), link)+" is a symbolic link") {
				t.Errorf("%s: %v", name, err)
			}
		}
		if entries, err := os.ReadDir(outside); err != nil || len(entries) != 0 {
			t.Errorf("%s: the folder outside holds %v, %v", name, entries, err)
		}
	}
}
