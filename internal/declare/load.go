package declare

import (
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// load reads every file that gets into a bundle. It is asked whichever way the
// file was found, also where esbuild resolves by itself: an import of a template
// with an expression in it names files that no resolver was asked about.
func (w workspace) load(args api.OnLoadArgs) (api.OnLoadResult, error) {
	resolved, ok := w.inside(args.Path)
	if !ok || !isCode(resolved) && !isText(resolved) {
		return refusedLoad(codeImportOutside, "a file of this path may not be read: declarations come from code and text files of this repository, outside of .git, .layeron and node_modules"), nil
	}
	data, err := os.ReadFile(resolved)
	if err != nil {
		return refusedLoad(codeImportNotFound, "cannot read this file"), nil
	}
	text := string(data)
	if isCode(resolved) {
		// A source map is a file more to read, and gives positions any name.
		text = strings.ReplaceAll(text, "sourceMappingURL=", "sourceMappingURL_")
	}
	return api.OnLoadResult{Contents: &text, Loader: loader(resolved, args.With["type"]), ResolveDir: filepath.Dir(args.Path)}, nil
}

// loader is how a file is read: as its import says, else by its ending.
func loader(name, attribute string) api.Loader {
	if attribute == "text" {
		return api.LoaderText
	}
	switch path.Ext(name) {
	case ".ts", ".mts", ".cts":
		return api.LoaderTS
	case ".tsx":
		return api.LoaderTSX
	case ".jsx":
		return api.LoaderJSX
	case ".js", ".mjs", ".cjs":
		return api.LoaderJS
	case ".json":
		return api.LoaderJSON
	}
	return api.LoaderText
}

func refusedLoad(code Code, text string) api.OnLoadResult {
	return api.OnLoadResult{Errors: []api.Message{{Text: text, Detail: code}}}
}
