package declare

import (
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf16"

	"github.com/evanw/esbuild/pkg/api"
	"github.com/grafana/sobek"
	"github.com/grafana/sobek/ast"
	"github.com/grafana/sobek/parser"

	"github.com/layeron/rotate/internal/secret"
)

// bundle is a project's code as one JavaScript module.
type bundle struct {
	program   *ast.Program
	positions *positions
}

// bundleEntries makes one bundle of several entries, so that a file they share
// is evaluated once and its declarations are the same objects in all of them.
func bundleEntries(w workspace, entries []string) (bundle, []secret.Diagnostic) {
	r := &resolver{workspace: w}
	result := api.Build(api.BuildOptions{
		Stdin:             &api.StdinOptions{Contents: importAll(entries), ResolveDir: w.project, Sourcefile: firstModule, Loader: api.LoaderJS},
		AbsWorkingDir:     w.project,
		Outfile:           filepath.Join(w.project, bundleName),
		Bundle:            true,
		Format:            api.FormatESModule,
		Platform:          api.PlatformNeutral,
		MainFields:        []string{"module", "main"},
		Target:            api.ES2017,
		Supported:         supportedByEngine(),
		Charset:           api.CharsetASCII,
		LegalComments:     api.LegalCommentsNone,
		IgnoreAnnotations: true,
		JSX:               api.JSXAutomatic,
		Sourcemap:         api.SourceMapExternal,
		PreserveSymlinks:  true, // else a linked package looks like a file
		ResolveExtensions: []string{".tsx", ".ts", ".mts", ".cts", ".jsx", ".js", ".mjs", ".cjs", ".json"},
		Loader:            map[string]api.Loader{".txt": api.LoaderText, ".sql": api.LoaderText, ".md": api.LoaderText, ".html": api.LoaderText},
		LogLevel:          api.LogLevelSilent,
		Plugins:           []api.Plugin{r.plugin()},
	})
	if len(result.Errors) > 0 {
		return bundle{}, messages(w, result.Errors)
	}
	return newBundle(result.OutputFiles)
}

func newBundle(files []api.OutputFile) (bundle, []secret.Diagnostic) {
	var code string
	var sourceMap []byte
	for _, file := range files {
		if strings.HasSuffix(file.Path, ".map") {
			sourceMap = file.Contents
		} else {
			code = string(file.Contents)
		}
	}
	program, err := sobek.Parse(bundleName, code, parser.IsModule)
	if err != nil {
		return bundle{}, []secret.Diagnostic{cannotRun(err)}
	}
	positions, err := newPositions(program, sourceMap)
	if err != nil {
		return bundle{}, []secret.Diagnostic{crashDiagnostic(err.Error())}
	}
	return bundle{program: program, positions: positions}, nil
}

func cannotRun(err error) secret.Diagnostic {
	return errorAt(secret.Position{}, codeEvaluation, "the code cannot be run: %s", err)
}

// importAll returns the first module's text. Each entry runs separately, so
// that a failure in one does not hide errors in another.
func importAll(entries []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "const { run } = globalThis[Symbol.for(%q)];\n", hostSymbol)
	for i, entry := range entries {
		fmt.Fprintf(&b, "await run(%d, () => import(%s));\n", i, quoteJS(entry))
	}
	return b.String()
}

// supportedByEngine lists what the engine knows beyond ES2017. Were object
// spread left out, esbuild would move the options of a declaration into calls
// of helpers, where their positions are not found.
func supportedByEngine() map[string]bool {
	return map[string]bool{"top-level-await": true, "bigint": true, "dynamic-import": true, "import-meta": true, "object-rest-spread": true}
}

// messages turns esbuild's errors into diagnostics.
func messages(w workspace, errors []api.Message) []secret.Diagnostic {
	diagnostics := make([]secret.Diagnostic, len(errors))
	for i, m := range errors {
		code, text := codeSyntax, m.Text
		if c, ok := m.Detail.(Code); ok {
			code = c
		} else if strings.HasPrefix(text, "No matching export") || strings.HasPrefix(text, "Could not resolve") {
			code = codeImportNotFound
		}
		at := messagePosition(m.Location)
		if _, ok := w.inside(filepath.Join(w.project, filepath.FromSlash(at.File))); at.File != "" && !ok {
			text = "files outside the repository are not read" // esbuild's message quotes the file
		}
		diagnostics[i] = errorAt(at, code, "%s", text)
	}
	return diagnostics
}

func messagePosition(l *api.Location) secret.Position {
	if l == nil || l.File == firstModule {
		return secret.Position{}
	}
	before := l.LineText[:min(l.Column, len(l.LineText))]
	return secret.Position{File: printable(filepath.ToSlash(l.File)), Line: l.Line, Column: utf16Length(before) + 1}
}

func utf16Length(s string) int {
	n := 0
	for _, r := range s {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}
