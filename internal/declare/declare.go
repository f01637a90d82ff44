// Package declare turns the TypeScript of a project into validated secret
// declarations (docs/design/declarations.md): esbuild bundles it, a JavaScript
// engine written in Go evaluates it, and the options given to `secret.static`,
// `secret.random` and `secret.generated` are validated.
//
// The TypeScript is not trusted: a pull request may contain anything. The package
// promises:
//
//   - It is evaluated in a child process with an empty environment, a time
//     limit and a memory limit. The code cannot reach files, the network or Go
//     objects, except the recorder of declarations. Imports are read only from
//     inside the repository, and never from node_modules.
//   - The result depends only on the files: not on the clock, random numbers,
//     the machine's time zone or installed packages.
//   - Mistakes in the project are returned as diagnostics, all of them at once.
//     Each has a stable code (see [Codes]), a message that says what to do, and
//     a position in the user's file.
package declare

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/layeron/rotate/internal/secret"
)

// The limits of a compile, unless Options set others.
const (
	DefaultTimeout = 10 * time.Second
	DefaultMemory  = 512 << 20
)

// Options are what to compile, and its limits. Entry and ProjectName may be empty.
type Options struct {
	Project     string        // the project's directory
	Entry       string        // the entry file, relative to Project; empty: the default search
	ProjectName string        // the project's name, if the TypeScript does not have it
	Environment string        // see secret.CheckEnvironment
	Timeout     time.Duration // of the whole compile; 0: DefaultTimeout
	Memory      int64         // approximate bytes of heap; 0: DefaultMemory
}

func (o Options) withDefaults() Options {
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Memory <= 0 {
		o.Memory = DefaultMemory
	}
	return o
}

// ChildArg is the single argument with which Compile starts a program as its
// child; the program then calls RunChild and exits with the code it returns.
const ChildArg = "__compile"

// Compile evaluates the project in a child process, which runs self, the path of
// this program. Mistakes in the project and exceeded limits are diagnostics of
// the document, and its Secrets are then empty. An error means that the child
// did not start, that ctx ended, or that the environment is not valid.
func Compile(ctx context.Context, self string, o Options) (secret.Document, error) {
	o = o.withDefaults()
	if err := secret.CheckEnvironment(o.Environment); err != nil {
		return secret.Document{}, fmt.Errorf("compile: %w", err)
	}
	request, err := json.Marshal(o)
	if err != nil {
		return secret.Document{}, fmt.Errorf("compile: encode request: %w", err)
	}
	end, err := runProgram(ctx, self, request, o.Timeout+grace)
	switch {
	case ctx.Err() != nil:
		return secret.Document{}, fmt.Errorf("compile: %w", ctx.Err())
	case err != nil:
		return secret.Document{}, fmt.Errorf("compile: %w", err)
	}
	return end.document(o), nil
}

// childEnd is the result of a child process.
type childEnd struct {
	stdout   []byte
	stderr   string
	failed   bool
	timedOut bool
}

// The output of a child is untrusted; these limit how much of it is kept.
const (
	maxOutput = 64 << 20
	maxStderr = 64 << 10
)

// grace is how long after the time limit the parent ends a child that has not
// ended by itself. In it the process starts and reports where the code was, also
// on a busy machine.
const grace = 3 * time.Second

func runProgram(ctx context.Context, self string, request []byte, timeout time.Duration) (childEnd, error) {
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	stdout, stderr := &boundedBuffer{limit: maxOutput}, &boundedBuffer{limit: maxStderr}
	child := exec.CommandContext(limited, self, ChildArg)
	child.Env = []string{}
	child.Stdin, child.Stdout, child.Stderr = bytes.NewReader(request), stdout, stderr
	child.WaitDelay = time.Second
	if err := child.Start(); err != nil {
		return childEnd{}, fmt.Errorf("start child: %w", err)
	}
	err := child.Wait()
	return childEnd{
		stdout:   stdout.Bytes(),
		stderr:   stderr.String(),
		failed:   err != nil || stdout.overflowed,
		timedOut: err != nil && errors.Is(limited.Err(), context.DeadlineExceeded),
	}, nil
}

// document returns the document that the child wrote, or one with a diagnostic
// if there is none. A document counts even if the child then did not exit in
// time.
func (end childEnd) document(o Options) secret.Document {
	document, err := parseDocument(end.stdout, o.Environment)
	switch {
	case err == nil && (end.timedOut || !end.failed):
		return document
	case end.timedOut:
		return failedDocument(o.Environment, timeoutDiagnostic(o.Timeout, secret.Position{}))
	case end.failed && outOfMemory(end.stderr):
		return failedDocument(o.Environment, memoryDiagnostic(o.Memory, secret.Position{}))
	case end.failed:
		return failedDocument(o.Environment, crashDiagnostic(firstLine(end.stderr)))
	}
	return failedDocument(o.Environment, crashDiagnostic(err.Error()))
}

// outOfMemory reports whether stderr has the message with which the Go runtime,
// or that of the race detector, exits when the system refuses it memory.
func outOfMemory(stderr string) bool {
	return slices.ContainsFunc([]string{"out of memory", "cannot allocate memory", "failed to allocate"}, func(words string) bool {
		return strings.Contains(stderr, words)
	})
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

// boundedBuffer keeps the first limit bytes written to it, and discards the
// rest, so that the writer does not block.
type boundedBuffer struct {
	bytes.Buffer
	limit      int
	overflowed bool
}

func (b *boundedBuffer) Write(p []byte) (int, error) {
	if room := b.limit - b.Len(); len(p) > room {
		b.overflowed = true
		b.Buffer.Write(p[:room])
		return len(p), nil
	}
	return b.Buffer.Write(p)
}
