// Package run opens what a command or the Action works on: the project and its
// declarations, the store, the journal in a file with its root key, and the
// clock. It changes nothing but what --local needs before its first write.
//
// Credentials come from the environment and from nowhere else, and no error or
// message holds one.
package run

import (
	"fmt"
	"io"
	"time"
)

// The environment variables that layer reads.
const (
	EnvRootKey = "LAYER_ROOT_KEY"
	EnvClock   = "LAYER_CLOCK" // for tests

	EnvToken   = "CLOUDFLARE_API_TOKEN"
	EnvAccount = "CLOUDFLARE_ACCOUNT_ID"
	EnvStore   = "CLOUDFLARE_STORE_ID"
	EnvBaseURL = "CLOUDFLARE_BASE_URL" // for tests
)

// Process is everything a run takes from its process.
type Process struct {
	Getenv func(string) string
	Now    func() time.Time
	Random io.Reader
	// Self is the program's own path, to start as the compiler's child.
	Self string
	// Stderr gets progress and notes.
	Stderr         io.Writer
	StderrTerminal bool
}

// Say prints a note.
func (p Process) Say(text string) { fmt.Fprintln(p.Stderr, "layer: "+text) }

// Waiting prints how long the run waits, and why.
func (p Process) Waiting(d time.Duration, why string) {
	fmt.Fprintf(p.Stderr, "layer: waiting %s: %s\n", d.Round(time.Second), why)
}
