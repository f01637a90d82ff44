package journalbranch_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/github"
	"github.com/layeron/rotate/internal/httpretry"
	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/journalbranch"
	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
)

var _ rotate.JournalStore = (*journalbranch.Branch)(nil)

const (
	branch = "layer/rotation-production"
	path   = ".layeron/rotation/production.json"
	id     = secret.ID("auth/session-key")
	token  = "token-that-must-not-show"
)

var start = time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC)

// world is a repository on loopback, with a journal in it.
type world struct {
	*fake.GitHub
	clock    *fake.Clock
	journal  *journalbranch.Branch
	warnings []string
	options  github.Options
	place    journalbranch.Options
}

func newWorld(t *testing.T, change func(*fake.Options, *journalbranch.Options)) *world {
	t.Helper()
	w := &world{clock: fake.NewClock(start)}
	o := fake.Options{Now: w.clock.Now}
	w.place = journalbranch.Options{
		Base: "main", Branch: branch, Path: path, Title: "Rotation journal: production",
		Warn: func(s string) { w.warnings = append(w.warnings, s) },
	}
	if change != nil {
		change(&o, &w.place)
	}
	var server *httptest.Server
	w.GitHub, server = fake.Serve(t, o)
	w.options = github.Options{
		APIURL: server.URL, Token: token, Owner: "acme", Repo: "billing", Transport: server.Client().Transport,
		Retry: httpretry.Policy{Clock: w.clock, Jitter: func() float64 { return 0 }},
	}
	w.journal = w.run(t)
	return w
}

// run returns the journal as another run of the Action opens it, which has read
// nothing yet.
func (w *world) run(t *testing.T) *journalbranch.Branch {
	t.Helper()
	r, err := github.Open(w.options)
	if err != nil {
		t.Fatal(err)
	}
	b, err := journalbranch.Open(r, w.place)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// announced returns a journal that announces the next version of a secret.
func announced(j *journal.Journal, id secret.ID, run string) journal.Journal {
	if j == nil {
		made := journal.New("production", "billing", journal.Owner{Host: "github.com", RepositoryID: 4711, ProjectPath: "."}, journal.PlaceGitHub)
		j = &made
	}
	entry := j.Entries[id]
	if entry == nil {
		entry = &journal.Entry{Events: []journal.Event{}}
	}
	version := entry.LastVersion() + 1
	at := secret.At(start).Add(time.Duration(version) * secret.Day)
	next := journal.State{
		StoreName: "lo_" + strings.ReplaceAll(string(id), "/", "_"), Lineage: rootkey.NewLineage([16]byte{1}), Anchor: at,
		Current: version, LastVersion: version,
		Versions: journal.Versions{{Number: version, ActiveFrom: at, Origin: journal.Derived, Bytes: 32, RootKey: "0123456789abcdef"}},
	}
	return j.With(id, entry.Announced(journal.Intent{Action: "rotate", Version: version, SwitchAt: at, WriteBefore: at.Add(10 * time.Minute), Run: run, Next: &next}))
}

// recorded returns a journal that records the announced version of a secret.
func recorded(j journal.Journal, id secret.ID) journal.Journal {
	return j.With(id, j.Entries[id].Recorded(journal.Observed{SecretID: "1", Modified: j.Entries[id].Intent.SwitchAt}))
}

// again repeats an action as a run does: until no other run was faster.
func again(do func() error) error {
	var err error
	for range 5 {
		if err = do(); !errors.Is(err, journal.ErrMoved) {
			return err
		}
	}
	return err
}

// apply is a whole run: intent, pull request, outcome. between, unless nil,
// runs between pull request and outcome.
func (w *world) apply(b *journalbranch.Branch, run string, between func()) error {
	ctx := context.Background()
	var j journal.Journal
	var revision string
	err := again(func() error {
		now, err := b.Read(ctx)
		if err != nil {
			return err
		}
		j = announced(now.Journal, id, run)
		revision, err = b.Write(ctx, now.Revision, j, "rotation(production): announce 1, settle 0")
		return err
	})
	if err != nil {
		return fmt.Errorf("intent: %w", err)
	}
	if _, err := b.EnsurePR(ctx, "in progress"); err != nil {
		return fmt.Errorf("pull request: %w", err)
	}
	if between != nil {
		between()
	}
	done := recorded(j, id)
	err = again(func() error {
		_, err := b.Write(ctx, revision, done, "rotation(production): record 1")
		if !errors.Is(err, journal.ErrMoved) {
			return err
		}
		now, unread := b.Read(ctx)
		if unread != nil {
			return unread
		}
		revision, done = now.Revision, recorded(*now.Journal, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("outcome: %w", err)
	}
	_, err = b.UpdatePR(ctx, "done by "+run)
	return err
}

func (w *world) mustApply(t *testing.T, run string) {
	t.Helper()
	if err := w.apply(w.run(t), run, nil); err != nil {
		t.Fatal(err)
	}
}

// at returns the journal on a branch or at a commit.
func (w *world) at(t *testing.T, ref string) journal.Journal {
	t.Helper()
	j, err := journal.Parse([]byte(w.File(ref, path)))
	if err != nil {
		t.Fatalf("journal at %s: %v", ref, err)
	}
	return j
}

// effective returns the entry that a run would read now, or nil.
func (w *world) effective(t *testing.T) *journal.Entry {
	t.Helper()
	now, err := w.run(t).Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if now.Journal == nil {
		return nil
	}
	return now.Journal.Entries[id]
}

// open returns the open pull request, which must be mergeable.
func (w *world) open(t *testing.T) fake.Pull {
	t.Helper()
	p, ok := w.Open(branch)
	if !ok {
		t.Fatal("no pull request is open")
	}
	if !w.Mergeable(p.Number) {
		t.Errorf("pull request #%d conflicts", p.Number)
	}
	return p
}

// wantVersion checks that a version is recorded.
func wantVersion(t *testing.T, e *journal.Entry, want secret.Version) {
	t.Helper()
	if e == nil || e.State == nil || e.State.Current != want || e.Open() != nil {
		t.Errorf("entry is %+v, want %s recorded", e, want)
	}
}
