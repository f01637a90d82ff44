package cli

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

// home is where a run keeps its journal, with the root key that goes with it.
type home struct {
	root  *os.Root // the project's folder
	file  *journalfile.File
	ring  rootkey.Ring // empty where no root key is at hand
	local bool         // the root key is in localKey, not in the environment
}

// localKey is the file of the embedded store's root key.
const localKey = localFolder + "/root.key"

// home finds the journal and the root key. It makes nothing.
func (a App) home(p *project, local bool) (home, error) {
	root, err := p.open()
	if err != nil {
		return home{}, err
	}
	if !local {
		h := home{root: root, file: journalfile.Open(root, journalfile.Path(stateFolder, p.env))}
		h.ring, err = a.ringFromEnvironment()
		return h, err
	}
	h := home{root: root, file: journalfile.Open(root, journalfile.Path(localFolder, p.env)), local: true}
	text, err := atomicfile.Read(root, localKey)
	if errors.Is(err, fs.ErrNotExist) {
		return h, nil
	}
	if err != nil {
		return home{}, fmt.Errorf("read the local root key: %w", err)
	}
	if h.ring, err = rootkey.Parse(secret.NewValue(string(text))); err != nil {
		return h, fail("root_key_invalid", "%s: %w", h.path(localKey), err)
	}
	return h, nil
}

// path is the path of a file in the project, for messages.
func (h home) path(name string) string { return filepath.Join(h.root.Name(), name) }

// read returns the journal, nil where there is none yet. One that was copied
// from another environment is none of ours.
func (h home) read(ctx context.Context, environment string) (*journal.Journal, error) {
	now, err := h.file.Read(ctx)
	if err != nil {
		return nil, fail("journal_invalid", "%w", err)
	}
	j := now.Journal
	if j != nil && j.Environment != environment {
		return nil, fail("journal_invalid", "%s is the journal of %q\nrestore the file from git history", h.file.Path(), j.Environment)
	}
	return j, nil
}

// ringFromEnvironment is the root key of the real store; none where it is not
// set.
func (a App) ringFromEnvironment() (rootkey.Ring, error) {
	text := a.Getenv(envRootKey)
	if text == "" {
		return rootkey.Ring{}, nil
	}
	ring, err := rootkey.Parse(secret.NewValue(text))
	if err != nil {
		return rootkey.Ring{}, fail("root_key_invalid", "%s: %w", envRootKey, err)
	}
	return ring, nil
}

// prepare makes a home ready for an apply: it takes the lock, and makes the
// embedded store's folder and root key where there are none yet.
func (a App) prepare(ctx context.Context, h *home, c clock) error {
	if h.local {
		if err := prepareLocal(h.root); err != nil {
			return fmt.Errorf("prepare the local store: %w", err)
		}
	} else if h.ring.Empty() {
		return fail("root_key_required", "%s is not set, and an apply derives values from it\nmake one with `layer root generate` and keep it safe; for a trial without one, use --local", envRootKey)
	}
	if err := h.file.Lock(ctx, c.Sleep); err != nil {
		if errors.Is(err, journalfile.ErrLocked) {
			return fail("journal_locked", "%w: nothing was changed\nrun again when it has ended", err)
		}
		return err
	}
	if h.ring.Empty() {
		return a.makeKey(ctx, h)
	}
	return nil
}

// makeKey makes the embedded store's root key at its first apply. With a
// journal there was one, and another would make other values.
func (a App) makeKey(ctx context.Context, h *home) error {
	journals, err := fs.Glob(h.root.FS(), filepath.ToSlash(journalfile.Path(localFolder, "*")))
	if err != nil {
		return err
	}
	if len(journals) > 0 {
		return fail("root_key_required", "the local journal is there and its root key %s is not\nrestore the key, or remove %s to start anew", h.path(localKey), h.path(localFolder))
	}
	key, err := rootkey.Generate(a.Random)
	if err != nil {
		return err
	}
	if err := atomicfile.Write(h.root, localKey, []byte(key.Reveal()+"\n"), 0o600); err != nil {
		return fmt.Errorf("write the local root key: %w", err)
	}
	h.ring, err = rootkey.Parse(key)
	return err
}

// prepareLocal makes the embedded store's folder with a .gitignore: it holds
// values in plain text.
func prepareLocal(root *os.Root) error {
	const ignore = localFolder + "/.gitignore"
	if err := atomicfile.CheckLinks(root, ignore); err != nil {
		return err
	}
	if err := root.MkdirAll(localFolder, 0o700); err != nil {
		return err
	}
	if _, err := root.Lstat(ignore); err == nil {
		return nil
	}
	return atomicfile.Write(root, ignore, []byte("*\n"), 0o644)
}

// owner draws the owner of a journal in a file that does not exist yet.
func (a App) owner() (journal.Owner, error) {
	var raw [16]byte
	if _, err := io.ReadFull(a.Random, raw[:]); err != nil {
		return journal.Owner{}, fmt.Errorf("read randomness: %w", err)
	}
	return journal.Owner{File: base64.RawURLEncoding.EncodeToString(raw[:])}, nil
}
