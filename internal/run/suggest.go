package run

import (
	"errors"
	"fmt"

	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
)

// Suggest returns the line that names the known id nearest to a misspelt one,
// with a line break in front, or "".
func Suggest(id secret.ID, known []secret.ID) string {
	if meant, ok := secret.Nearest(id, known); ok {
		return fmt.Sprintf("\ndid you mean %s?", meant)
	}
	return ""
}

// IDs returns the ids of the declared secrets.
func IDs(doc secret.Document) []secret.ID {
	var out []secret.ID
	for _, d := range doc.Secrets {
		out = append(out, d.ID)
	}
	return out
}

// ExplainOnly makes an unknown id in the selection of secrets a usage error.
func ExplainOnly(err error, doc secret.Document) error {
	var unknown rotate.UnknownSecret
	if errors.As(err, &unknown) {
		return Usage("only: %w%s", unknown, Suggest(unknown.ID, IDs(doc)))
	}
	return err
}
