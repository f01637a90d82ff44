package declare

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/layeron/rotate/internal/secret"
)

// configFile is where a project has its name, backends and store names.
const configFile = "layeron.config.ts"

// defaultEntries are tried in this order.
func defaultEntries() []string { return []string{"src/index.ts", "index.ts", "src/worker.ts"} }

// workspace is the part of the disk that a compile may read: the repository
// that contains the project. Both paths are free of symlinks.
type workspace struct {
	project string
	root    string
}

// openWorkspace finds the root: the nearest ancestor that holds .git, else the
// project itself.
func openWorkspace(project string) (workspace, error) {
	absolute, err := filepath.Abs(project)
	if err != nil {
		return workspace{}, err
	}
	resolved, err := filepath.EvalSymlinks(absolute)
	if err != nil {
		return workspace{}, err
	}
	if info, err := os.Stat(resolved); err != nil || !info.IsDir() {
		return workspace{}, os.ErrNotExist
	}
	for dir := resolved; ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return workspace{project: resolved, root: dir}, nil
		}
		if dir == filepath.Dir(dir) {
			return workspace{project: resolved, root: resolved}, nil
		}
	}
}

// inside returns the path without symlinks if it may be read: within the root,
// and outside the folders of git, this tool and package managers.
func (w workspace) inside(path string) (string, bool) {
	resolved, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", false
	}
	relative, err := filepath.Rel(w.root, resolved)
	if err != nil || !filepath.IsLocal(relative) {
		return "", false
	}
	for _, closed := range []string{".git", ".layeron", "node_modules"} {
		if hasElement(relative, closed) {
			return "", false
		}
	}
	return resolved, true
}

// isPackage reports whether a path leads into installed packages.
func (w workspace) isPackage(path string) bool {
	relative, err := filepath.Rel(w.root, path)
	return err == nil && hasElement(relative, "node_modules")
}

// relative returns a path as diagnostics show it: relative to the project.
func (w workspace) relative(path string) string {
	relative, err := filepath.Rel(w.project, path)
	if err != nil {
		return filepath.ToSlash(path)
	}
	return filepath.ToSlash(relative)
}

// findFile returns the path of a file and whether it exists. A relative name is
// relative to the project.
func (w workspace) findFile(name string) (string, bool) {
	path := filepath.FromSlash(name)
	if !filepath.IsAbs(path) {
		path = filepath.Join(w.project, path)
	}
	info, err := os.Stat(path)
	return path, err == nil && info.Mode().IsRegular()
}

// findEntry returns the entry that the user named, or else searches for one.
func (w workspace) findEntry(named string) (string, *secret.Diagnostic) {
	if named != "" {
		return w.entryFile(named, secret.Position{}, "--entry")
	}
	for _, name := range defaultEntries() {
		if _, ok := w.findFile(name); ok {
			return w.entryFile(name, secret.Position{}, "the project")
		}
	}
	d := errorAt(secret.Position{}, codeEntryNotFound, "no entry found in this folder: looked for %s; run layer in the project, or name its folder with --project, its entry with --entry, or list backends in %s",
		strings.Join(slices.Concat([]string{configFile}, defaultEntries()), ", "), configFile)
	return "", &d
}

// entryFile returns the path of an entry. Whose is what names it, for messages.
func (w workspace) entryFile(name string, at secret.Position, whose string) (string, *secret.Diagnostic) {
	path, ok := w.findFile(name)
	if !ok {
		d := errorAt(at, codeEntryNotFound, "the entry %s that %s names is not a file: give a path relative to the project", shown(name), whose)
		return "", &d
	}
	resolved, ok := w.inside(path)
	if !ok || !isCode(resolved) {
		d := errorAt(at, codeImportOutside, "the entry %s is not a TypeScript or JavaScript file of this repository: move it there", shown(name))
		return "", &d
	}
	return resolved, nil
}

func hasElement(path, element string) bool {
	return slices.Contains(strings.Split(filepath.ToSlash(path), "/"), element)
}
