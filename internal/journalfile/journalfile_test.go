package journalfile_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/journalfile"
)

func sample() journal.Journal {
	return journal.New("production", "billing", journal.Owner{File: "AAECAwQFBgcICQoLDA0ODw"}, journal.PlaceFile)
}

// sleeper passes time without waiting for it.
type sleeper struct{ slept time.Duration }

func (s *sleeper) sleep(ctx context.Context, d time.Duration) error {
	s.slept += d
	return ctx.Err()
}

// An apply that finds another one at work waits a minute, then gives up with
// nothing changed; one that ended lets it in.
func TestLock(t *testing.T) {
	path := journalfile.Path(filepath.Join(t.TempDir(), ".layeron"), "production")
	first, second := journalfile.Open(path), journalfile.Open(path)
	var s sleeper
	if err := first.Lock(t.Context(), s.sleep); err != nil || s.slept != 0 || !first.Exclusive() {
		t.Fatalf("a free lock: %v, waited %s", err, s.slept)
	}
	if err := second.Lock(t.Context(), s.sleep); !errors.Is(err, journalfile.ErrLocked) || s.slept < journalfile.LockWait || s.slept > journalfile.LockWait+time.Second {
		t.Errorf("a lock that is held: %v, waited %s", err, s.slept)
	}
	if _, err := second.Write(t.Context(), journal.NoCommit, sample(), ""); err == nil || second.Exclusive() {
		t.Errorf("written without the lock: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := second.Lock(ctx, s.sleep); !errors.Is(err, context.Canceled) {
		t.Errorf("told to stop while it waits: %v", err)
	}
	release := func(ctx context.Context, _ time.Duration) error { first.Unlock(); return nil }
	if err := second.Lock(t.Context(), release); err != nil {
		t.Errorf("a lock that is given back: %v", err)
	}
}

func TestReadAndWrite(t *testing.T) {
	path := journalfile.Path(t.TempDir(), "production")
	file := journalfile.Open(path)
	if now, err := file.Read(t.Context()); now.Journal != nil || err != nil {
		t.Errorf("before the first write: %v, %v", now.Journal, err)
	}
	var s sleeper
	if err := file.Lock(t.Context(), s.sleep); err != nil {
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
		t.Errorf("a journal half merged: %v", err)
	}
}

// What a crash left of a write is taken over by the next one, and a write that
// fails leaves the old journal and no litter.
func TestFault42_AWriteThatFails(t *testing.T) {
	path := journalfile.Path(t.TempDir(), "production")
	file := journalfile.Open(path)
	var s sleeper
	if err := file.Lock(t.Context(), s.sleep); err != nil {
		t.Fatal(err)
	}
	temporary := filepath.Join(filepath.Dir(path), ".production.json.new")
	if err := os.WriteFile(temporary, []byte(`{"half`), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(t.Context(), journal.NoCommit, sample(), ""); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(temporary, 0o755); err != nil { // nothing can be written there now
		t.Fatal(err)
	}
	other := sample()
	other.Project = "other"
	if _, err := file.Write(t.Context(), journal.NoCommit, other, ""); err == nil {
		t.Error("a write that cannot be made reports success")
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the old journal is gone: %v", err)
	}
}
