package declare

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/grafana/sobek"
)

// A string made from a stand-in carries the name of its import between these
// two code points, which do not occur in text: Unicode reserves them for
// internal use by programs.
const (
	markBegin = "\ufdd0"
	markEnd   = "\ufdd1"
)

// unmarked returns a text without these marks.
func unmarked(s string) string {
	return strings.NewReplacer(markBegin, "", markEnd, "").Replace(s)
}

type valueKind int

const (
	undefinedValue valueKind = iota
	boolValue
	numberValue
	stringValue
	objectValue
	standInValue
	otherValue // null, arrays, functions, dates: nothing an option can be
)

// value is the value of an option, copied out of the engine at the time of the
// call: later changes by the code are not part of the declaration.
type value struct {
	kind   valueKind
	text   string // a string; the import of a stand-in; the words for another value
	number float64
	keys   []string // of an object, in the order in which they were written
	fields map[string]value
}

// maxDepth is how deep options are read; no known option is deeper.
const maxDepth = 4

// reader copies values out of the engine.
type reader struct {
	runtime *sobek.Runtime
	origin  *sobek.Symbol // under which a stand-in names its import
}

func (r reader) read(v sobek.Value, depth int) value {
	object, ok := v.(*sobek.Object)
	if !ok {
		return primitive(v)
	}
	if origin := object.GetSymbol(r.origin); origin != nil && !sobek.IsUndefined(origin) {
		return value{kind: standInValue, text: origin.String()}
	}
	if _, callable := sobek.AssertFunction(object); callable {
		return value{kind: otherValue, text: "a function"}
	}
	if class := object.ClassName(); class != "Object" {
		return value{kind: otherValue, text: map[string]string{"Array": "an array", "Date": "a Date object"}[class]}
	}
	result := value{kind: objectValue, fields: map[string]value{}}
	if depth == maxDepth {
		return result
	}
	for _, key := range object.Keys() {
		result.keys = append(result.keys, key)
		result.fields[key] = r.read(object.Get(key), depth+1)
	}
	return result
}

func primitive(v sobek.Value) value {
	switch {
	case v == nil || sobek.IsUndefined(v):
		return value{}
	case sobek.IsNull(v):
		return value{kind: otherValue, text: "null"}
	case sobek.IsString(v):
		return text(v.(sobek.String))
	case sobek.IsNumber(v):
		return value{kind: numberValue, number: v.ToFloat()}
	}
	if b, ok := v.Export().(bool); ok {
		return value{kind: boolValue, text: strconv.FormatBool(b)}
	}
	return value{kind: otherValue}
}

// text reads a string. Half of a surrogate pair, which UTF-8 cannot hold,
// becomes an invalid byte, so that it is refused and not mistaken for another
// character.
func text(v sobek.String) value {
	s := v.String()
	if begin := strings.Index(s, markBegin); begin >= 0 {
		origin, _, _ := strings.Cut(s[begin+len(markBegin):], markEnd)
		return value{kind: standInValue, text: origin}
	}
	if strings.ContainsRune(s, '\ufffd') && hasLoneSurrogate(v) {
		s = strings.ReplaceAll(s, "\ufffd", "\xff")
	}
	return value{kind: stringValue, text: s}
}

func hasLoneSurrogate(v sobek.String) bool {
	for i := 0; i < v.Length(); i++ {
		r := rune(v.CharAt(i))
		if !utf16.IsSurrogate(r) {
			continue
		}
		if i+1 == v.Length() || utf16.DecodeRune(r, rune(v.CharAt(i+1))) == '\ufffd' {
			return true
		}
		i++
	}
	return false
}

// shown returns the words for the value in a message.
func (v value) shown() string {
	switch v.kind {
	case undefinedValue:
		return "undefined"
	case numberValue:
		return strconv.FormatFloat(v.number, 'g', -1, 64)
	case stringValue:
		return shown(v.text)
	case objectValue:
		return "an object"
	case standInValue:
		return "a stand-in for " + shown(v.text)
	}
	if v.text == "" {
		return "something else"
	}
	return v.text
}

// integer returns the value as a whole number, if it is one.
func (v value) integer() (int, bool) {
	if v.kind != numberValue || v.number != math.Trunc(v.number) || math.Abs(v.number) > 1<<53 {
		return 0, false
	}
	return int(v.number), true
}

// difference reports whether two values differ, and returns the keys that lead
// to the difference.
func difference(a, b value) (path []string, differ bool) {
	if a.kind != b.kind || a.text != b.text || math.Float64bits(a.number) != math.Float64bits(b.number) || len(a.keys) != len(b.keys) {
		return nil, true
	}
	for i, key := range a.keys {
		if b.keys[i] != key {
			return nil, true
		}
		if path, differ := difference(a.fields[key], b.fields[key]); differ {
			return append([]string{key}, path...), true
		}
	}
	return nil, false
}
