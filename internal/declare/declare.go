// Package declare turns the TypeScript of a project into validated secret
// declarations (docs/design/declarations.md): esbuild bundles it, a JavaScript
// engine written in Go evaluates it, and what `secret.static`, `secret.random`
// and `secret.generated` were told is checked.
//
// The TypeScript is not trusted; a pull request may hold anything. The package
// promises:
//
//   - It is evaluated in a child process with an empty environment, a time
//     limit and a memory limit. The code reaches no file, no network and no Go
//     object but the recorder of declarations; what it imports is read only
//     inside the repository and never from node_modules.
//   - The result depends on the files alone: not on the clock, on chance, on
//     the machine's zone or on what is installed.
//   - Whatever is wrong with the project comes back as diagnostics, all of a
//     compile together, each with a stable code (see [Codes]), a sentence that
//     says what to do and a position in the user's own file.
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

// The limits of a compile where Options set none.
const (
	DefaultTimeout = 10 * time.Second
	DefaultMemory  = 512 << 20
)

// Options say what to compile. Entry and ProjectName may be empty.
type Options struct {
	Project     string        // the project's directory
	Entry       string        // the entry file, relative to Project; empty: the default search
	ProjectName string        // the project's name, where the TypeScript does not say it
	Environment string        // see secret.CheckEnvironment
	Timeout     time.Duration // of the whole compile; 0: DefaultTimeout
	Memory      int64         // bytes of heap, about; 0: DefaultMemory
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
// child; the program then calls RunChild and exits with what that returns.
const ChildArg = "__compile"

// Compile evaluates the project in a child process: the program self, which is
// this one. Mistakes in the project, and ends in a limit, are diagnostics of
// the document, whose Secrets are then empty. An error means that no child
// could be started, that ctx ended, or that the environment is no environment.
func Compile(ctx context.Context, self string, o Options) (secret.Document, error) {
	o = o.withDefaults()
	if err := secret.CheckEnvironment(o.Environment); err != nil {
		return secret.Document{}, fmt.Errorf("compile: %w", err)
	}
	request, err := json.Marshal(o)
	if err != nil {
		return secret.Document{}, fmt.Errorf("compile: encode request: %w", err)
	}
	end, err := runProgram(ctx, self, request, o.Timeout)
	switch {
	case ctx.Err() != nil:
		return secret.Document{}, fmt.Errorf("compile: %w", ctx.Err())
	case err != nil:
		return secret.Document{}, fmt.Errorf("compile: %w", err)
	}
	return end.document(o), nil
}

// childEnd is all that is known of a child that ended.
type childEnd struct {
	stdout   []byte
	stderr   string
	failed   bool
	timedOut bool
}

// The output of a child is untrusted; these bound what is read of it.
const (
	maxOutput = 64 << 20
	maxStderr = 64 << 10
)

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

// document reads the child's answer; a child that gave none is a diagnostic.
// One that answered and did not end in time has answered all the same.
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

// outOfMemory recognises what the Go runtime, or the one of a program built
// with the race detector, writes when the system refuses it memory.
func outOfMemory(stderr string) bool {
	return slices.ContainsFunc([]string{"out of memory", "cannot allocate memory", "failed to allocate"}, func(words string) bool {
		return strings.Contains(stderr, words)
	})
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

// boundedBuffer keeps the first limit bytes written to it, and swallows the
// rest so that the writer does not block.
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
