package declare

import (
	_ "embed" // the sandbox's JavaScript
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/grafana/sobek"
)

//go:embed sandbox.js
var sandboxJS string

// maxCallStack is the depth at which recursion counts as endless.
const maxCallStack = 2000

// seed is the clock and the source of random numbers of an evaluation. Two
// evaluations with different seeds show which declarations depend on them.
type seed struct {
	clock  time.Time
	random uint64
}

// record is one call of the two products: of backend, project or a member of
// secret.
type record struct {
	name    string
	options value
	at      generated
}

// misuse is a call of a member of secret that does not exist.
type misuse struct {
	what   string // "secret" or "secret_reference"
	member string
	at     generated
}

// failure is an exception. Entry is the entry's index, or -1; frames are where
// it was thrown, the innermost first.
type failure struct {
	entry   int
	message string
	frames  []generated
}

// entryResult is what an entry exports. Secrets, backends and projects are
// indexes of the lists in evaluation.
type entryResult struct {
	Backend  int    // the backend it exports as default, or -1
	Project  int    // the project it exports as default, or -1
	Backends [2]int // the first and the end of the backends made while it ran
	Secrets  []int  // the secrets it exports, if it has no backend
	Failed   bool
}

// evaluation is the result of one run of a bundle.
type evaluation struct {
	secrets  []record
	backends []record
	projects []record
	misuses  []misuse
	failures []failure

	Entries []entryResult
	Uses    [][]int // per backend, the secrets its use reached
}

// sandbox evaluates one bundle once.
type sandbox struct {
	reader
	evaluation
	frames []sobek.StackFrame // reused from call to call
}

func newSandbox(s seed) (*sandbox, sobek.Callable, error) {
	runtime := sobek.New()
	runtime.SetMaxCallStackSize(maxCallStack)
	clock := s.clock
	runtime.SetTimeSource(func() time.Time {
		clock = clock.Add(time.Millisecond) // so that a loop that waits for the clock ends
		return clock
	})
	random := rand.New(rand.NewPCG(s.random, s.random))
	runtime.SetRandSource(random.Float64)
	runtime.SetImportModuleDynamically(func(referrer any, specifier sobek.Value, payload any) {
		runtime.FinishLoadingImportModule(referrer, specifier, payload, nil, fmt.Errorf("import(%s): name the file in the import literally", shown(specifier.String())))
	})
	runtime.SetGetImportMetaProperties(func(sobek.ModuleRecord) []sobek.MetaProperty {
		return []sobek.MetaProperty{{Key: "env", Value: runtime.NewObject()}}
	})
	box := &sandbox{reader: reader{runtime: runtime, origin: sobek.NewSymbol("stand-in")}}
	finish, err := box.install()
	return box, finish, err
}

// install runs the sandbox's JavaScript and returns its finish.
func (b *sandbox) install() (sobek.Callable, error) {
	program, err := b.runtime.RunScript("sandbox.js", sandboxJS)
	if err != nil {
		return nil, fmt.Errorf("install sandbox: %w", err)
	}
	install, _ := sobek.AssertFunction(program)
	host := b.runtime.NewObject()
	for name, v := range map[string]any{
		"ORIGIN": b.origin, "MARK_BEGIN": markBegin, "MARK_END": markEnd, "SYMBOL": hostSymbol, "GLOBALS": strings.Fields(absentGlobals),
		"declare": b.declare, "misuse": b.misuse, "failed": b.failed,
	} {
		if err := host.Set(name, v); err != nil {
			return nil, fmt.Errorf("install sandbox: %w", err)
		}
	}
	result, err := install(sobek.Undefined(), host)
	if err != nil {
		return nil, fmt.Errorf("install sandbox: %w", err)
	}
	finish, _ := sobek.AssertFunction(result)
	return finish, nil
}

// absentGlobals are what Workers, browsers and Node have and the engine lacks.
const absentGlobals = `
	AbortController AbortSignal Blob BroadcastChannel Buffer ByteLengthQueuingStrategy Cache CacheStorage CompressionStream
	CountQueuingStrategy Crypto CryptoKey CustomEvent DOMException DecompressionStream Event EventSource EventTarget
	ExtendableEvent FetchEvent File FileReader FinalizationRegistry FixedLengthStream FormData HTMLRewriter Headers
	IdentityTransformStream ImageData Intl Iterator MessageChannel MessageEvent MessagePort Navigator Performance
	ReadableStream ReadableStreamBYOBReader ReadableStreamDefaultReader Request Response ScheduledEvent SubtleCrypto
	Temporal TextDecoder TextDecoderStream TextEncoder TextEncoderStream TransformStream URL URLPattern URLSearchParams
	WeakRef WebAssembly WebSocket WebSocketPair WorkerGlobalScope WritableStream WritableStreamDefaultWriter
	SharedArrayBuffer Atomics addEventListener atob btoa caches clearImmediate clearInterval clearTimeout console crypto
	dispatchEvent fetch location navigator origin performance process removeEventListener reportError scheduler setImmediate
	setInterval setTimeout structuredClone`

// run evaluates a bundle to its end.
func (b *sandbox) run(module *sobek.SourceTextModuleRecord, finish sobek.Callable) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the engine cannot run it: %v", p)
		}
	}()
	promise := b.runtime.CyclicModuleRecordEvaluate(module, noImports)
	switch promise.State() {
	case sobek.PromiseStateRejected:
		return rejection(promise.Result())
	case sobek.PromiseStatePending:
		return errPending
	}
	result, err := finish(sobek.Undefined())
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(result.String()), &b.evaluation)
}

// errPending means that the code awaits a promise that never settles.
var errPending = errors.New("top-level await never settles")

func noImports(any, string) (sobek.ModuleRecord, error) {
	return nil, errors.New("a bundle imports nothing")
}

func rejection(v sobek.Value) error {
	if err, ok := v.Export().(error); ok {
		return err
	}
	return errors.New(v.String())
}

// declare is called by the two products.
func (b *sandbox) declare(name string, options sobek.Value) int {
	list := &b.secrets
	switch name {
	case "backend":
		list = &b.backends
	case "project":
		list = &b.projects
	}
	*list = append(*list, record{name: name, options: b.read(options, 0), at: b.caller()})
	return len(*list) - 1
}

func (b *sandbox) misuse(what, member string) {
	b.misuses = append(b.misuses, misuse{what: what, member: member, at: b.caller()})
}

// caller returns where the bundle called the sandbox.
func (b *sandbox) caller() generated {
	b.frames = b.runtime.CaptureCallStack(maxFrames, b.frames[:0])
	if frames := inBundle(b.frames); len(frames) > 0 {
		return frames[0]
	}
	return generated{}
}

// maxFrames is how many frames are searched for one in the bundle. Between it
// and the recorder are those of the sandbox and perhaps a native `map`.
const maxFrames = 8

// inBundle returns the places of the frames that are in the bundle.
func inBundle(frames []sobek.StackFrame) []generated {
	var places []generated
	for i := range frames {
		if len(places) < maxFrames && frames[i].SrcName() == bundleName {
			at := frames[i].Position()
			places = append(places, generated{at.Line, at.Column - 1})
		}
	}
	return places
}

// failed records what an entry threw.
func (b *sandbox) failed(entry int, thrown sobek.Value) {
	f := failure{entry: entry, message: "an exception without a message"}
	if exception := b.runtime.Try(func() { f.message, f.frames = describe(thrown) }); exception != nil {
		f.message = "an exception that cannot be shown"
	}
	b.failures = append(b.failures, f)
}

var framePattern = regexp.MustCompile(regexp.QuoteMeta(bundleName) + `:(\d+):(\d+)`)

// describe returns the message of an exception and where it was thrown. Only the
// error's stack has the places, so code that changes it gets a diagnostic with a
// wrong position.
func describe(thrown sobek.Value) (message string, frames []generated) {
	object, ok := thrown.(*sobek.Object)
	if !ok {
		return thrown.String(), nil
	}
	if stack := object.Get("stack"); stack != nil {
		for _, match := range framePattern.FindAllStringSubmatch(stack.String(), maxFrames) {
			line, _ := strconv.Atoi(match[1])
			column, _ := strconv.Atoi(match[2])
			frames = append(frames, generated{line, max(column-1, 0)})
		}
	}
	return object.String(), frames
}

// fail records an error that ended the whole evaluation.
func (b *sandbox) fail(err error) {
	f := failure{entry: -1, message: err.Error()}
	var exception *sobek.Exception
	var overflow *sobek.StackOverflowError
	switch {
	case errors.As(err, &overflow):
		f.message, f.frames = "the call stack is exhausted: look for a function that calls itself without end", inBundle(overflow.Stack())
	case errors.As(err, &exception):
		f.message, f.frames = exception.Value().String(), inBundle(exception.Stack())
	}
	b.failures = append(b.failures, f)
}
