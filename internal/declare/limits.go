package declare

import (
	"fmt"
	"time"

	"github.com/layeron/rotate/internal/secret"
)

// failedDocument returns the result of a compile that failed.
func failedDocument(environment string, diagnostics ...secret.Diagnostic) secret.Document {
	return secret.Document{
		Schema:      secret.DocumentSchema,
		Environment: environment,
		Secrets:     []secret.Declaration{},
		Diagnostics: secret.SortDiagnostics(append([]secret.Diagnostic{}, diagnostics...)),
	}
}

func timeoutDiagnostic(limit time.Duration, at secret.Position) secret.Diagnostic {
	where := "in the top-level code"
	if at.Line > 0 {
		where = "here"
	}
	return errorAt(at, codeTimeout, "the compile was still running after %s: look for a loop %s that never ends, and keep work out of module scope", limit, where)
}

func memoryDiagnostic(limit int64, at secret.Position) secret.Diagnostic {
	return errorAt(at, codeOutOfMemory, "the compile needed more than %d MiB of memory: look for data built in module scope, and make it inside a handler", limit>>20)
}

func crashDiagnostic(detail string) secret.Diagnostic {
	return errorAt(secret.Position{}, codeCrashed, "the compile ended without a result (%s): reduce the entry to its declarations to find the cause, and report it", shown(detail))
}

func errorAt(at secret.Position, code Code, format string, args ...any) secret.Diagnostic {
	return secret.Diagnostic{Severity: secret.Error, Code: string(code), Message: printable(fmt.Sprintf(format, args...)), Position: at}
}

func warningAt(at secret.Position, code Code, format string, args ...any) secret.Diagnostic {
	d := errorAt(at, code, format, args...)
	d.Severity = secret.Warning
	return d
}
