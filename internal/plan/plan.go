// Package plan decides what is to be done with every secret (DESIGN §5, §7, §8).
// It is a pure function of declarations, journal, what the store tells, and the
// clock: the same input gives the same plan, and making one changes nothing.
//
// For each secret it first reconciles journal and store (reconcile.go), so that
// it knows what the store holds and what of the last run is unfinished; then it
// decides (decide.go), a reason to block before all else; then it works out the
// state that the action would make (next.go). What it cannot be sure of it
// blocks, with the step that unblocks it.
package plan

import (
	"cmp"
	"slices"
	"time"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/secret"
)

// NotConsulted is the store's name in a plan made from the journal alone.
const NotConsulted = "not consulted"

// Window is how long after its intent a run may send its writes.
const Window = 10 * time.Minute

// Lapse is how long after an intent's last moment to write a request may still
// arrive. Until then nobody else touches its secret.
const Lapse = 5 * time.Minute

// Input is all that a plan depends on.
type Input struct {
	Document secret.Document
	Journal  *journal.Journal // nil: there is none yet
	// Owner is whose journal it is, where that is known without one.
	Owner journal.Owner
	// Conflicts are entries of which two branches tell different stories.
	Conflicts journal.Conflicts
	// Recovered holds entries that the journal lost and the commits named in
	// receipts still have.
	Recovered map[secret.ID]*journal.Entry
	// Ring verifies entries and opens sealed values; an empty one leaves
	// entries unverified, as in checks.
	Ring  rootkey.Ring
	Store *Store // nil: not consulted
	Now   secret.Instant
	// Exclusive tells that no other run can be writing, because the journal's
	// lock is held.
	Exclusive bool
	// PruneGrace is how long a version stays after its expiry, for readers
	// whose clocks are behind.
	PruneGrace time.Duration
	Request    Request
}

// Store is what the store tells.
type Store struct {
	Name       string // "cloudflare" or "local"
	Secrets    []secret.Stored
	ValueLimit int // bytes of one value
	Quota      int // secrets in the account; 0: without limit
	Usage      int // secrets in the account now; 0: those of this store
}

// Request is what the user asked for beyond what is due.
type Request struct {
	Only             []secret.ID // empty: all
	Force            bool
	Reason           string // of a forced rotation
	Run              string // this run's own id
	Scope            string // flags that repeat where it works, for advice
	AllowDestructive bool
}

// Action is what happens to a secret.
type Action string

// The actions, in the order in which the first that applies is taken.
const (
	Create   Action = "create"
	Rotate   Action = "rotate"
	Recover  Action = "recover"
	Extend   Action = "extend"
	Prune    Action = "prune"
	None     Action = "none"
	Orphaned Action = "orphaned"
	Blocked  Action = "blocked"
)

// Status says why.
type Status string

// The statuses of an action (DESIGN §8).
const (
	Missing           Status = "missing"
	Due               Status = "due"
	Forced            Status = "forced"
	UnfinishedIntent  Status = "unfinished_intent"
	ReceiptAhead      Status = "receipt_ahead"
	ReceiptBehind     Status = "receipt_behind"
	RetentionExtended Status = "retention_extended"
	ExpiredVersions   Status = "expired_versions"
	NotDue            Status = "not_due"
	NoRotation        Status = "no_rotation"
	IsOrphaned        Status = "orphaned"

	ExternalValueRequired Status = "external_value_required"
	ProviderFlowRequired  Status = "provider_flow_required"
	InFlight              Status = "in_flight"
	AdoptionRequired      Status = "adoption_required"
	DestructiveChange     Status = "destructive_change"
	FormChange            Status = "form_change"
	ValueTooLarge         Status = "value_too_large"
	QuotaExceeded         Status = "quota_exceeded"
	WriteRefused          Status = "write_refused"
	Drift                 Status = "drift"
	ForeignOwner          Status = "foreign_owner"
	JournalConflict       Status = "journal_conflict"
	JournalTampered       Status = "journal_tampered"
	JournalLost           Status = "journal_lost"
	ClockBehindJournal    Status = "clock_behind_journal"
	RootKeyRequired       Status = "root_key_required"
)

// Waiting tells whether a blocked secret only waits for somebody else, which is
// no failure of an apply.
func (s Status) Waiting() bool {
	return s == ExternalValueRequired || s == ProviderFlowRequired || s == InFlight
}

// Plan is the decision for every secret of one environment.
type Plan struct {
	Environment string
	Project     string
	GeneratedAt secret.Instant
	Store       string
	Entries     []Entry     // declared ones first, each part sorted by id
	Unknown     []secret.ID // what Request.Only names and nothing has
	Diagnostics []secret.Diagnostic
}

// Entry is the decision for one secret.
type Entry struct {
	ID        secret.ID
	Kind      secret.Kind // empty for an orphaned one
	StoreName string
	Action    Action
	Status    Status
	Reason    string
	Advice    string         // what unblocks it
	Current   secret.Version // before the action
	Next      secret.Version // the version that the action makes current; none if it makes no other
	DueAt     secret.Instant // the slot that makes it due
	NextDueAt secret.Instant // as if the action happened now
	Retain    secret.Retention
	Versions  []Version // before the action
	Bytes     int       // size of the stored value after the action; 0: not known
	Source    secret.Position
	// Change is what an apply does; nil where it does nothing.
	Change *Change
}

// Version is one version as the plan shows it.
type Version struct {
	ID         secret.Version
	State      string // current, staged, retained or expired
	ActiveFrom secret.Instant
	ExpiresAt  secret.Instant
}

// Change is what an apply does for one secret.
type Change struct {
	// Key is where the entry stands in the journal.
	Key secret.ID
	// Base is the entry that the change builds on: the journal's, with what was
	// found of an unfinished intent. Nil for a new secret.
	Base *journal.Entry
	// Stored is the secret in the store; nil where it has to be created.
	Stored *secret.Stored
	// Intent is the write; nil where only the journal changes.
	Intent *journal.Intent
	// Cause is what a refusal would depend on.
	Cause string
	// Used is how many secrets the account held.
	Used int
	// Supplied are the values from outside that the write is the first to hold.
	Supplied map[secret.Version]secret.Value
	// CommentOnly leaves the stored value as it is and writes the receipt.
	CommentOnly bool
}

// Count tells how many entries have an action.
func (p Plan) Count(action Action) int {
	n := 0
	for _, e := range p.Entries {
		if e.Action == action {
			n++
		}
	}
	return n
}

// Pending tells whether an apply would have anything to do or to ask for.
func (p Plan) Pending() bool {
	return slices.ContainsFunc(p.Entries, func(e Entry) bool { return e.Action != None && e.Action != Orphaned })
}

// Changes counts the secrets for which an apply would do anything.
func (p Plan) Changes() int {
	n := 0
	for _, e := range p.Entries {
		if e.Change != nil {
			n++
		}
	}
	return n
}

// Writes tells whether an apply would write to the store.
func (p Plan) Writes() bool {
	return slices.ContainsFunc(p.Entries, func(e Entry) bool { return e.Change != nil && e.Change.Intent != nil })
}

// Make plans every secret that is declared or journalled.
func Make(in Input) Plan {
	p := newPlanner(in)
	out := Plan{
		Environment: in.Document.Environment, Project: in.Document.Project, GeneratedAt: in.Now,
		Store: NotConsulted, Diagnostics: slices.Clone(in.Document.Diagnostics),
	}
	if in.Store != nil {
		out.Store = in.Store.Name
	}
	for _, d := range in.Document.Secrets {
		out.Entries = append(out.Entries, p.declared(d))
	}
	slices.SortFunc(out.Entries, func(a, b Entry) int { return cmp.Compare(a.ID, b.ID) })
	p.checkQuota(out.Entries)
	orphans, warnings := p.orphans(out.Entries)
	out.Entries = append(out.Entries, orphans...)
	out.Diagnostics = append(out.Diagnostics, warnings...)
	return out.only(in.Request)
}

// selects tells whether a secret is among those that the request is about.
func (r Request) selects(id secret.ID) bool { return len(r.Only) == 0 || slices.Contains(r.Only, id) }

// only leaves out what was not asked for, and tells what there is not.
func (p Plan) only(request Request) Plan {
	p.Entries = slices.DeleteFunc(p.Entries, func(e Entry) bool { return !request.selects(e.ID) })
	for _, id := range request.Only {
		if !slices.ContainsFunc(p.Entries, func(e Entry) bool { return e.ID == id }) {
			p.Unknown = append(p.Unknown, id)
		}
	}
	return p
}
