package run

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/layeron/rotate/internal/atomicfile"
	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/journalfile"
	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/secret"
)

// JournalFile is a journal in a file, and the root key that goes with it.
type JournalFile struct {
	*journalfile.File
	Ring  rootkey.Ring // empty where there is no root key
	Local bool         // the embedded store's: the root key is in a file beside it

	root *os.Root // the project's folder
}

// localKey is the file of the embedded store's root key.
const localKey = LocalFolder + "/root.key"

// OpenJournal finds the journal and the root key. It creates nothing. Where only
// the root key is wrong, the journal is returned with the error.
func (p Process) OpenJournal(project *Project, local bool) (*JournalFile, error) {
	root, err := project.Open()
	if err != nil {
		return nil, err
	}
	if !local {
		f := &JournalFile{root: root, File: journalfile.Open(root, journalfile.Path(StateFolder, project.Environment))}
		f.Ring, err = p.Ring()
		return f, err
	}
	f := &JournalFile{root: root, File: journalfile.Open(root, journalfile.Path(LocalFolder, project.Environment)), Local: true}
	text, err := atomicfile.Read(root, localKey)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the local root key: %w", err)
	}
	if f.Ring, err = rootkey.Parse(secret.NewValue(string(text))); err != nil {
		return f, Fail("root_key_invalid", "%s: %w", f.path(localKey), err)
	}
	return f, nil
}

// path is the path of a file in the project, for messages.
func (f *JournalFile) path(name string) string { return filepath.Join(f.root.Name(), name) }

// Load returns the journal of an environment, or nil if there is none yet. It
// refuses a journal that was copied from another environment.
func (f *JournalFile) Load(ctx context.Context, environment string) (*journal.Journal, error) {
	now, err := f.Read(ctx)
	if err != nil {
		return nil, Fail("journal_invalid", "%w", err)
	}
	if j := now.Journal; j != nil && j.Environment != environment {
		return nil, Fail("journal_invalid", "%s is the journal of %q\nrestore the file from git history", f.Path(), j.Environment)
	}
	return now.Journal, nil
}

// Ring returns the root keys in LAYER_ROOT_KEY, or an empty ring if it is not set.
func (p Process) Ring() (rootkey.Ring, error) {
	text := p.Getenv(EnvRootKey)
	if text == "" {
		return rootkey.Ring{}, nil
	}
	ring, err := rootkey.Parse(secret.NewValue(text))
	if err != nil {
		return rootkey.Ring{}, Fail("root_key_invalid", "%s: %w", EnvRootKey, err)
	}
	return ring, nil
}

// Prepare makes a journal ready for an apply: it takes the lock, and creates the
// embedded store's folder and root key where they are missing.
func (p Process) Prepare(ctx context.Context, f *JournalFile, c Clock) error {
	if f.Local {
		if err := PrepareLocal(f.root); err != nil {
			return fmt.Errorf("prepare the local store: %w", err)
		}
	} else if f.Ring.Empty() {
		return Fail("root_key_required", "%s is not set, and an apply derives values from it\nmake one with `layer root generate` and keep it safe; for a trial without one, use --local", EnvRootKey)
	}
	if err := f.Lock(ctx, c.Sleep); err != nil {
		if errors.Is(err, journalfile.ErrLocked) {
			return Fail("journal_locked", "%w: nothing was changed\nrun again when it has ended", err)
		}
		return err
	}
	if !f.Ring.Empty() {
		return nil
	}
	err := p.makeLocalKey(f)
	if err != nil {
		f.Unlock()
	}
	return err
}

// makeLocalKey makes the embedded store's root key at its first apply. Where a
// journal exists there was a key, and another one would make other values.
func (p Process) makeLocalKey(f *JournalFile) error {
	journals, err := fs.Glob(f.root.FS(), filepath.ToSlash(journalfile.Path(LocalFolder, "*")))
	if err != nil {
		return err
	}
	if len(journals) > 0 {
		return Fail("root_key_required", "the local journal exists and its root key %s is missing\nrestore the key, or remove %s to start over", f.path(localKey), f.path(LocalFolder))
	}
	key, err := rootkey.Generate(p.Random)
	if err != nil {
		return err
	}
	if err := atomicfile.Write(f.root, localKey, []byte(key.Reveal()+"\n"), 0o600); err != nil {
		return fmt.Errorf("write the local root key: %w", err)
	}
	f.Ring, err = rootkey.Parse(key)
	return err
}

// PrepareLocal makes the embedded store's folder with a .gitignore, because it
// holds values in plain text.
func PrepareLocal(root *os.Root) error {
	const ignore = LocalFolder + "/.gitignore"
	if err := atomicfile.CheckLinks(root, ignore); err != nil {
		return err
	}
	if err := root.MkdirAll(LocalFolder, 0o700); err != nil {
		return err
	}
	if _, err := root.Lstat(ignore); err == nil {
		return nil
	}
	return atomicfile.Write(root, ignore, []byte("*\n"), 0o644)
}

// LockLocal makes the embedded store's folder and locks it. All environments
// share that store, so its journals have one lock.
func (p Process) LockLocal(ctx context.Context, project *Project) (unlock func(), err error) {
	root, err := project.Open()
	if err != nil {
		return nil, err
	}
	if err := PrepareLocal(root); err != nil {
		return nil, fmt.Errorf("prepare the local store: %w", err)
	}
	file := journalfile.Open(root, journalfile.Path(LocalFolder, "any"))
	return file.Unlock, file.Lock(ctx, Clock{p.Now}.Sleep)
}

// FileOwner returns a random owner for a new journal in a file.
func (p Process) FileOwner() (journal.Owner, error) {
	var raw [16]byte
	if _, err := io.ReadFull(p.Random, raw[:]); err != nil {
		return journal.Owner{}, fmt.Errorf("read randomness: %w", err)
	}
	return journal.Owner{File: base64.RawURLEncoding.EncodeToString(raw[:])}, nil
}
