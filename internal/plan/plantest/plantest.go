package report_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/report"
	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
)

// world is one environment whose plans can be carried out, so that what is
// reported is what the planner really says.
type world struct {
	t    *testing.T
	in   plan.Input
	made int // ids and lineages given out
}

func newWorld(t *testing.T, declared ...secret.Declaration) *world {
	t.Helper()
	return &world{t: t, in: plan.Input{
		Document: document(declared...),
		Ring:     ring(t),
		Store:    &plan.Store{Name: "cloudflare", ValueLimit: 65_536, Quota: 100},
		Now:      at(t, "10 May"),
		Request:  plan.Request{Run: "run-1"},
	}}
}

func document(declared ...secret.Declaration) secret.Document {
	return secret.Document{Schema: 1, Project: "billing", Workspace: "default", Environment: "production", Secrets: declared}
}

// at reads "1 Jun" or "1 Jun 03:00" of 2026.
func at(t *testing.T, s string) secret.Instant {
	t.Helper()
	for _, layout := range []string{"2 Jan 15:04 2006", "2 Jan 2006"} {
		if parsed, err := time.Parse(layout, s+" 2026"); err == nil {
			return secret.At(parsed)
		}
	}
	t.Fatalf("test instant %q", s)
	return secret.Instant{}
}

func ring(t *testing.T) rootkey.Ring {
	t.Helper()
	text, err := rootkey.Generate(bytes.NewReader(make([]byte, 32)))
	if err != nil {
		t.Fatal(err)
	}
	r, err := rootkey.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (w *world) at(when string) *world {
	w.t.Helper()
	w.in.Now = at(w.t, when)
	return w
}

func (w *world) declare(declared ...secret.Declaration) *world {
	w.in.Document.Secrets = declared
	return w
}

func (w *world) plan() plan.Plan {
	w.made++
	w.in.Seed, w.in.WriteBefore = [32]byte{byte(w.made)}, w.in.Now.Add(plan.Window)
	return plan.Make(w.in)
}

// page is what a check would report.
func (w *world) page() report.Page {
	return report.Page{
		Result: rotate.Result{Plan: w.plan()}, Document: w.in.Document,
		Limits: report.Limits{ValueBytes: 65_536, Quota: 100, Usage: len(w.in.Store.Secrets)},
		Run:    report.Run{Name: "run 42", URL: "https://github.com/acme/billing/actions/runs/42", Commit: "3d3c42e5aac5ba805825da76410c181273ba90b1", Version: "1.2.0"},
	}
}

// apply carries a plan out but for the secrets that fail.
func (w *world) apply(failing ...secret.ID) rotate.Result {
	w.t.Helper()
	result := rotate.Result{Plan: w.plan(), Outcomes: map[secret.ID]rotate.Outcome{}}
	j := journal.New("production", "billing", journal.Owner{Host: "github.com", RepositoryID: 7}, journal.PlaceGitHub)
	if w.in.Journal != nil {
		j = *w.in.Journal
	}
	for _, e := range result.Plan.Entries {
		switch {
		case e.Action == plan.Blocked:
			result.Outcomes[e.ID] = rotate.Outcome{Result: rotate.Skipped}
		case contains(failing, e.ID):
			result.Outcomes[e.ID] = rotate.Outcome{Result: rotate.Failed, Error: "change secret: the store answered 400: the token may not write (10001)"}
		case e.Writes():
			result.Outcomes[e.ID] = rotate.Outcome{Result: rotate.Applied}
			entry := w.write(*e.Change, j.Owner)
			j, _ = j.Put(e.Change.Key, entry)
		}
	}
	w.in.Journal = &j
	w.sign()
	return result
}

func contains(ids []secret.ID, id secret.ID) bool {
	for _, i := range ids {
		if i == id {
			return true
		}
	}
	return false
}

// write puts value, receipt and outcome where the next plan finds them.
func (w *world) write(change plan.Change, owner journal.Owner) *journal.Entry {
	w.made++
	announced := change.Entry
	stored := secret.Stored{ID: fmt.Sprintf("%032x", w.made), Name: announced.StoreName(), Status: "active", Created: w.in.Now}
	if change.Write.Stored != nil {
		stored = *change.Write.Stored
	}
	stored.Comment, stored.Modified = journal.Journal{Owner: owner, Environment: "production"}.Receipt(*announced.Intent.Next, journal.NoCommit).String(), w.in.Now
	w.put(stored)
	return announced.Recorded(journal.Observed{SecretID: stored.ID, Modified: stored.Modified})
}

func (w *world) put(s secret.Stored) {
	for i := range w.in.Store.Secrets {
		if w.in.Store.Secrets[i].Name == s.Name {
			w.in.Store.Secrets[i] = s
			return
		}
	}
	w.in.Store.Secrets = append(w.in.Store.Secrets, s)
}

func (w *world) sign() {
	var ids []secret.ID
	for id := range w.in.Journal.Entries {
		ids = append(ids, id)
	}
	signed, err := w.in.Journal.Sign(w.in.Ring.First(), ids...)
	if err != nil {
		w.t.Fatal(err)
	}
	w.in.Journal = &signed
}

// until applies on each of the days.
func (w *world) until(days ...string) *world {
	for _, day := range days {
		w.at(day).apply()
	}
	return w
}

var (
	none    = secret.Retention{Mode: secret.RetainNone}
	forever = secret.Retention{Mode: secret.RetainForever}
)

func keep(days int) secret.Retention { return secret.Retention{Mode: secret.RetainFor, Days: days} }

func random(id secret.ID, everyDays int, retain secret.Retention) secret.Declaration {
	return secret.Declaration{
		ID: id, Kind: secret.Random, Bytes: 32, StoreName: secret.StoreName("default", "billing", "production", id),
		Rotation: &secret.Rotation{EveryDays: everyDays, StartAt: secret.FromUnixMilli(1_780_272_000_000), Retain: retain}, // 1 June 2026
		Source:   secret.Position{File: "src/secrets.ts", Line: 4, Column: 27},
	}
}

// billing is the example of the repository.
func billing() []secret.Declaration {
	link := random("billing/link-key", 7, none)
	link.Rotation.StartAt = secret.Instant{}
	payment := random("billing/payment-key", 30, none)
	payment.Kind, payment.Bytes, payment.Rotation = secret.Static, 0, nil
	bucket := random("storage/bucket-token", 90, none)
	bucket.Kind, bucket.Ownership = secret.Generated, &secret.Ownership{OwnerProduct: "r2", OwnerInstanceID: "invoices", Purpose: "presigned uploads"}
	seed := random("billing/number-seed", 30, none)
	seed.Kind, seed.Bytes, seed.Rotation = secret.Generated, 16, nil
	return []secret.Declaration{
		random("auth/session-key", 30, keep(14)), link, seed, payment, random("billing/webhook-secret", 60, keep(7)),
		bucket, random("storage/encryption-key", 90, forever),
	}
}
