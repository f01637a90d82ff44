package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/layeron/rotate/internal/secret"
)

// Parse reads a journal file. Its errors name the line; nothing of a journal
// that has one is used.
func Parse(data []byte) (Journal, error) {
	if line := conflictMarker(data); line > 0 {
		return Journal{}, fmt.Errorf("line %d: conflict marker of an unfinished merge: take one side whole, not a mix", line)
	}
	if err := checkSyntax(data); err != nil {
		return Journal{}, err
	}
	var header struct{ Schema *int }
	if err := json.Unmarshal(data, &header); err != nil || header.Schema == nil {
		return Journal{}, errors.New("line 1: no schema number: this is not a rotation journal")
	}
	if *header.Schema != Schema {
		return Journal{}, fmt.Errorf("line %d: schema %d is not known to this release of layer, which reads %d: use the release that wrote it, or a newer one",
			lineOf(data, int64(bytes.Index(data, []byte(`"schema"`)))), *header.Schema, Schema)
	}
	var j Journal
	if err := unmarshalStrict(data, &j); err != nil {
		return Journal{}, fmt.Errorf("line %d: %w", errorLine(data, err), err)
	}
	return j, j.check(data)
}

// conflictMarker finds the first line that git leaves in a half-merged file.
func conflictMarker(data []byte) int {
	number := 0
	for line := range bytes.Lines(data) {
		number++
		for _, marker := range []string{"<<<<<<<", "=======", ">>>>>>>", "|||||||"} {
			if bytes.HasPrefix(line, []byte(marker)) {
				return number
			}
		}
	}
	return 0
}

// checkSyntax refuses what is not one JSON document, and keys that stand twice
// in an object: of those encoding/json would silently take the last.
func checkSyntax(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	fail := func(what string) error {
		return fmt.Errorf("line %d: %s", lineOf(data, decoder.InputOffset()), what)
	}
	var open []map[string]bool // the keys seen in each open object; nil in an array
	var key bool               // whether the next token is a key
	for {
		token, err := decoder.Token()
		switch {
		case err == io.EOF && len(data) > 0 && len(open) == 0:
			return nil
		case err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF):
			return fail("the file ends in the middle: it was cut off")
		case err != nil:
			return fail("not JSON: " + err.Error())
		}
		switch t := token.(type) {
		case json.Delim:
			if t == '{' || t == '[' {
				open = append(open, map[json.Delim]map[string]bool{'{': {}}[t])
			} else {
				open = open[:len(open)-1]
			}
			key = len(open) > 0 && open[len(open)-1] != nil
			continue
		case string:
			if key {
				if open[len(open)-1][t] {
					return fail(fmt.Sprintf("%q stands twice in one object", t))
				}
				open[len(open)-1][t] = true
				key = false
				continue
			}
		}
		if len(open) == 0 {
			return fail("not a JSON object")
		}
		key = open[len(open)-1] != nil
	}
}

func errorLine(data []byte, err error) int {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return lineOf(data, syntax.Offset)
	case errors.As(err, &kind):
		return lineOf(data, kind.Offset)
	}
	return 1
}

func lineOf(data []byte, offset int64) int {
	offset = min(max(offset, 0), int64(len(data)))
	return bytes.Count(data[:offset], []byte("\n")) + 1
}

// check refuses a journal whose parts do not fit together. It guards against a
// merge that mixed two sides; HMACs guard against intent.
func (j Journal) check(data []byte) error {
	if err := secret.CheckEnvironment(j.Environment); err != nil {
		return fmt.Errorf("environment: %w", err)
	}
	if j.Home != HomeGitHub && j.Home != HomeFile {
		return fmt.Errorf("home %q is neither %s nor %s", j.Home, HomeGitHub, HomeFile)
	}
	if j.Owner == (Owner{}) {
		return errors.New("owner is empty")
	}
	if j.Entries == nil {
		return errors.New("entries is missing")
	}
	for id, entry := range j.Entries {
		if err := entry.check(id); err != nil {
			return fmt.Errorf("line %d: entry %q: %w", lineOf(data, int64(bytes.Index(data, []byte(compact(id))))), id, err)
		}
	}
	return nil
}

func (e *Entry) check(id secret.ID) error {
	switch {
	case e == nil:
		return errors.New("is null")
	case !strings.Contains(string(id), "/"):
		return errors.New("its key is not namespace/name")
	case e.State == nil && e.Intent == nil:
		return errors.New("has neither state nor intent")
	case e.Serial < 1 || e.Intent != nil && e.Intent.Serial != e.Serial:
		return errors.New("its serial is not that of its intent")
	case e.StoreName() == "":
		return errors.New("has no store name")
	}
	if e.State != nil {
		if err := e.State.check(e.Serial); err != nil {
			return fmt.Errorf("state: %w", err)
		}
	}
	if e.Intent == nil {
		return nil
	}
	return e.Intent.check(e)
}

func (in *Intent) check(e *Entry) error {
	if (in.Outcome == Written) != (in.Next == nil) {
		return errors.New("intent: only a written one has no next state")
	}
	if in.Next == nil {
		return nil
	}
	if e.State != nil && (in.Next.StoreName != e.State.StoreName || in.Next.Lineage != e.State.Lineage) {
		return errors.New("intent: its store name or lineage is not the state's")
	}
	if err := in.Next.check(in.Serial); err != nil {
		return fmt.Errorf("intent: %w", err)
	}
	return nil
}

func (s *State) check(serial int) error {
	if s.Serial < 1 || s.Serial > serial {
		return errors.New("its serial is not within the entry's")
	}
	if err := secret.CheckStoreName(s.StoreName); err != nil {
		return err
	}
	if err := s.Lineage.Check(); err != nil {
		return err
	}
	current, held := s.Versions.Find(s.Current)
	if !held || current.Gone || s.LastVersion < s.Current {
		return errors.New("its current version is not held")
	}
	if p := s.Policy; p != nil && (p.EveryDays < secret.MinEveryDays || p.EveryDays > secret.MaxEveryDays) {
		return fmt.Errorf("everyDays %d", p.EveryDays)
	}
	for _, v := range s.Versions {
		if err := v.check(); err != nil {
			return fmt.Errorf("version %s: %w", v.Number, err)
		}
	}
	return nil
}

func (v Version) check() error {
	switch {
	case v.Gone, v.Origin == External:
		return nil
	case v.Origin == Derived && v.Bytes >= secret.MinBytes && v.Bytes <= secret.MaxBytes && v.RootKey != "":
		return nil
	case v.Origin == Sealed && v.Sealed != "" && v.RootKey != "":
		return nil
	}
	return errors.New("its value cannot be had from what is recorded")
}
