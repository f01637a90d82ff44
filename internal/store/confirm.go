package store

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/layeron/rotate/internal/secret"
)

// created reads the answer to a creation: a page with just the secret asked
// for.
func created(op *operation, env envelope, name, comment string) (secret.Stored, *failure) {
	var page []item
	switch err := json.Unmarshal(env.Result, &page); {
	case err != nil:
		return secret.Stored{}, unclear(op, errors.New("the answer cannot be read"))
	case len(page) != 1:
		return secret.Stored{}, unclear(op, fmt.Errorf("the answer names %d secrets in place of one", len(page)))
	case !validID.MatchString(page[0].ID) || page[0].Name != name:
		return secret.Stored{}, unclear(op, fmt.Errorf("the answer is about secret %q with id %q", page[0].Name, page[0].ID))
	}
	return confirmed(op, page[0], comment)
}

// changed reads the answer to a change: the secret asked for.
func changed(op *operation, env envelope, secretID, comment string) (secret.Stored, *failure) {
	var i item
	switch err := json.Unmarshal(env.Result, &i); {
	case err != nil:
		return secret.Stored{}, unclear(op, errors.New("the answer cannot be read"))
	case i.ID != secretID:
		return secret.Stored{}, unclear(op, fmt.Errorf("the answer is about another secret, with id %q", i.ID))
	}
	return confirmed(op, i, comment)
}

// confirmed makes sure that the comment, which names the value, was kept.
func confirmed(op *operation, i item, comment string) (secret.Stored, *failure) {
	if i.Comment != nil && *i.Comment != comment {
		return secret.Stored{}, unclear(op, errors.New("the answer shows another comment than was sent"))
	}
	s := i.stored()
	s.Comment = comment
	return s, nil
}

// unclear is a failure that leaves open whether the write was applied, and that
// trying again would not settle.
func unclear(op *operation, err error) *failure {
	op.uncertain = true
	return &failure{effect: secret.EffectUnknown, err: err}
}

// conclude sums an operation up: once an attempt may have been applied, no later
// one can take that back.
func (op *operation) conclude(f *failure) *failure {
	if op.uncertain {
		f.effect = secret.EffectUnknown
	}
	return f
}

func writeError(doing string, f *failure) error {
	return &secret.WriteError{Effect: f.effect, Code: f.code, Err: fmt.Errorf("%s: %w", doing, f.err)}
}
