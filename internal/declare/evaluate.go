package declare

import (
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/grafana/sobek"

	"github.com/layeron/rotate/internal/secret"
)

// seeds returns the seeds of the two evaluations. Their clocks differ in year,
// weekday, hour and parity, so that a declaration that depends on the time
// differs too.
func seeds() [2]seed {
	return [2]seed{
		{clock: time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC), random: 1},
		{clock: time.Date(2031, time.July, 16, 13, 37, 41, 617_000_000, time.UTC), random: 2},
	}
}

// evaluator runs bundles. Another goroutine may call its interrupt.
type evaluator struct {
	mu      sync.Mutex
	running *sobek.Runtime
	reason  func(secret.Position) secret.Diagnostic // set once it is interrupted
}

// errInterrupted is the error of a run that was interrupted before it began.
var errInterrupted = errors.New("interrupted")

// interrupt stops the running evaluation and every later one. Reason returns
// the diagnostic for the position where the code was.
func (e *evaluator) interrupt(reason func(secret.Position) secret.Diagnostic) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.reason = reason
	if e.running != nil {
		e.running.Interrupt(errInterrupted)
	}
}

func (e *evaluator) begin(runtime *sobek.Runtime) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.reason != nil {
		return errInterrupted
	}
	e.running = runtime
	return nil
}

// interruption returns the diagnostic of an interrupted run.
func (e *evaluator) interruption(at secret.Position) secret.Diagnostic {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.reason(at)
}

// evaluate runs a bundle with each seed. It returns the evaluation of the first
// run, and a diagnostic for each difference between the runs.
func (e *evaluator) evaluate(b bundle) (evaluation, []secret.Diagnostic) {
	module, err := link(b)
	if err != nil {
		return evaluation{}, []secret.Diagnostic{cannotRun(err)}
	}
	var runs [2]evaluation
	for i, s := range seeds() {
		var ended *secret.Diagnostic
		if runs[i], ended = e.once(b, module, s); ended != nil {
			return evaluation{}, []secret.Diagnostic{*ended}
		}
		if i == 0 && len(runs[0].failures) > 0 {
			return runs[0], nil
		}
	}
	return runs[0], compare(b, runs[0], runs[1])
}

func link(b bundle) (*sobek.SourceTextModuleRecord, error) {
	module, err := sobek.ModuleFromAST(b.program, noImports)
	if err != nil {
		return nil, err
	}
	return module, module.Link()
}

// once runs a bundle with one seed. The diagnostic, if any, says why the run
// was interrupted.
func (e *evaluator) once(b bundle, module *sobek.SourceTextModuleRecord, s seed) (evaluation, *secret.Diagnostic) {
	box, finish, err := newSandbox(s)
	if err != nil {
		d := crashDiagnostic(err.Error())
		return evaluation{}, &d
	}
	if err := e.begin(box.runtime); err != nil {
		d := e.interruption(secret.Position{})
		return evaluation{}, &d
	}
	err = box.run(module, finish)
	var interrupted *sobek.InterruptedError
	if errors.As(err, &interrupted) {
		d := e.interruption(b.positions.innermost(inBundle(interrupted.Stack())))
		return evaluation{}, &d
	}
	if err != nil {
		box.fail(err)
	}
	return box.evaluation, nil
}

// compare returns a diagnostic for each difference between two evaluations.
func compare(b bundle, first, second evaluation) []secret.Diagnostic {
	var diagnostics []secret.Diagnostic
	report := func(r record, path []string) {
		at := b.positions.key(r.at, path...)
		diagnostics = append(diagnostics, errorAt(at, codeNotDeterministic,
			"%s is different each time it is evaluated: write it literally, without Date.now(), new Date() or Math.random()", r.part(path)))
	}
	pairs := func(a, b []record) (same bool) {
		for i, r := range a {
			if i == len(b) || b[i].name != r.name || b[i].at != r.at {
				report(r, nil)
				return false
			}
			if path, differ := difference(r.options, b[i].options); differ {
				report(r, path)
			}
		}
		if len(b) > len(a) {
			report(b[len(a)], nil)
		}
		return len(a) == len(b)
	}
	same := pairs(first.secrets, second.secrets)
	same = pairs(first.backends, second.backends) && same
	same = pairs(first.projects, second.projects) && same
	if same && !sameUses(first, second) {
		diagnostics = append(diagnostics, errorAt(secret.Position{}, codeNotDeterministic,
			"the set of used secrets is different each time it is evaluated: do not choose secrets by the time or by Math.random()"))
	}
	return diagnostics
}

func sameUses(a, b evaluation) bool {
	return len(b.failures) == 0 && slices.EqualFunc(a.Uses, b.Uses, slices.Equal) && slices.EqualFunc(a.Entries, b.Entries, func(x, y entryResult) bool {
		return x.Backend == y.Backend && x.Project == y.Project && slices.Equal(x.Secrets, y.Secrets)
	})
}
