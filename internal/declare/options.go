package declare

import (
	"fmt"
	"slices"
	"strings"

	"github.com/layeron/rotate/internal/secret"
)

// part returns the words for an option of a record in a message: `rotation.everyDays of
// "auth/session-key"`.
func (r record) part(path []string) string {
	if len(path) == 0 {
		return r.subject()
	}
	return printable(strings.Join(path, ".")) + " of " + r.subject()
}

// subject returns the words for a record: the id of a secret if it has one.
func (r record) subject() string {
	switch r.name {
	case "backend", "project":
		return r.name + "(…)"
	}
	if id, ok := r.id(); ok {
		return shown(string(id))
	}
	return "this secret"
}

// id returns the id of a secret if its name and namespace are valid.
func (r record) id() (secret.ID, bool) {
	name, namespace := r.options.fields["name"], r.options.fields["namespace"]
	if namespace.kind == undefinedValue {
		namespace = value{kind: stringValue, text: secret.DefaultNamespace}
	}
	if name.kind != stringValue || namespace.kind != stringValue || secret.CheckName(name.text) != nil || secret.CheckName(namespace.text) != nil {
		return "", false
	}
	return secret.NewID(namespace.text, name.text), true
}

// checker validates one record and collects diagnostics.
type checker struct {
	record      record
	positions   *positions
	call        secret.Position
	diagnostics []secret.Diagnostic
}

func newChecker(p *positions, r record) *checker {
	return &checker{record: r, positions: p, call: p.call(r.at)}
}

// at is where an option of the record is written.
func (c *checker) at(path ...string) secret.Position { return c.positions.key(c.record.at, path...) }

func (c *checker) report(path []string, code Code, format string, args ...any) {
	c.diagnostics = append(c.diagnostics, errorAt(c.at(path...), code, "%s %s", c.record.part(path), fmt.Sprintf(format, args...)))
}

// options returns the record's argument, which must be an object.
func (c *checker) options() (value, bool) {
	v := c.record.options
	if c.record.name != "backend" && c.record.name != "project" && (v.kind == undefinedValue || v.kind == otherValue || v.kind == stringValue) {
		c.report(nil, codeOptionType, "is declared with %s: give secret.%s an object such as { name: \"session-key\" }", v.shown(), c.record.name)
		return value{}, false
	}
	return v, c.isKind(nil, v, objectValue)
}

// field returns an option of an object, which must have the given kind. ok is
// false if the option is missing, or has another kind, which is reported.
func (c *checker) field(object value, kind valueKind, path ...string) (value, bool) {
	v := object.fields[path[len(path)-1]]
	return v, v.kind != undefinedValue && c.isKind(path, v, kind)
}

func (c *checker) isKind(path []string, v value, kind valueKind) bool {
	switch v.kind {
	case kind:
		return true
	case standInValue:
		c.report(path, codeOptionFromStandIn, "is taken from %s, which the compile does not evaluate: write the value literally, or import it from a file of this repository", shown(v.text))
	default:
		c.report(path, codeOptionType, "is %s: use %s", v.shown(), kindName(kind))
	}
	return false
}

func kindName(k valueKind) string {
	return map[valueKind]string{boolValue: "true or false", numberValue: "a number", stringValue: "a string", objectValue: "an object"}[k]
}

// known reports every key of an object that is not one of those given.
func (c *checker) known(object value, path []string, keys ...string) {
	for _, key := range object.keys {
		if slices.Contains(keys, key) {
			continue
		}
		if begin := strings.Index(key, markBegin); begin >= 0 {
			c.isKind(path, value{kind: standInValue, text: strings.Trim(key[begin:], markBegin+markEnd)}, stringValue)
			continue
		}
		remedy := "use one of " + strings.Join(keys, ", ")
		if word, ok := secret.Nearest(key, keys); ok {
			remedy = fmt.Sprintf("did you mean %q?", word)
		}
		if key == "bytes" && len(path) == 0 {
			remedy = "remove it, since an operator supplies the value of a static secret"
		}
		c.diagnostics = append(c.diagnostics, errorAt(c.at(append(slices.Clone(path), key)...), codeOptionUnknown,
			"%s is not an option of %s: %s", shown(strings.Join(append(slices.Clone(path), key), ".")), c.record.subject(), remedy))
	}
}

// text returns an option that is any string, or "" if it is missing.
func (c *checker) text(object value, path ...string) string {
	v, ok := c.field(object, stringValue, path...)
	if ok && !safeText(v.text) {
		c.report(path, codeOptionInvalid, "is %s: use up to %d visible characters", v.shown(), maxText)
	}
	return v.text
}

// word returns an option that must be one of a list of words.
func word[T ~string](c *checker, object value, words []T, code Code, path ...string) T {
	v, ok := c.field(object, stringValue, path...)
	if !ok {
		return ""
	}
	if !slices.Contains(words, T(v.text)) {
		c.report(path, code, "is %s: use %s", v.shown(), oneOf(words))
	}
	return T(v.text)
}
