package declare

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/layeron/rotate/internal/secret"
)

// parseDocument reads the output of a child. The child evaluated code that
// is not trusted, so its output is accepted only if it is a document in
// canonical form, byte for byte, and satisfies the rules of the validation.
func parseDocument(output []byte, environment string) (secret.Document, error) {
	var d secret.Document
	if err := json.Unmarshal(output, &d); err != nil {
		return secret.Document{}, fmt.Errorf("result is not a document: %w", err)
	}
	if again, err := json.Marshal(d); err != nil || !bytes.Equal(again, output) {
		return secret.Document{}, errors.New("result is not a document in canonical form")
	}
	if err := checkDocument(d, environment); err != nil {
		return secret.Document{}, fmt.Errorf("result is not a valid document: %w", err)
	}
	return d, nil
}

func checkDocument(d secret.Document, environment string) error {
	switch {
	case d.Schema != secret.DocumentSchema:
		return fmt.Errorf("schema is %d", d.Schema)
	case d.Environment != environment:
		return fmt.Errorf("environment is %q", d.Environment)
	case d.Secrets == nil || d.Diagnostics == nil:
		return errors.New("a list is missing")
	case d.HasErrors() && len(d.Secrets) > 0:
		return errors.New("it has both secrets and errors")
	}
	for _, diagnostic := range d.Diagnostics {
		if err := checkDiagnostic(diagnostic); err != nil {
			return fmt.Errorf("diagnostic: %w", err)
		}
	}
	if d.HasErrors() {
		return nil
	}
	return checkSecrets(d)
}

func checkSecrets(d secret.Document) error {
	if secret.CheckName(d.Project) != nil || secret.CheckName(d.Workspace) != nil {
		return errors.New("project or workspace has no valid name")
	}
	stored := map[string]bool{}
	for i, declaration := range d.Secrets {
		if err := checkDeclaration(declaration); err != nil {
			return fmt.Errorf("secret %d: %w", i, err)
		}
		if i > 0 && d.Secrets[i-1].ID >= declaration.ID {
			return errors.New("secrets are not sorted by id")
		}
		if stored[declaration.StoreName] {
			return errors.New("two secrets have one store name")
		}
		stored[declaration.StoreName] = true
	}
	return nil
}

func checkDeclaration(d secret.Declaration) error {
	namespace, name, found := strings.Cut(string(d.ID), "/")
	switch {
	case !found || secret.CheckName(namespace) != nil || secret.CheckName(name) != nil || namespace == secret.ReservedNamespace:
		return errors.New("id is not valid")
	case secret.CheckStoreName(d.StoreName) != nil:
		return errors.New("store name is not valid")
	case !validBytes(d):
		return errors.New("bytes does not fit the kind")
	case d.Rotation != nil && !validRotation(*d.Rotation):
		return errors.New("rotation is not valid")
	case d.Value != nil && d.Value.Format != "" && !slices.Contains(secret.Formats, d.Value.Format):
		return errors.New("format is not valid")
	case d.Consume != nil && (!safeText(d.Consume.Address) || d.Consume.Expose != "" && !slices.Contains(secret.Exposes, d.Consume.Expose)):
		return errors.New("consume is not valid")
	case d.Ownership != nil && !validOwnership(*d.Ownership):
		return errors.New("ownership is not valid")
	}
	return checkPosition(d.Source)
}

func validBytes(d secret.Declaration) bool {
	switch d.Kind {
	case secret.Static:
		return d.Bytes == 0
	case secret.Random, secret.Generated:
		return d.Bytes >= secret.MinBytes && d.Bytes <= secret.MaxBytes
	}
	return false
}

func validRotation(r secret.Rotation) bool {
	if r.EveryDays < secret.MinEveryDays || r.EveryDays > secret.MaxEveryDays || !slices.Contains(secret.Modes, r.Retain.Mode) {
		return false
	}
	if r.Retain.Mode == secret.RetainFor {
		return r.Retain.Days >= secret.MinRetainDays && r.Retain.Days <= secret.MaxRetainDays
	}
	return r.Retain.Days == 0
}

func validOwnership(o secret.Ownership) bool {
	return o.OwnerProduct != "" && safeText(o.OwnerProduct) && safeText(o.OwnerInstanceID) && safeText(o.Purpose)
}

var codePattern = regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)

func checkDiagnostic(d secret.Diagnostic) error {
	switch {
	case d.Severity != secret.Error && d.Severity != secret.Warning:
		return errors.New("severity is not known")
	case !codePattern.MatchString(d.Code):
		return errors.New("code is not valid")
	case d.Message == "" || printable(d.Message) != d.Message:
		return errors.New("message cannot be shown")
	}
	return checkPosition(d.Position)
}

func checkPosition(p secret.Position) error {
	if p.Line < 0 || p.Column < 0 || printable(p.File) != p.File {
		return errors.New("position is not valid")
	}
	return nil
}

// safeText reports whether a text can be shown unchanged and is at most maxText
// long.
func safeText(s string) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= maxText && printable(s) == s
}

// maxText is the greatest length of free text such as an address.
const maxText = 512
