// Package emulator is the API of Cloudflare Secrets Store as an http.Handler,
// with its secrets in a file or in memory. With --local the real client talks
// to it inside the process (see [Transport]); tests serve it over loopback.
//
// It promises to answer as the API is known to, with the same paths, envelope,
// paging, messages and limits, and to keep the file whole: a change is answered
// only after the file holds it. Where the API's behaviour is not known, an
// option chooses. The file's form is a contract: docs/design/formats.md,
// "Embedded store".
package emulator

import (
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"
)

// DefaultStoreID is the id of the one store there is unless Options says
// otherwise.
const DefaultStoreID = "10ca1000000000000000000000000000"

// Store is one store of the account.
type Store struct {
	ID   string // 32 hex digits
	Name string
}

// Options shape an Emulator. Now and Rand are required; every other zero value
// is the behaviour of an account that was just opened.
type Options struct {
	Now  func() time.Time
	Rand io.Reader // of the ids

	// Root and File name the file that holds the secrets of one store; without
	// Root they are in memory. The file's folder has to exist when the first
	// secret is written.
	Root *os.Root
	File string

	Account   string  // the only account there is; "" accepts any
	Token     string  // the only token that may write; "" accepts any
	ReadToken string  // a token that may only read
	Stores    []Store // nil means one, with DefaultStoreID; empty means none

	ValueLimit   int // bytes of a value; 0 means 65,536
	CommentLimit int // bytes of a comment; 0 means none, the API's is unknown
	Quota        int // secrets in the account; 0 means 100
	RateLimit    int // requests in five minutes; 0 means 1,200
	PageLimit    int // secrets on a page, whatever was asked for; 0 means 100

	PendingReads int // how many reads show a new secret as pending
	DeletedReads int // how many reads show a deleted secret, its name taken

	// What is not known of the API.
	NotFoundStatus  int  // HTTP status of what is not found; 0 means 404
	DuplicateStatus int  // HTTP status of a name that is taken; 0 means 409
	PendingOnChange bool // whether a change makes a secret pending again

	// Failed is called with what the API does not show: why the file could not be
	// written.
	Failed func(error)
}

// Emulator serves the API. It is safe for parallel use.
type Emulator struct {
	options Options
	routes  *http.ServeMux

	mu      sync.Mutex // guards what follows
	stores  []Store
	secrets map[key]record
	file    file
	rate    rate
}

// newID makes an id as the API does: 32 hex digits.
func (e *Emulator) newID() (string, error) {
	var id [16]byte
	if _, err := io.ReadFull(e.options.Rand, id[:]); err != nil {
		return "", fmt.Errorf("make id: %w", err)
	}
	return hex.EncodeToString(id[:]), nil
}

// now is an instant as the API shows it.
func (e *Emulator) now() time.Time { return e.options.Now().UTC().Truncate(time.Millisecond) }

// broken is the answer when the file cannot be written or no id be made.
func (e *Emulator) broken(err error) answer {
	if e.options.Failed != nil {
		e.options.Failed(err)
	}
	return refusal(http.StatusInternalServerError, codeInternal, "internal_error")
}

func (e *Emulator) notFound(message string) answer {
	return refusal(e.options.NotFoundStatus, codeStore, message)
}
