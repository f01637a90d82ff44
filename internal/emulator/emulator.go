// Package emulator serves the API of Cloudflare Secrets Store as an
// http.Handler, with its secrets in a file or in memory. With --local the real
// client calls it inside the process (see [Transport]); tests serve it over
// loopback.
//
// It answers as the API does, with the same paths, envelope, paging, messages
// and limits. A change is answered only after the file holds it, and the file
// is always complete. Where the API's behaviour is not known, an option
// chooses. The file's form is a contract: docs/design/formats.md, "Embedded
// store".
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

// DefaultStoreID is the id of the only store, unless Options.Stores is set.
const DefaultStoreID = "10ca1000000000000000000000000000"

// Store is one store of the account.
type Store struct {
	ID   string // 32 hex digits
	Name string
}

// Options configure an Emulator. Now and Rand are required. The other zero
// values are those of an account that was just opened.
type Options struct {
	Now  func() time.Time
	Rand io.Reader // for ids

	// File is the file in Root that holds the secrets of the only store. Without
	// Root they are in memory. The file's folder must exist when the first secret
	// is written.
	Root *os.Root
	File string

	Account   string  // the only account; "" means any
	Token     string  // the only token that may write; "" means any
	ReadToken string  // a token that may read and not write
	Stores    []Store // nil means one, with DefaultStoreID; empty means none

	ValueLimit   int // bytes of a value; 0 means 65,536
	CommentLimit int // bytes of a comment; 0 means no limit; the API's is not known
	Quota        int // secrets in the account; 0 means 100
	RateLimit    int // requests in five minutes; 0 means 1,200
	PageLimit    int // secrets on a page, however many are asked for; 0 means 100

	PendingReads int // number of reads that show a new secret as pending
	DeletedReads int // number of reads that show a deleted secret, whose name is not free yet

	// Behaviour of the API that is not known.
	NotFoundStatus  int  // HTTP status of "not found"; 0 means 404
	DuplicateStatus int  // HTTP status of "name already exists"; 0 means 409
	PendingOnChange bool // whether a change makes a secret pending again

	// Failed is called with the error when the file cannot be written, which the
	// API does not show.
	Failed func(error)
}

// Emulator serves the API. It is safe for parallel use.
type Emulator struct {
	options Options
	routes  *http.ServeMux

	mu      sync.Mutex // guards the fields below
	stores  []Store
	secrets map[key]record
	file    file
	rate    rate
}

// newID returns a new id in the form of the API: 32 hex digits.
func (e *Emulator) newID() (string, error) {
	var id [16]byte
	if _, err := io.ReadFull(e.options.Rand, id[:]); err != nil {
		return "", fmt.Errorf("make id: %w", err)
	}
	return hex.EncodeToString(id[:]), nil
}

// now returns the time as the API shows it.
func (e *Emulator) now() time.Time { return e.options.Now().UTC().Truncate(time.Millisecond) }

// broken returns the answer to a request that failed because of the file or the
// randomness.
func (e *Emulator) broken(err error) answer {
	if e.options.Failed != nil {
		e.options.Failed(err)
	}
	return refusal(http.StatusInternalServerError, codeInternal, "internal_error")
}

func (e *Emulator) notFound(message string) answer {
	return refusal(e.options.NotFoundStatus, codeStore, message)
}
