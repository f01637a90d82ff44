package actions

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Inputs reads inputs and collects their errors, so that the user sees all of
// them at once. An empty input counts as not set.
type Inputs struct {
	runtime *Runtime
	errs    []error
}

// Inputs returns a reader of the run's inputs.
func (r *Runtime) Inputs() *Inputs { return &Inputs{runtime: r} }

// Err returns the errors of all inputs read so far, or nil.
func (in *Inputs) Err() error { return errors.Join(in.errs...) }

// Text returns an input, or a default when it is not set.
func (in *Inputs) Text(name, otherwise string) string {
	if text := in.runtime.action.GetInput(name); text != "" {
		return text
	}
	return otherwise
}

// Required returns an input that must be set.
func (in *Inputs) Required(name string) string {
	text := in.Text(name, "")
	if text == "" {
		in.errs = append(in.errs, fmt.Errorf("input %s is required", name))
	}
	return text
}

// Bool returns an input that must be true or false, or a default when it is not
// set.
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

// OneOf returns an input that must be one of the words, or "" when it is not
// set.
func (in *Inputs) OneOf(name string, words ...string) string {
	text := in.Text(name, "")
	if text != "" && !slices.Contains(words, text) {
		in.errs = append(in.errs, fmt.Errorf("input %s is %q: use %s", name, text, strings.Join(words, ", ")))
	}
	return text
}

// List returns the words of an input, separated by commas or line breaks.
func (in *Inputs) List(name string) []string {
	var out []string
	for word := range strings.FieldsFuncSeq(in.Text(name, ""), func(r rune) bool { return r == ',' || r == '\n' }) {
		if word = strings.TrimSpace(word); word != "" {
			out = append(out, word)
		}
	}
	return out
}
