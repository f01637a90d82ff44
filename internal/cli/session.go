package cli

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
)

// target is the flags of a command that works on a store: which project, the
// real store or the embedded one, and as of when.
type target struct {
	project
	local bool
	at    string
}

func (t *target) flags(cmd *cobra.Command) {
	t.project.flags(cmd)
	t.compileFlags(cmd)
	cmd.Flags().BoolVar(&t.local, "local", false, "use an embedded store under .layeron/local: no account, no network")
}

// writeFlags are those of a command that writes without --apply.
func (t *target) writeFlags(cmd *cobra.Command) {
	t.flags(cmd)
	cmd.Flags().StringVar(&t.at, "at", "", "write as of another instant, in RFC 3339; only together with --local")
}

// checkWrite refuses to write the real store as of another time.
func (t *target) checkWrite() error {
	if t.at != "" && !t.local {
		return usage("--at needs --local: only the embedded store can be written as of another time")
	}
	return t.check()
}

// scope is the flags that repeat where a command works, for the commands that
// it suggests.
func (t *target) scope() string {
	scope := " --env " + t.env
	for _, flag := range []struct{ name, value, otherwise string }{
		{"--project", t.dir, "."}, {"--entry", t.entry, ""}, {"--project-name", t.name, ""}, {"--at", t.at, ""},
	} {
		if flag.value != flag.otherwise {
			scope += " " + flag.name + " " + plan.Quote(flag.value)
		}
	}
	if t.local {
		scope += " --local"
	}
	return scope
}

// session is a run, wired together.
type session struct {
	runner *rotate.Runner
	home   home
	clock  clock
}

// session wires a run together. It changes nothing yet.
func (a App) session(t *target, doc secret.Document, request plan.Request) (*session, error) {
	c, err := a.clock(t.at)
	if err != nil {
		return nil, err
	}
	h, err := a.home(&t.project, t.local)
	if err != nil {
		return nil, err
	}
	owner, err := a.owner()
	if err != nil {
		return nil, err
	}
	if request.Run, err = a.runID(); err != nil {
		return nil, err
	}
	request.Scope = t.scope()
	opened, err := a.openStore(t, c)
	return &session{home: h, clock: c, runner: &rotate.Runner{
		Document: doc, Ring: h.ring, Clock: c, Random: a.Random, Request: request, Store: opened,
		Journal: rotate.Journal{JournalStore: h.file, Place: journal.PlaceFile, Owner: owner},
		Hooks:   rotate.Hooks{Progress: a.progress()},
	}}, err
}

// lock makes a session ready to write: it has a store, holds the journal's lock
// and the root key, and the journal is the command line's to write.
func (a App) lock(ctx context.Context, t *target, s *session) error {
	if s.runner.Store == nil {
		return fail("credentials", "this writes to Secrets Store and needs %s and %s\nset them, or try it out with --local", envToken, envAccount)
	}
	if err := a.prepare(ctx, &s.home, s.clock); err != nil {
		return err
	}
	s.runner.Ring = s.home.ring
	if !t.local {
		return nil
	}
	var err error
	s.runner.Store, err = a.openStore(t, s.clock) // what was read before the lock may have changed
	if err != nil {
		s.home.file.Unlock()
	}
	return err
}

// openStore opens the store that a command works on; nil where there are no
// credentials for it.
func (a App) openStore(t *target, c clock) (*rotate.OpenStore, error) {
	if t.local {
		return a.openLocal(&t.project, c)
	}
	return a.openCloudflare(c)
}

// runID names a run of the command line in the journal.
func (a App) runID() (string, error) {
	var raw [4]byte
	if _, err := io.ReadFull(a.Random, raw[:]); err != nil {
		return "", fmt.Errorf("read randomness: %w", err)
	}
	return "cli-" + hex.EncodeToString(raw[:]), nil
}
