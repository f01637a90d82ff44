package journalbranch_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/layeron/rotate/internal/github"

	"github.com/layeron/rotate/internal/fake"
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

// world is a repository on loopback, and the journal in it.
type world struct {
	*fake.GitHub
	clock    *fake.Clock
	journal  *journalbranch.Branch
	warnings []string
	client   github.Options
	options  journalbranch.Options
}

func newWorld(t *testing.T, change func(*fake.Options, *github.Options, *journalbranch.Options)) *world {
	t.Helper()
	w := &world{clock: fake.NewClock(start)}
	o := fake.Options{Now: w.clock.Now}
	w.client = github.Options{Token: token, Owner: "acme", Repo: "billing", Retry: httpretry.Policy{Clock: w.clock, Jitter: func() float64 { return 0 }}}
	w.options = journalbranch.Options{
		Base: "main", Branch: branch, Path: path, Title: "Rotation journal: production",
		Warn: func(s string) { w.warnings = append(w.warnings, s) },
	}
	if change != nil {
		change(&o, &w.client, &w.options)
	}
	var server *httptest.Server
	w.GitHub, server = fake.Serve(t, o)
	w.client.APIURL, w.client.Transport = server.URL, server.Client().Transport
	w.journal = w.run(t)
	return w
}

// run is another run of the Action, which remembers nothing.
func (w *world) run(t *testing.T) *journalbranch.Branch {
	t.Helper()
	r, err := github.Open(w.client)
	if err != nil {
		t.Fatal(err)
	}
	journal, err := journalbranch.Open(r, w.options)
	if err != nil {
		t.Fatal(err)
	}
	return journal
}

// announced is a journal with the next version of a secret announced.
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

func recorded(j journal.Journal, id secret.ID) journal.Journal {
	return j.With(id, j.Entries[id].Recorded(journal.Observed{SecretID: "1", Modified: j.Entries[id].Intent.SwitchAt}))
}

// again does what it is told until no other run comes in between, as a run does.
func again(do func() error) error {
	var err error
	for range 5 {
		if err = do(); !errors.Is(err, journal.ErrMoved) {
			return err
		}
	}
	return err
}

// apply is a whole run: intent, pull request, outcome. Between makes happen
// what happens between the two.
func (w *world) apply(home *journalbranch.Branch, run string, between func()) error {
	ctx := context.Background()
	var j journal.Journal
	var revision string
	err := again(func() error {
		snapshot, err := home.Read(ctx)
		read, at := snapshot.Journal, snapshot.Revision
		if err != nil {
			return err
		}
		j = announced(read, id, run)
		revision, err = home.Write(ctx, at, j, "rotation(production): announce 1, settle 0")
		return err
	})
	if err != nil {
		return fmt.Errorf("intent: %w", err)
	}
	if _, err := home.EnsurePR(ctx, "in progress"); err != nil {
		return fmt.Errorf("pull request: %w", err)
	}
	if between != nil {
		between()
	}
	done := recorded(j, id)
	err = again(func() error {
		_, err := home.Write(ctx, revision, done, "rotation(production): record 1")
		if !errors.Is(err, journal.ErrMoved) {
			return err
		}
		snapshot, unread := home.Read(ctx)
		read, at := snapshot.Journal, snapshot.Revision
		if unread != nil {
			return unread
		}
		revision, done = at, recorded(*read, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("outcome: %w", err)
	}
	_, err = home.UpdatePR(ctx, "done by "+run)
	return err
}

func (w *world) mustApply(t *testing.T, run string) {
	t.Helper()
	if err := w.apply(w.run(t), run, nil); err != nil {
		t.Fatal(err)
	}
}

// at is the journal at a branch or commit.
func (w *world) at(t *testing.T, ref string) journal.Journal {
	t.Helper()
	j, err := journal.Parse([]byte(w.File(ref, path)))
	if err != nil {
		t.Fatalf("journal at %s: %v", ref, err)
	}
	return j
}

// effective is what a run would read now.
func (w *world) effective(t *testing.T) *journal.Entry {
	t.Helper()
	snapshot, err := w.run(t).Read(context.Background())
	j := snapshot.Journal
	if err != nil {
		t.Fatal(err)
	}
	if j == nil {
		return nil
	}
	return j.Entries[id]
}

// open is the open pull request, which has to be mergeable.
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

// wantVersion checks the recorded version.
func wantVersion(t *testing.T, e *journal.Entry, want secret.Version) {
	t.Helper()
	if e == nil || e.State == nil || e.State.Current != want || e.Open() != nil {
		t.Errorf("entry is %+v, want %s recorded", e, want)
	}
}
