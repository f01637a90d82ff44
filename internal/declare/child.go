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

// Exit codes of a child. Every result, even a failed one, is a document on stdout.
const (
	exitResult = 0
	exitBroken = 1
)

// interruptTime is how long an interrupted compile may take to report where the
// code was. Code inside a native function cannot be interrupted.
const interruptTime = time.Second

// RunChild is the child's side of Compile: it reads the request from stdin and
// writes the document to stdout. It changes limits and the time zone of the
// whole process, which must end with the code it returns: a compile that
// exceeds a limit is still running then.
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

// compileWithin compiles, and stops when a limit is reached. The parent ends what
// this function cannot stop.
func compileWithin(o Options) secret.Document {
	e := &evaluator{}
	done := make(chan secret.Document, 1)
	go func() { done <- compile(o, e) }()
	deadline := time.NewTimer(o.Timeout)
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
	case <-time.After(interruptTime):
		return failedDocument(o.Environment, e.interruption(secret.Position{}))
	}
}

// limitProcess limits the memory of the process. The garbage collector works
// harder when the heap comes close to the limit, and the operating system
// refuses a single allocation that is far beyond it.
func limitProcess(memory int64) {
	debug.SetMemoryLimit(memory - memory/8)
	debug.SetMaxStack(64 << 20)
	limitData(uint64(memory) + dataHeadroom)
}

// dataHeadroom is how much memory the process may have besides the heap of the
// compile: the runtime itself and memory that is freed but not yet returned.
const dataHeadroom = 512 << 20

// watchEvery is how often the heap is measured.
const watchEvery = 5 * time.Millisecond

// memoryAbove returns a channel that closes when the heap exceeds limit bytes.
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
