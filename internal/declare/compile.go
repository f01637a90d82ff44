package declare

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/layeron/rotate/internal/secret"
)

// compiler is the state of one compile, in the child process.
type compiler struct {
	options     Options
	evaluator   *evaluator
	workspace   workspace
	config      config
	names       []named // each place that names the project
	secrets     []checked
	used        map[int]bool // indexes of secrets
	partial     bool         // an entry failed, so the secrets it uses are unknown
	diagnostics []secret.Diagnostic
}

// checked is a declaration and whether it is valid.
type checked struct {
	declaration secret.Declaration
	id          secret.ID // "" if name or namespace is not valid
	valid       bool
}

// compile runs all steps.
func compile(o Options, e *evaluator) secret.Document {
	c := &compiler{options: o, evaluator: e, used: map[int]bool{}, config: config{workspace: secret.DefaultWorkspace}}
	w, err := openWorkspace(o.Project)
	if err != nil {
		return failedDocument(o.Environment, errorAt(secret.Position{}, codeProjectNotFound, "the project %s is not a directory: name one with --project", shown(o.Project)))
	}
	c.workspace = w
	if !c.readConfig() {
		return failedDocument(o.Environment, c.diagnostics...)
	}
	entries := c.entries()
	if len(entries) == 0 {
		return failedDocument(o.Environment, c.diagnostics...)
	}
	c.readEntries(entries)
	return c.document()
}

func (c *compiler) failed() bool { return secret.HasErrors(c.diagnostics) }

func (c *compiler) add(diagnostics ...secret.Diagnostic) {
	c.diagnostics = append(c.diagnostics, diagnostics...)
}

// readConfig evaluates layeron.config.ts, if there is one. It reports whether
// the compile can continue; mistakes in single options do not stop it.
func (c *compiler) readConfig() bool {
	if c.options.ProjectName != "" {
		c.flagName(c.options.ProjectName)
	}
	if _, ok := c.workspace.findFile(configFile); !ok {
		return true
	}
	path, problem := c.workspace.entryFile(configFile, secret.Position{}, "the project")
	if problem != nil {
		c.add(*problem)
		return false
	}
	b, run := c.run([]string{path})
	if len(run.Entries) == 0 || run.Entries[0].Failed {
		return false
	}
	index := run.Entries[0].Project
	if index < 0 {
		c.add(errorAt(secret.Position{File: configFile}, codeConfigInvalid, "%s does not export a project: write `export default project({ name: \"…\" })`", configFile))
		return false
	}
	checker := newChecker(b.positions, run.projects[index])
	c.config = checker.config()
	c.add(checker.diagnostics...)
	if c.config.name.text != "" {
		c.names = append(c.names, c.config.name)
	}
	return true
}

func (c *compiler) flagName(name string) {
	if err := secret.CheckName(name); err != nil {
		c.add(errorAt(secret.Position{}, codeProjectInvalid, "--project-name is %s: it %s; %s", shown(name), err, secret.NameRule))
		return
	}
	c.names = append(c.names, named{text: name, where: "--project-name"})
}

// entries are the files to evaluate: --entry, else the config's backends, else
// the default search. It reports and leaves out those that cannot be used.
func (c *compiler) entries() []string {
	var paths []string
	add := func(path string, problem *secret.Diagnostic) {
		if problem != nil {
			c.add(*problem)
			c.partial = true
			return
		}
		paths = append(paths, path)
	}
	if c.options.Entry != "" || len(c.config.backends) == 0 {
		add(c.workspace.findEntry(c.options.Entry))
		return paths
	}
	for _, entry := range c.config.backends {
		add(c.workspace.entryFile(entry.text, entry.at, configFile))
	}
	return paths
}

// readEntries evaluates the entries and finds the secrets they use.
func (c *compiler) readEntries(entries []string) {
	first := len(c.secrets)
	b, run := c.run(entries)
	c.partial = c.partial || len(run.Entries) < len(entries)
	backends := map[int]bool{}
	for i, entry := range run.Entries {
		c.readEntry(b, run, entry, backends, c.workspace.relative(entries[i]))
		for _, index := range entry.Secrets {
			c.used[first+index] = true
		}
	}
	for index := range backends {
		for _, s := range run.Uses[index] {
			c.used[first+s] = true
		}
	}
	for _, index := range slices.Sorted(maps.Keys(backends)) {
		c.readBackend(b, run.backends[index])
	}
}

// readEntry adds the backend of an entry to backends, or reports that the entry
// does not export one.
func (c *compiler) readEntry(b bundle, run evaluation, entry entryResult, backends map[int]bool, file string) {
	switch {
	case entry.Failed:
		c.partial = true
	case entry.Backend >= 0:
		backends[entry.Backend] = true
	case entry.Backends[0] < entry.Backends[1]:
		c.partial = true
		at := b.positions.call(run.backends[entry.Backends[0]].at)
		c.add(errorAt(at, codeBackendNotExported, "%s does not export this backend: add `export default` with the backend there", file))
	}
}

func (c *compiler) readBackend(b bundle, r record) {
	checker := newChecker(b.positions, r)
	if options, ok := checker.options(); ok {
		if options.fields["project"].kind == undefinedValue {
			checker.report(nil, codeProjectMissing, "has no project: add project: \"…\" with the project's name")
		} else if name, ok := checker.nameOption(options, "project", codeProjectInvalid); ok {
			c.names = append(c.names, named{text: name, at: checker.at("project")})
		}
	}
	c.add(checker.diagnostics...)
}

// run bundles and evaluates entries and validates what they declare.
func (c *compiler) run(entries []string) (bundle, evaluation) {
	b, problems := bundleEntries(c.workspace, entries)
	if len(problems) > 0 {
		c.add(problems...)
		return bundle{}, evaluation{}
	}
	run, problems := c.evaluator.evaluate(b)
	c.add(problems...)
	for _, f := range run.failures {
		c.add(failureDiagnostic(b, f, entries, c.workspace))
	}
	for _, m := range run.misuses {
		c.add(misuseDiagnostic(b, m))
	}
	for _, r := range run.secrets {
		checker := newChecker(b.positions, r)
		declaration := checker.declaration()
		id, _ := r.id()
		c.secrets = append(c.secrets, checked{declaration, id, len(checker.diagnostics) == 0})
		c.add(checker.diagnostics...)
	}
	return b, run
}

func failureDiagnostic(b bundle, f failure, entries []string, w workspace) secret.Diagnostic {
	at := b.positions.innermost(f.frames)
	if at.File == "" {
		at.File = printable(w.relative(entries[max(f.entry, 0)]))
	}
	if f.message == errPending.Error() {
		return errorAt(at, codeNeverSettles, "a top-level await waits for something that never happens, since timers and the network do not run during the compile: move it into a handler")
	}
	return errorAt(at, codeEvaluation, "the code threw while it was evaluated: %s; keep what needs a running Worker out of module scope", shown(unmarked(f.message)))
}

func misuseDiagnostic(b bundle, m misuse) secret.Diagnostic {
	at := b.positions.call(m.at)
	if m.what == "secret_reference" {
		return errorAt(at, codeSecretReference, "secret.%s is not part of @layeron/core, whose secret(\"NAME\") only refers to a secret: write import { secret } from \"@layeron/modules\"", printable(cut(m.member, maxShown)))
	}
	kinds := []string{string(secret.Static), string(secret.Random), string(secret.Generated)}
	remedy := "use secret.static, secret.random or secret.generated"
	if word, ok := secret.Nearest(m.member, kinds); ok {
		remedy = fmt.Sprintf("did you mean secret.%s?", word)
	}
	return errorAt(at, codeSecretMember, "secret has no member %s: %s", shown(m.member), remedy)
}

// document returns the result of all steps.
func (c *compiler) document() secret.Document {
	declarations, excluded := c.valid()
	united, conflicts := unite(declarations)
	c.add(conflicts...)
	counted, unused := c.count(united)
	for id := range unused {
		excluded[id] = true
	}
	project, problems := c.project()
	c.add(problems...)
	c.add(nameStores(counted, excluded, c.config.storeNames, func(id secret.ID) string {
		return secret.StoreName(c.config.workspace, project, c.options.Environment, id)
	})...)
	if len(counted) == 0 && !c.failed() {
		c.add(errorAt(secret.Position{}, codeNoDeclarations, "no secret is declared and used: declare one with secret.random({ name: \"…\" }) and give it to app.use, or export it"))
	}
	document := failedDocument(c.options.Environment, c.diagnostics...)
	document.Project, document.Workspace = project, c.config.workspace
	if !document.HasErrors() {
		document.Secrets = slices.SortedFunc(maps.Values(counted), func(a, b secret.Declaration) int {
			return cmp.Compare(a.ID, b.ID)
		})
	}
	return document
}

func (c *compiler) project() (string, []secret.Diagnostic) {
	if len(c.names) == 0 && c.failed() {
		return "", nil // another error may be the reason that it is missing
	}
	return projectName(c.names)
}

// valid splits what was declared: the valid declarations, and the ids of those
// that have errors.
func (c *compiler) valid() ([]secret.Declaration, map[secret.ID]bool) {
	var declarations []secret.Declaration
	excluded := map[secret.ID]bool{}
	for _, s := range c.secrets {
		if s.valid {
			declarations = append(declarations, s.declaration)
		} else if s.id != "" {
			excluded[s.id] = true
		}
	}
	return declarations, excluded
}

// count splits secrets into those that a backend uses and those that none uses,
// and reports the latter.
func (c *compiler) count(united map[secret.ID]secret.Declaration) (counted map[secret.ID]secret.Declaration, unused map[secret.ID]bool) {
	counted, unused = map[secret.ID]secret.Declaration{}, map[secret.ID]bool{}
	for i, s := range c.secrets {
		if s.valid && c.used[i] {
			counted[s.id] = united[s.id]
		}
	}
	for id, d := range united {
		if _, ok := counted[id]; ok {
			continue
		}
		unused[id] = true
		if !c.partial {
			c.add(warningAt(d.Source, codeSecretUnused, "%s is declared, but no backend uses it: give it to app.use, or remove it", shown(string(id))))
		}
	}
	return counted, unused
}
