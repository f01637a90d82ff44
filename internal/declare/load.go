package declare

import (
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// load reads every file of a bundle, however the file was found. esbuild finds
// some without calling the resolver: those that match an import of a template
// with an expression in it.
func (w workspace) load(args api.OnLoadArgs) (api.OnLoadResult, error) {
	resolved, ok := w.inside(args.Path)
	if !ok || !isCode(resolved) && !isText(resolved) {
		return refusedLoad(codeImportOutside, "this file is not read: import code and text files of this repository, outside .git, .layeron and node_modules"), nil
	}
	data, err := os.ReadFile(resolved)
	if err != nil {
		return refusedLoad(codeImportNotFound, "cannot read this file"), nil
	}
	text := string(data)
	if isCode(resolved) {
		// A source map is another file to read, and can give positions any file name.
		text = strings.ReplaceAll(text, "sourceMappingURL=", "sourceMappingURL_")
	}
	return api.OnLoadResult{Contents: &text, Loader: loader(resolved, args.With["type"]), ResolveDir: filepath.Dir(args.Path)}, nil
}

// loader returns the loader of a file: that of the import's attribute, else by
// the extension.
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
