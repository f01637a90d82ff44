// Package contract checks documents that the program wrote against the JSON
// Schemas in docs/design. Only tests import it.
package contract

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Journal reports where a journal differs from journal.schema.json.
func Journal(data []byte) error { return check(journalSchema, data) }

// Plan reports where a plan or a result differs from plan.schema.json. The
// published schema allows fields that a later release adds; here a field that
// the schema does not describe is an error.
func Plan(data []byte) error { return check(planSchema, data) }

var (
	journalSchema = sync.OnceValues(func() (*jsonschema.Schema, error) { return load("journal.schema.json") })
	planSchema    = sync.OnceValues(func() (*jsonschema.Schema, error) { return load("plan.schema.json") })
)

func check(schema func() (*jsonschema.Schema, error), data []byte) error {
	compiled, err := schema()
	if err != nil {
		return err
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return err
	}
	return compiled.Validate(document)
}

func load(name string) (*jsonschema.Schema, error) {
	root, err := repository()
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(filepath.Join(root, "docs", "design", name))
	if err != nil {
		return nil, err
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	closeObjects(document)
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(name, document); err != nil {
		return nil, err
	}
	return compiler.Compile(name)
}

// closeObjects forbids fields that an object's schema does not describe.
func closeObjects(schema any) {
	switch node := schema.(type) {
	case map[string]any:
		_, described := node["properties"]
		if _, closed := node["additionalProperties"]; described && !closed && node["type"] == "object" {
			node["additionalProperties"] = false
		}
		for _, inner := range node {
			closeObjects(inner)
		}
	case []any:
		for _, inner := range node {
			closeObjects(inner)
		}
	}
}

// repository returns the folder of go.mod, above the folder in which a test runs.
func repository() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder, nil
		}
		if folder == filepath.Dir(folder) {
			return "", errors.New("no go.mod above the working folder")
		}
		folder = filepath.Dir(folder)
	}
}
