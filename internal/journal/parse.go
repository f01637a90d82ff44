package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/layeron/rotate/internal/secret"
)

// maxSize is the most bytes of a journal: enough for thousands of secrets.
const maxSize = 32 << 20

// Parse reads a journal file. Its errors name the line; nothing of a journal
// that has one is used. White space is free; keys are exactly those that Format
// writes, in its order, for an entry's authentication covers what is read and
// not what was written.
func Parse(data []byte) (Journal, error) {
	if len(data) > maxSize {
		return Journal{}, fmt.Errorf("line 1: %d bytes are more than a journal may have, %d", len(data), maxSize)
	}
	if line := conflictMarker(data); line > 0 {
		return Journal{}, fmt.Errorf("line %d: conflict marker of an unfinished merge: take one side whole, not a mix", line)
	}
	if j, is := asWritten(data); is {
		return j, nil
	}
	found, err := newOutline(data)
	if err != nil {
		return Journal{}, err
	}
	j, at, err := decode(data)
	if err == nil {
		at, err = j.check()
	}
	if err == nil {
		at, err = exact(j, found)
	}
	if err != nil {
		return Journal{}, fmt.Errorf("line %d: %w", found.line(at...), err)
	}
	return j, nil
}

// asWritten reads a journal that is as layer left it, byte for byte, so that
// nothing stands in it that is not read. Most are, and need no closer look.
func asWritten(data []byte) (Journal, bool) {
	var j Journal
	if err := json.Unmarshal(data, &j); err != nil || j.Schema != Schema || j.Entries == nil {
		return Journal{}, false
	}
	if _, err := j.check(); err != nil {
		return Journal{}, false
	}
	written, err := Format(j)
	return j, err == nil && bytes.Equal(written, data)
}

// decode reads the header, then entry by entry. With an error it tells the key
// at which it happened.
func decode(data []byte) (Journal, []string, error) {
	var header struct{ Schema json.RawMessage }
	if err := json.Unmarshal(data, &header); err != nil || header.Schema == nil {
		return Journal{}, nil, errors.New("no schema number: this is not a rotation journal")
	}
	if schema := string(header.Schema); schema != fmt.Sprint(Schema) {
		return Journal{}, []string{"schema"}, fmt.Errorf("schema %s is not known to this release of layer, which reads %d: use the release that wrote it, or a newer one", schema, Schema)
	}
	var read struct {
		Journal
		Entries map[secret.ID]json.RawMessage `json:"entries"`
	}
	if err := json.Unmarshal(data, &read); err != nil {
		var kind *json.UnmarshalTypeError
		if errors.As(err, &kind) {
			return Journal{}, strings.Split(strings.TrimPrefix(kind.Field, "Journal."), "."), err
		}
		return Journal{}, nil, err
	}
	if read.Entries == nil {
		return Journal{}, nil, errors.New("entries is missing")
	}
	j := read.Journal
	j.Entries = make(map[secret.ID]*Entry, len(read.Entries))
	for id, raw := range read.Entries {
		var entry *Entry
		if err := json.Unmarshal(raw, &entry); err != nil {
			at := []string{"entries", string(id)}
			var kind *json.UnmarshalTypeError
			if errors.As(err, &kind) {
				at = append(at, strings.Split(kind.Field, ".")...)
			}
			return Journal{}, at, fmt.Errorf("entry %q: %w", id, err)
		}
		j.Entries[id] = entry
	}
	return j, nil, nil
}

// exact refuses keys that Format would not have written where they are.
func exact(j Journal, found outline) ([]string, error) {
	written, err := Format(j)
	if err != nil {
		return nil, err
	}
	want, err := newOutline(written)
	if err != nil {
		return nil, err
	}
	key, at, differ := found.differs(want)
	if !differ {
		return nil, nil
	}
	if key == "" {
		return nil, errors.New("a field is missing that this release of layer writes")
	}
	return strings.Split(at, "\x00"), fmt.Errorf("%q is not what this release of layer writes there", key)
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

// check refuses a journal whose parts do not fit together, and tells the key. It
// guards against a merge that mixed two sides; HMACs guard against intent.
func (j Journal) check() ([]string, error) {
	if err := secret.CheckEnvironment(j.Environment); err != nil {
		return []string{"environment"}, fmt.Errorf("environment: %w", err)
	}
	if j.Home != HomeGitHub && j.Home != HomeFile {
		return []string{"home"}, fmt.Errorf("home %q is neither %s nor %s", j.Home, HomeGitHub, HomeFile)
	}
	if j.Owner == (Owner{}) {
		return []string{"owner"}, errors.New("owner is empty")
	}
	for id, entry := range j.Entries {
		if err := entry.check(id); err != nil {
			return []string{"entries", string(id)}, fmt.Errorf("entry %q: %w", id, err)
		}
	}
	return nil, nil
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
	if in.Outcome == Written && (e.State == nil || e.State.Serial != in.Serial) {
		return errors.New("intent: its serial is not that of the state that it wrote")
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
	case v.Gone, v.Origin == External && v.RootKey != "":
		return nil
	case v.Origin == Derived && v.Bytes >= secret.MinBytes && v.Bytes <= secret.MaxBytes && v.RootKey != "":
		return nil
	case v.Origin == Sealed && v.Sealed != "" && v.RootKey != "":
		return nil
	}
	return errors.New("its value cannot be had from what is recorded")
}
