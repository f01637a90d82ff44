package declare

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"github.com/layeron/rotate/internal/secret"
)

// Exit codes of a child. Every result, good or bad, is a document on stdout.
const (
	exitResult = 0
	exitBroken = 1
)

// grace is how long before the parent's deadline the child gives up by itself,
// to have time to say where it was.
const grace = 500 * time.Millisecond

// settling is how long an interrupted compile may take to say where it was.
const settling = 100 * time.Millisecond

// RunChild is the child's side of Compile: it reads the request from stdin and
// writes the document to stdout. It changes limits and the time zone of the
// whole process, which must end with the code it returns: a compile that went
// over a limit is left behind running.
func RunChild(stdin io.Reader, stdout, stderr io.Writer) int {
	var o Options
	if err := json.NewDecoder(stdin).Decode(&o); err != nil {
		fmt.Fprintf(stderr, "read request: %v\n", err)
		return exitBroken
	}
	time.Local = time.UTC // the machine's zone must not show in declarations
	limitProcess(o.Memory)
	answer, err := json.Marshal(compileWithin(o))
	if err == nil {
		_, err = stdout.Write(answer)
	}
	if err != nil {
		fmt.Fprintf(stderr, "write document: %v\n", err)
		return exitBroken
	}
	return exitResult
}

// compileWithin compiles and gives up when a limit is reached. The parent's
// own deadline is for what this one cannot stop.
func compileWithin(o Options) secret.Document {
	e := &evaluator{}
	done := make(chan secret.Document, 1)
	go func() { done <- compile(o, e) }()
	deadline := time.NewTimer(o.Timeout - min(o.Timeout/4, grace))
	defer deadline.Stop()
	select {
	case document := <-done:
		return document
	case <-deadline.C:
		e.interrupt(func(at secret.Position) secret.Diagnostic { return timeoutDiagnostic(o.Timeout, at) })
	case <-memoryAbove(o.Memory):
		e.interrupt(func(at secret.Position) secret.Diagnostic { return memoryDiagnostic(o.Memory, at) })
	}
	select {
	case document := <-done:
		return document
	case <-time.After(settling):
		return failedDocument(o.Environment, e.interruption(secret.Position{}))
	}
}

// limitProcess bounds what the process may take. The collector works harder
// when the heap comes close to the limit; the operating system refuses what
// one huge allocation would take beyond it.
func limitProcess(memory int64) {
	debug.SetMemoryLimit(memory - memory/8)
	debug.SetMaxStack(64 << 20)
	limitData(uint64(memory) + dataHeadroom)
}

// dataHeadroom is what the process may hold beside the heap of the compile:
// the runtime itself and memory that is freed but not yet returned.
const dataHeadroom = 512 << 20

// watchEvery is how often the heap is measured.
const watchEvery = 5 * time.Millisecond

// memoryAbove fires when the heap holds more than limit bytes.
func memoryAbove(limit int64) <-chan struct{} {
	above := make(chan struct{})
	go func() {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		for range time.Tick(watchEvery) {
			if metrics.Read(sample); sample[0].Value.Uint64() > uint64(limit) {
				close(above)
				return
			}
		}
	}()
	return above
}
