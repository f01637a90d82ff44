package run

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
)

// Target is what a command works on: a project's environment in the real store
// or the embedded one, and as of when.
type Target struct {
	Project
	Local bool
	At    string // RFC 3339; "": now
}

// CheckWrite refuses to write the real store as of another time.
func (t *Target) CheckWrite() error {
	if t.At != "" && !t.Local {
		return Usage("--at needs --local: only the embedded store can be written as of another time")
	}
	return t.Check()
}

// Scope returns the flags that select the same target, for the commands that
// layer suggests.
func (t *Target) Scope() string {
	scope := " --env " + t.Environment
	for _, flag := range []struct{ name, value, otherwise string }{
		{"--project", t.Dir, "."}, {"--entry", t.Entry, ""}, {"--project-name", t.Name, ""}, {"--at", t.At, ""},
	} {
		if flag.value != flag.otherwise {
			scope += " " + flag.name + " " + plan.Quote(flag.value)
		}
	}
	if t.Local {
		scope += " --local"
	}
	return scope
}

// Session is a run of the command line and everything it works on.
type Session struct {
	Runner  *rotate.Runner
	Journal *JournalFile
	process Process
	target  *Target
	clock   Clock
}

// Session opens a target. It changes nothing yet.
func (p Process) Session(t *Target, doc secret.Document, request plan.Request) (*Session, error) {
	c, err := p.Clock(t.At)
	if err != nil {
		return nil, err
	}
	file, err := p.OpenJournal(&t.Project, t.Local)
	if err != nil {
		return nil, err
	}
	owner, err := p.FileOwner()
	if err != nil {
		return nil, err
	}
	if request.Run, err = p.runID(); err != nil {
		return nil, err
	}
	request.Scope = t.Scope()
	opened, err := p.OpenStore(t, c)
	if err != nil {
		return nil, err
	}
	return &Session{Journal: file, process: p, target: t, clock: c, Runner: &rotate.Runner{
		Document: doc, Ring: file.Ring, Clock: c, Random: p.Random, Request: request, Store: opened,
		Journal: rotate.Journal{JournalStore: file, Place: journal.PlaceFile, Owner: owner},
		Hooks:   rotate.Hooks{Progress: p.Progress()},
	}}, nil
}

// Lock makes a session ready to write: it has a store, the journal's lock and
// the root key. The caller unlocks the journal.
func (s *Session) Lock(ctx context.Context) error {
	if s.Runner.Store == nil {
		return s.process.NoCredentials()
	}
	if err := s.process.Prepare(ctx, s.Journal, s.clock); err != nil {
		return err
	}
	s.Runner.Ring = s.Journal.Ring
	if !s.target.Local {
		return nil
	}
	var err error
	s.Runner.Store, err = s.process.OpenStore(s.target, s.clock) // what was read before the lock may have changed
	if err != nil {
		s.Journal.Unlock()
	}
	return err
}

// NoCredentials returns the error of a command that writes without credentials.
func (p Process) NoCredentials() error {
	return Fail("credentials", "writing to Secrets Store needs %s and %s\nset them, or use --local for a trial", EnvToken, EnvAccount)
}

// OpenStore opens the target's store; nil where there are no credentials for it.
func (p Process) OpenStore(t *Target, c Clock) (*rotate.OpenStore, error) {
	if t.Local {
		return p.openLocal(&t.Project, c)
	}
	return p.OpenCloudflare(c)
}

// runID names a run of the command line in the journal.
func (p Process) runID() (string, error) {
	var raw [4]byte
	if _, err := io.ReadFull(p.Random, raw[:]); err != nil {
		return "", fmt.Errorf("read randomness: %w", err)
	}
	return "cli-" + hex.EncodeToString(raw[:]), nil
}
