package declare

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// resolver decides what an import becomes: a file of the repository, one of
// the two products that declare secrets, or a stand-in.
type resolver struct {
	workspace workspace
	build     api.PluginBuild
}

// ownQuestion marks requests that the resolver itself makes to esbuild.
type ownQuestion struct{}

func (r *resolver) plugin() api.Plugin {
	return api.Plugin{Name: "layer", Setup: func(build api.PluginBuild) {
		r.build = build
		build.OnResolve(api.OnResolveOptions{Filter: ".*"}, r.resolve)
		build.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: "file"}, r.workspace.load)
		build.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: standInNamespace}, loadModule("standIn"))
		build.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: layerNamespace}, loadModule("product"))
	}}
}

// loadModule returns a loader of modules whose exports the sandbox makes. They
// are CommonJS, so that esbuild looks up names when they are used, and any name
// exists.
func loadModule(maker string) func(api.OnLoadArgs) (api.OnLoadResult, error) {
	return func(args api.OnLoadArgs) (api.OnLoadResult, error) {
		contents := fmt.Sprintf("module.exports = globalThis[Symbol.for(%q)].%s(%s);", hostSymbol, maker, quoteJS(args.Path))
		return api.OnLoadResult{Contents: &contents, Loader: api.LoaderJS}, nil
	}
}

func (r *resolver) resolve(args api.OnResolveArgs) (api.OnResolveResult, error) {
	switch _, own := args.PluginData.(ownQuestion); {
	case own || args.Kind == api.ResolveEntryPoint:
		return api.OnResolveResult{}, nil
	case args.Path == "@layeron/core" || args.Path == "@layeron/modules":
		return api.OnResolveResult{Path: args.Path, Namespace: layerNamespace}, nil
	case isRelative(args.Path):
		return r.relative(args), nil
	}
	return r.bare(args), nil
}

// relative resolves an import of a file.
func (r *resolver) relative(args api.OnResolveArgs) api.OnResolveResult {
	if isInert(args.Path) || r.workspace.isPackage(filepath.Join(args.ResolveDir, args.Path)) {
		return standIn(args.Path)
	}
	found := r.ask(args)
	if len(found.Errors) > 0 {
		if isText(args.Path) {
			return standIn(args.Path)
		}
		return refusal(codeImportNotFound, "cannot find "+shown(args.Path)+": correct the path, or commit the file it names")
	}
	return r.file(args.Path, found.Path)
}

// bare resolves all other imports. Files of the repository that tsconfig or
// package.json map to are loaded. Packages are never loaded, even if installed:
// the result must not depend on that.
func (r *resolver) bare(args api.OnResolveArgs) api.OnResolveResult {
	if strings.Contains(args.Path, ":") {
		return standIn(args.Path)
	}
	found := r.ask(args)
	if len(found.Errors) > 0 || found.External || found.Namespace != "file" || r.workspace.isPackage(found.Path) {
		return standIn(args.Path)
	}
	return r.file(args.Path, found.Path)
}

func (r *resolver) ask(args api.OnResolveArgs) api.ResolveResult {
	return r.build.Resolve(args.Path, api.ResolveOptions{
		Importer: args.Importer, Namespace: args.Namespace, ResolveDir: args.ResolveDir, Kind: args.Kind, PluginData: ownQuestion{},
	})
}

// file resolves an import to a file that esbuild found, if it may be read.
func (r *resolver) file(specifier, found string) api.OnResolveResult {
	resolved, ok := r.workspace.inside(found)
	switch {
	case ok && resolved == found && (isCode(found) || isText(found)):
		return api.OnResolveResult{} // left to esbuild, which applies the file's tsconfig only then
	case ok && (isCode(resolved) || isText(resolved)):
		return api.OnResolveResult{Path: resolved}
	case !ok && isCode(found):
		return refusal(codeImportOutside, shown(specifier)+" leads out of the repository, or into .git, .layeron or node_modules: move the file into the project's sources")
	}
	return standIn(specifier)
}

func standIn(specifier string) api.OnResolveResult {
	return api.OnResolveResult{Path: specifier, Namespace: standInNamespace}
}

func refusal(code Code, text string) api.OnResolveResult {
	return api.OnResolveResult{Errors: []api.Message{{Text: text, Detail: code}}}
}

func isRelative(specifier string) bool {
	return specifier == "." || specifier == ".." || filepath.IsAbs(specifier) ||
		strings.HasPrefix(specifier, "./") || strings.HasPrefix(specifier, "../") || strings.HasPrefix(specifier, "/")
}
