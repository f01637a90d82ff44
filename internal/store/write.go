package store

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/layeron/rotate/internal/secret"
)

// prepare rejects what JSON would change silently, and finds the store.
func (c *Client) prepare(ctx context.Context, value secret.Value, comment string) (store string, f *failure) {
	if !utf8.ValidString(value.Reveal()) || !utf8.ValidString(comment) {
		return "", &failure{effect: secret.EffectRefused, err: errors.New("value or comment is not valid UTF-8, which the store requires")}
	}
	store, err := c.StoreID(ctx)
	if err != nil {
		return "", unsent(err)
	}
	return store, nil
}

// confirmed returns the secret that a write left in the store. It checks that
// the store kept the comment, which names the value.
func confirmed(op *operation, i item, comment string) (secret.Stored, *failure) {
	if i.Comment != nil && *i.Comment != comment {
		return secret.Stored{}, unclear(op, errors.New("the answer shows another comment than the one sent"))
	}
	s := i.stored()
	s.Comment = comment
	return s, nil
}

// unclear is the failure of a write that the store may have applied and that
// another attempt would not clear up.
func unclear(op *operation, err error) *failure {
	op.uncertain = true
	return &failure{effect: secret.EffectUnknown, err: err}
}

// writeError returns the error of a write. If the store may have applied one
// attempt, no later attempt proves that it did not.
func writeError(op *operation, doing string, f *failure) error {
	effect := f.effect
	if op.uncertain {
		effect = secret.EffectUnknown
	}
	return &secret.WriteError{Effect: effect, Code: f.code, Err: fmt.Errorf("%s: %w", doing, f.err)}
}
