package declare

import (
	"maps"
	"slices"

	"github.com/layeron/rotate/internal/secret"
)

// named is a text that the user wrote, and where.
type named struct {
	text  string
	at    secret.Position
	where string // the key it is written at, or the option of the command line
}

func (n named) origin() string {
	if n.at.Line > 0 {
		return n.at.String()
	}
	return n.where
}

// config is the content of layeron.config.ts. Its lists are in the order in
// which their keys are written.
type config struct {
	name       named
	workspace  string
	backends   []named // the entries
	storeNames []storeName
}

// storeName gives a secret a store name that the user chose.
type storeName struct {
	id   secret.ID
	name named
}

// config validates a call of project(...).
func (c *checker) config() config {
	result := config{workspace: secret.DefaultWorkspace}
	options, ok := c.options()
	if !ok {
		return result
	}
	c.known(options, nil, "name", "workspace", "backends", "storeNames")
	if v, ok := c.nameOption(options, "name", codeProjectInvalid); ok {
		result.name = named{text: v, at: c.at("name")}
	}
	if v, ok := c.nameOption(options, "workspace", codeWorkspaceInvalid); ok {
		result.workspace = v
	}
	result.backends = c.strings(options, "backends")
	for _, name := range c.strings(options, "storeNames") {
		if err := secret.CheckStoreName(name.text); err != nil {
			c.diagnostics = append(c.diagnostics, errorAt(name.at, codeStoreNameInvalid, "%s", err))
			continue
		}
		result.storeNames = append(result.storeNames, storeName{id: secret.ID(name.where), name: name})
	}
	return result
}

// nameOption returns an option that must satisfy secret.CheckName.
func (c *checker) nameOption(options value, key string, code Code) (string, bool) {
	v, ok := c.field(options, stringValue, key)
	if !ok {
		return "", false
	}
	if err := secret.CheckName(v.text); err != nil {
		c.report([]string{key}, code, "is %s: it %s; %s", v.shown(), err, secret.NameRule)
		return "", false
	}
	return v.text, true
}

// strings returns the values of an option that is an object of strings. Their
// where is the key.
func (c *checker) strings(options value, key string) []named {
	object, ok := c.field(options, objectValue, key)
	if !ok {
		return nil
	}
	var result []named
	for _, k := range object.keys {
		if v, ok := c.field(object, stringValue, key, k); ok {
			result = append(result, named{text: v.text, at: c.at(key, k), where: k})
		}
	}
	return result
}

// projectName returns the project's name, which must be the same in all places.
func projectName(names []named) (string, []secret.Diagnostic) {
	var diagnostics []secret.Diagnostic
	if len(names) == 0 {
		return "", []secret.Diagnostic{errorAt(secret.Position{}, codeProjectMissing,
			"the project has no name: export project({ name: \"…\" }) from %s, or give --project-name", configFile)}
	}
	for _, n := range names[1:] {
		if n.text != names[0].text {
			diagnostics = append(diagnostics, errorAt(n.at, codeProjectConflict, "the project is %s according to %s, but %s according to %s: use one name everywhere",
				shown(n.text), n.origin(), shown(names[0].text), names[0].origin()))
		}
	}
	return names[0].text, diagnostics
}

// unite merges equal declarations of an id into one. Different declarations of
// an id are errors.
func unite(declarations []secret.Declaration) (map[secret.ID]secret.Declaration, []secret.Diagnostic) {
	united := map[secret.ID]secret.Declaration{}
	var diagnostics []secret.Diagnostic
	for _, d := range declarations {
		first, found := united[d.ID]
		switch {
		case !found:
			united[d.ID] = d
		case !equal(first, d):
			diagnostics = append(diagnostics, errorAt(d.Source, codeSecretConflict,
				"%s is declared with different options at %s: declare it once and import it, or use another name", shown(string(d.ID)), first.Source))
		}
	}
	return united, diagnostics
}

// equal reports whether two declarations are equal except for their position.
func equal(a, b secret.Declaration) bool {
	return a.Kind == b.Kind && a.Bytes == b.Bytes && same(a.Rotation, b.Rotation) && same(a.Value, b.Value) &&
		same(a.Consume, b.Consume) && same(a.Ownership, b.Ownership)
}

func same[T comparable](a, b *T) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// nameStores sets the store name of every secret: the one the user chose, else
// the derived one. Other has the ids that are declared but do not count, because
// they have errors or no backend uses them.
func nameStores(secrets map[secret.ID]secret.Declaration, other map[secret.ID]bool, own []storeName, derive func(secret.ID) string) []secret.Diagnostic {
	var diagnostics []secret.Diagnostic
	chosen := map[secret.ID]storeName{}
	for _, s := range own {
		if _, ok := secrets[s.id]; !ok && !other[s.id] {
			diagnostics = append(diagnostics, unknownID(s, secrets))
		}
		chosen[s.id] = s
	}
	holders := map[string]secret.ID{}
	for _, id := range slices.Sorted(maps.Keys(secrets)) {
		d := secrets[id]
		d.StoreName = derive(id)
		at := d.Source
		if s, ok := chosen[id]; ok {
			d.StoreName, at = s.name.text, s.name.at
		}
		if holder, taken := holders[d.StoreName]; taken {
			diagnostics = append(diagnostics, errorAt(at, codeStoreNameConflict, "%s and %s both have the store name %s: give one of them a different name in storeNames",
				shown(string(holder)), shown(string(id)), shown(d.StoreName)))
		}
		holders[d.StoreName], secrets[id] = id, d
	}
	return diagnostics
}

func unknownID(s storeName, secrets map[secret.ID]secret.Declaration) secret.Diagnostic {
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(secrets)) {
		ids = append(ids, string(id))
	}
	remedy := "declare it, or remove this line"
	if id, ok := secret.Nearest(string(s.id), ids); ok {
		remedy = "did you mean " + shown(id) + "?"
	}
	return errorAt(s.name.at, codeStoreNameUnknown, "storeNames names %s, which is not declared: %s", shown(string(s.id)), remedy)
}
