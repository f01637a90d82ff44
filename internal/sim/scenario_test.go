package sim_test

import (
	"encoding/json"
	"time"
)

// scenario is what there is at the beginning, and what happens. It is
// made before it is played, so that events can be left out of it.
type scenario struct {
	// Why says what a kept scenario is kept for.
	Why          string            `json:"why,omitempty"`
	Seed         uint64            `json:"seed"` // of ids, lineages and pauses
	Environments []environmentSpec `json:"environments"`
	Events       []event           `json:"events"`
}

// environmentSpec is an environment with its declarations. The journal is in a
// file or in the repository.
type environmentSpec struct {
	Name    string       `json:"name"`
	File    bool         `json:"file,omitempty"`
	Secrets []secretSpec `json:"secrets"`
}

// secretSpec is a declaration.
type secretSpec struct {
	Name    string `json:"name"`
	Static  bool   `json:"static,omitempty"`
	Bytes   int    `json:"bytes,omitempty"`
	Every   int    `json:"every,omitempty"`   // days; 0: no rotation
	StartAt *int   `json:"startAt,omitempty"` // days from the beginning
	Mode    string `json:"mode,omitempty"`
	Days    int    `json:"days,omitempty"`
	Gone    bool   `json:"gone,omitempty"` // not declared for now
}

// event is one thing that happens.
type event struct {
	At  int    `json:"at"` // minutes from the beginning; within another event, from its middle
	Do  string `json:"do"`
	Env int    `json:"env,omitempty"`
	// Secret is whose secret it is about, among the environment's.
	Secret int `json:"secret,omitempty"`
	// Choice decides what is left to chance, so that leaving one event out does
	// not change the others.
	Choice int         `json:"choice,omitempty"`
	Spec   *secretSpec `json:"spec,omitempty"` // of a declaration that changes
	// Skew is by how many seconds the clock of a run is ahead.
	Skew  int    `json:"skew,omitempty"`
	Fault *fault `json:"fault,omitempty"` // of a run
}

// What can happen.
const (
	doRun       = "run"
	doForce     = "force"
	doRevoke    = "revoke"
	doSet       = "set"
	doAdopt     = "adopt"
	doOperate   = "operate" // a person looks at what is blocked
	doDeclare   = "declare"
	doRekey     = "rekey"
	doMerge     = "merge"
	doSquash    = "squash"
	doRebase    = "rebase"
	doClose     = "close"
	doReopen    = "reopen"
	doDelete    = "delete branch"
	doRevert    = "revert"
	doPushBack  = "push back"
	doWork      = "work" // a commit that has nothing to do with rotation
	doWorkOnBot = "work on bot branch"
	doEditBase  = "edit base"
	doEditBot   = "edit bot"
	doPut       = "put"
	doWipe      = "wipe comment"
	doRemove    = "remove"
	doRecreate  = "recreate"
)

// fault is what goes wrong with a run.
type fault struct {
	Kind string `json:"kind"`
	// At is the effect at which it happens: the nth request to a server or use
	// of the journal's file. With Writing only from the first one on that
	// changes anything is counted.
	At      int     `json:"at"`
	Writing bool    `json:"writing,omitempty"`
	Wait    int     `json:"wait,omitempty"`   // minutes of a stall or of a delay
	Inside  []event `json:"inside,omitempty"` // what happens during a stall
}

// What can go wrong. Before and after say whether the effect takes place.
const (
	killBefore  = "killed before"
	killAfter   = "killed after"
	stopBefore  = "cancelled before"
	stopAfter   = "cancelled after"
	dropBefore  = "request lost"
	dropAfter   = "answer lost"
	failBefore  = "500 before"
	failAfter   = "500 after"
	stallBefore = "stalls before"
	stallAfter  = "stalls after"
	delay       = "lands late"
	limited     = "429 for a while"
	denied      = "401 from now on"
	forbidden   = "403 from now on"
	down        = "503 from now on"
	hollow      = "success:false"
	mistaken    = "another id"
	partial     = "an incomplete list"
	tooLong     = "secret_value_too_long"
)

// beginning is the instant at which every scenario begins.
var beginning = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

func (e event) String() string {
	text, err := json.Marshal(e)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
