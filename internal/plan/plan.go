// Package plan decides what to do with each secret: see docs/design/schedule.md
// and docs/design/protocol.md. It is a pure function of declarations, journal,
// the store's metadata and the clock: the same input gives the same plan, and
// planning changes nothing.
//
// A secret goes through the package in one direction. Reconciling compares
// journal and store (reconcile.go) and gives its standing, from which a
// rotation (decide.go, orphans.go) and an operator's alteration (operator.go,
// external.go) both start. They choose the next state (state.go), and the write
// of that state is checked and completed (intent.go). Last, each blocked secret
// gets the advice that unblocks it (advice.go).
package plan

import (
	"slices"
	"time"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/secret"
)

// The store's name in a plan. A plan made without credentials uses the journal
// alone.
const (
	NotConsulted = "not consulted"
	LocalStore   = "local"
)

// Window is how long after its intent a run may send its writes.
const Window = 10 * time.Minute

// Lapse is how long after an intent's last moment to write a request may still
// arrive. Until then no other run touches its secret.
const Lapse = 5 * time.Minute

// Input is everything that a plan depends on.
type Input struct {
	Document secret.Document
	Journal  *journal.Journal // nil: there is none yet
	// Owner is the journal's owner where it is known without a journal.
	Owner journal.Owner
	// Conflicts are the entries on which base and bot branch disagree.
	Conflicts journal.Conflicts
	// Recovered holds entries that the journal lost and that the commits named
	// in receipts still have.
	Recovered map[secret.ID]*journal.Entry
	// Ring verifies entries and opens sealed values. An empty ring leaves
	// entries unverified, as in checks.
	Ring  rootkey.Ring
	Store *Store // nil: not consulted
	Now   secret.Instant
	// Exclusive says that no other run can be writing, because this one holds
	// the journal's lock.
	Exclusive bool
	// PruneGrace is how long a version stays after its expiry, for readers
	// whose clocks are behind.
	PruneGrace time.Duration
	Request    Request

	// WriteBefore and Seed complete intents: the last moment to write, and 32
	// random bytes from which lineages and nonces are made. A check, whose
	// intents are never committed, needs neither.
	WriteBefore secret.Instant
	Seed        [32]byte
}

// Store is the store's metadata.
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
	Reason           string // of a forced rotation or an alteration
	Run              string // this run's own id
	Scope            string // flags that select the same environment, for advice
	AllowDestructive bool
}

// selects reports whether a secret is among those that the request names.
func (r Request) selects(id secret.ID) bool { return len(r.Only) == 0 || slices.Contains(r.Only, id) }

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

// Status is the reason for an action.
type Status string

// The statuses, as docs/design/surface.md lists them.
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

// Waiting reports whether a blocked secret only waits for an operator, a product
// or another run, which is no failure of an apply.
func (s Status) Waiting() bool {
	return s == ExternalValueRequired || s == ProviderFlowRequired || s == InFlight
}

// Plan is the decision for every secret of one environment.
type Plan struct {
	Environment string
	Project     string
	GeneratedAt secret.Instant
	Store       string
	Entries     []Entry     // declared secrets first, then orphans, each sorted by id
	Unknown     []secret.ID // ids in Request.Only that no secret has
	Diagnostics []secret.Diagnostic
}

// Entry is the decision for one secret.
type Entry struct {
	ID        secret.ID
	Kind      secret.Kind // empty for an orphan
	StoreName string
	Action    Action
	Status    Status
	Reason    string
	Advice    string         // the command or step that unblocks it
	Current   secret.Version // before the action
	Next      secret.Version // the version that the action makes current; 0 if none
	DueAt     secret.Instant // the slot that makes it due
	NextDueAt secret.Instant // as if the action happened now
	Retain    secret.Retention
	Applied   *secret.Rotation // the rotation that the last write applied; nil if none
	Versions  []Version        // before the action
	After     []Version        // after the action
	Seals     bool             // the action keeps a supplied value in the journal, encrypted
	Bytes     int              // size of the stored value after the action; 0: not known
	Source    secret.Position
	// RenamedFrom is the one orphaned secret that this new one looks like under
	// another name; empty if there is none, or more than one.
	RenamedFrom secret.ID
	// Change is what an apply does; nil where it does nothing.
	Change *Change
}

// Version is one version as the plan shows it.
type Version struct {
	ID         secret.Version
	State      string // one of the states below
	ActiveFrom secret.Instant
	ExpiresAt  secret.Instant
}

// The states of a version, as readers see it.
const (
	StateCurrent  = "current"
	StateStaged   = "staged"
	StateRetained = "retained"
	StateExpired  = "expired"
)

// Change is what an apply does for one secret: first it commits the entry, then
// it writes the state that the entry's intent announces.
type Change struct {
	Key   secret.ID      // of the entry in the journal
	Entry *journal.Entry // complete, but not signed
	Write *Write         // nil where only the journal changes
}

// Write is one request to the store.
type Write struct {
	Stored *secret.Stored // nil: the secret has to be created
	// Supplied are values from outside that no earlier write held.
	Supplied map[secret.Version]secret.Value
	// CommentOnly writes the receipt and leaves the stored value as it is.
	CommentOnly bool
	// Cause and Used are what a refusal depends on: when the cause changes, or
	// the account holds fewer secrets than Used, the write is tried again.
	Cause string
	Used  int
}

// Changes reports whether an apply does anything for the secret.
func (e Entry) Changes() bool { return e.Change != nil }

// New reports whether the secret has no version yet: an apply creates it, or it
// waits for its first value.
func (e Entry) New() bool {
	return e.Action == Create || e.Status == ExternalValueRequired && e.Current == 0
}

// Writes reports whether an apply writes this secret to the store.
func (e Entry) Writes() bool { return e.Change != nil && e.Change.Write != nil }

// Count returns how many entries have an action.
func (p Plan) Count(action Action) int {
	n := 0
	for _, e := range p.Entries {
		if e.Action == action {
			n++
		}
	}
	return n
}

// Pending reports whether an apply has anything to do or to ask for.
func (p Plan) Pending() bool {
	return slices.ContainsFunc(p.Entries, func(e Entry) bool { return e.Action != None && e.Action != Orphaned })
}

// Changes returns how many secrets an apply changes, in the store or only in
// the journal.
func (p Plan) Changes() int {
	n := 0
	for _, e := range p.Entries {
		if e.Changes() {
			n++
		}
	}
	return n
}

// Writes reports whether an apply writes to the store.
func (p Plan) Writes() bool { return slices.ContainsFunc(p.Entries, Entry.Writes) }
