package actions

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Inputs reads inputs and collects what is wrong with them, so that all of it
// is said at once. An empty input is one that is not set.
type Inputs struct {
	runtime *Runtime
	errs    []error
}

// Inputs starts reading.
func (r *Runtime) Inputs() *Inputs { return &Inputs{runtime: r} }

// Err is what was wrong.
func (in *Inputs) Err() error { return errors.Join(in.errs...) }

// Text is an input as it is, or a default.
func (in *Inputs) Text(name, otherwise string) string {
	if text := in.runtime.action.GetInput(name); text != "" {
		return text
	}
	return otherwise
}

// Required is an input that has to be there.
func (in *Inputs) Required(name string) string {
	text := in.Text(name, "")
	if text == "" {
		in.errs = append(in.errs, fmt.Errorf("input %s is required and empty", name))
	}
	return text
}

// Bool is true or false.
func (in *Inputs) Bool(name string, otherwise bool) bool {
	switch text := strings.ToLower(in.Text(name, fmt.Sprint(otherwise))); text {
	case "true":
		return true
	case "false":
		return false
	default:
		in.errs = append(in.errs, fmt.Errorf("input %s is %q: use true or false", name, text))
		return false
	}
}

// OneOf is one of the words, or empty.
func (in *Inputs) OneOf(name string, words ...string) string {
	text := in.Text(name, "")
	if text != "" && !slices.Contains(words, text) {
		in.errs = append(in.errs, fmt.Errorf("input %s is %q: use %s", name, text, strings.Join(words, ", ")))
	}
	return text
}

// List is words by comma or line.
func (in *Inputs) List(name string) []string {
	var out []string
	for word := range strings.FieldsFuncSeq(in.Text(name, ""), func(r rune) bool { return r == ',' || r == '\n' }) {
		if word = strings.TrimSpace(word); word != "" {
			out = append(out, word)
		}
	}
	return out
}
