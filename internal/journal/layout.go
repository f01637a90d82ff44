package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A formatter or a person may have laid a journal out differently: other
// indentation, keys in another order, a byte order mark. encoding/json reads
// all of that. What it does not report is a repeated key, a key it ignores, and
// where in the file a value is; this file adds those.

// member is one key of a JSON object with its value.
type member struct {
	key   string
	value json.RawMessage
	at    int // offset of the value in the document
}

// locatedError is an error at an offset of the document.
type locatedError struct {
	at  int
	err error
}

func (e *locatedError) Error() string { return e.err.Error() }
func (e *locatedError) Unwrap() error { return e.err }

// checkSyntax refuses what is not one JSON object.
func checkSyntax(data []byte) error {
	var whole json.RawMessage
	var wrong *json.SyntaxError
	switch err := json.Unmarshal(data, &whole); {
	case errors.As(err, &wrong) && wrong.Offset >= int64(len(bytes.TrimRight(data, " \t\r\n"))):
		return &locatedError{int(wrong.Offset), errors.New("the file is cut off")}
	case errors.As(err, &wrong):
		return &locatedError{int(wrong.Offset), fmt.Errorf("not JSON: %w", err)}
	case err != nil:
		return err
	case whole[0] != '{':
		return errors.New("not a JSON object")
	}
	return nil
}

// members splits a JSON object into its members, in their order. base is the
// object's own offset in the document, whose syntax is checked.
func members(data []byte, base int) ([]member, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	if token, err := d.Token(); err != nil || token != json.Delim('{') {
		return nil, &locatedError{base, errors.New("not a JSON object")}
	}
	var out []member
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		m := member{key: token.(string)}
		if err := d.Decode(&m.value); err != nil {
			return nil, err
		}
		m.at = base + int(d.InputOffset()) - len(m.value)
		if seen[m.key] {
			return nil, &locatedError{m.at, &keyError{m.key, "appears twice in one object"}}
		}
		seen[m.key] = true
		out = append(out, m)
	}
	return out, nil
}

// keyError is an unexpected, repeated or missing key.
type keyError struct{ key, problem string }

func (e *keyError) Error() string { return fmt.Sprintf("field %q %s", e.key, e.problem) }

// maxDepth is deeper than any journal. Without a limit, the key paths of a
// hostile file would exhaust the memory.
const maxDepth = 16

// keyPaths lists the path of each object key in a JSON value, sorted. A repeated
// key is listed as often as it appears.
func keyPaths(data []byte) ([]string, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	var out []string
	err := appendKeyPaths(d, "", 0, &out)
	slices.Sort(out)
	return out, err
}

func appendKeyPaths(d *json.Decoder, path string, depth int, out *[]string) error {
	if depth > maxDepth {
		return errors.New("nested too deep for a journal")
	}
	token, err := d.Token()
	if err != nil {
		return err
	}
	open, _ := token.(json.Delim)
	if open == 0 {
		return nil
	}
	for i := 0; d.More(); i++ {
		inner := fmt.Sprintf("%s\x00%d", path, i)
		if open == '{' {
			key, err := d.Token()
			if err != nil {
				return err
			}
			inner = path + "\x00" + key.(string)
			*out = append(*out, inner)
		}
		if err := appendKeyPaths(d, inner, depth+1, out); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

// compareKeys finds the first difference between the keys of a file and those
// that Format would write.
func compareKeys(got, want []string) error {
	for i := range max(len(got), len(want)) {
		switch {
		case i < len(got) && i < len(want) && got[i] == want[i]:
		case i == len(got) || i < len(want) && want[i] < got[i]:
			return &keyError{lastKey(want[i]), "is missing"}
		case i > 0 && got[i] == got[i-1]:
			return &keyError{lastKey(got[i]), "appears twice in one object"}
		default:
			return &keyError{lastKey(got[i]), "is not one that this release of layer writes"}
		}
	}
	return nil
}

func lastKey(path string) string { return path[strings.LastIndex(path, "\x00")+1:] }
