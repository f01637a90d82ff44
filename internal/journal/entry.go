package journal

import (
	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/secret"
)

// Entry is one secret's part of the journal.
type Entry struct {
	// Serial counts intents; it is never reused.
	Serial int `json:"serial"`
	// State is what the store holds; null before the first write.
	State *State `json:"state"`
	// Intent is the last write that was announced, open or closed.
	Intent *Intent `json:"intent"`
	// Observed is what the store returned for the last write.
	Observed *Observed `json:"observed"`
	// Events are the last MaxEvents changes, oldest first.
	Events []Event `json:"events"`
	// HMAC authenticates all of the above.
	HMAC string `json:"hmac"`
}

// MaxEvents is how many events an entry keeps.
const MaxEvents = 20

// Outcome is how an intent ended.
type Outcome string

// The outcomes of an intent; an open one has none.
const (
	Written Outcome = "written" // the store took it
	Refused Outcome = "refused" // the store will never take it; its new version id is void
	Void    Outcome = "void"    // its secret is no longer declared, or its write is no longer needed
	Unsent  Outcome = "unsent"  // nothing was sent; the next run tries the same version again
)

// Intent is a write that is announced before it is sent.
type Intent struct {
	Serial      int            `json:"serial"`
	Action      string         `json:"action"`
	Version     secret.Version `json:"version"`
	Slot        secret.Instant `json:"slot"`
	SwitchAt    secret.Instant `json:"switchAt"`
	WriteBefore secret.Instant `json:"writeBefore"`
	Reason      string         `json:"reason"`
	Run         string         `json:"run"`
	Outcome     Outcome        `json:"outcome,omitempty"`
	Refusal     *Refusal       `json:"refusal,omitempty"`
	// Next is the state that the write makes; null once it is the state.
	Next *State `json:"next"`
}

// Refusal records what a refused write depended on. The write is tried again
// when the cause changes, or when the account holds fewer secrets than Used.
type Refusal struct {
	Code  string `json:"code"`
	Cause string `json:"cause"`
	Used  int    `json:"used,omitempty"`
}

// Observed is what the store returned for the last write.
type Observed struct {
	SecretID string         `json:"secretId"`
	Modified secret.Instant `json:"modified"`
}

// Event is one recorded change of a secret.
type Event struct {
	At      secret.Instant `json:"at"`
	Action  string         `json:"action"`
	Version secret.Version `json:"version"`
	Slot    secret.Instant `json:"slot"`
	Reason  string         `json:"reason"`
	Run     string         `json:"run"`
}

// StoreName returns the secret's name in the store.
func (e *Entry) StoreName() string {
	switch {
	case e.State != nil:
		return e.State.StoreName
	case e.Intent != nil && e.Intent.Next != nil:
		return e.Intent.Next.StoreName
	}
	return ""
}

// Lineage returns the secret's lineage.
func (e *Entry) Lineage() rootkey.Lineage {
	switch {
	case e.State != nil:
		return e.State.Lineage
	case e.Intent != nil && e.Intent.Next != nil:
		return e.Intent.Next.Lineage
	}
	return ""
}

// Open returns the intent that has no outcome yet, or nil.
func (e *Entry) Open() *Intent {
	if e.Intent == nil || e.Intent.Outcome != "" {
		return nil
	}
	return e.Intent
}

// LastVersion returns the highest version id ever used, including void ones.
func (e *Entry) LastVersion() secret.Version {
	var last secret.Version
	if e.State != nil {
		last = e.State.LastVersion
	}
	if e.Intent != nil {
		last = max(last, e.Intent.Version)
		if e.Intent.Next != nil {
			last = max(last, e.Intent.Next.LastVersion)
		}
	}
	return last
}

// Announced returns the entry with a new open intent.
func (e *Entry) Announced(intent Intent) *Entry {
	announced := *e
	announced.Serial++
	intent.Serial = announced.Serial
	next := *intent.Next
	next.Serial = announced.Serial
	intent.Next = &next
	announced.Intent = &intent
	return &announced
}

// Recorded returns the entry after its intent was written: the intent's state
// becomes the state.
func (e *Entry) Recorded(observed Observed) *Entry {
	recorded, intent := *e, *e.Intent
	recorded.State, recorded.Observed = intent.Next, &observed
	intent.Outcome, intent.Next = Written, nil
	recorded.Intent = &intent
	recorded.Events = appendEvent(e.Events, Event{
		At: intent.SwitchAt, Action: intent.Action, Version: intent.Version, Slot: intent.Slot, Reason: intent.Reason, Run: intent.Run,
	})
	return &recorded
}

// Closed returns the entry after its intent ended without a write.
func (e *Entry) Closed(outcome Outcome, refusal *Refusal) *Entry {
	closed, intent := *e, *e.Intent
	intent.Outcome, intent.Refusal = outcome, refusal
	closed.Intent = &intent
	return &closed
}

func appendEvent(events []Event, event Event) []Event {
	kept := append([]Event{}, events[max(0, len(events)+1-MaxEvents):]...)
	return append(kept, event)
}

// newest returns the latest instant in the entry.
func (e *Entry) newest() secret.Instant {
	var newest secret.Instant
	if e.State != nil {
		for _, v := range e.State.Versions {
			newest = secret.Later(newest, v.ActiveFrom)
		}
	}
	if open := e.Open(); open != nil {
		newest = secret.Later(newest, open.SwitchAt)
	}
	for _, event := range e.Events {
		newest = secret.Later(newest, event.At)
	}
	return newest
}
