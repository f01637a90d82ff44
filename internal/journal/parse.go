package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/layeron/rotate/internal/secret"
)

// maxSize is the largest journal that is read, in bytes.
const maxSize = 32 << 20

// byteOrderMark is what some editors put in front of UTF-8.
var byteOrderMark = []byte("\ufeff")

// Parse reads a journal file. An error names the line, and the journal returned
// with it is empty. Indentation, line endings and the order of keys may be any.
// The keys must be exactly those that Format writes, because an entry's HMAC
// covers only what was read from it.
func Parse(data []byte) (Journal, error) {
	if len(data) > maxSize {
		return Journal{}, fmt.Errorf("line 1: the journal has %d bytes, and the limit is %d", len(data), maxSize)
	}
	if line := conflictMarker(data); line > 0 {
		return Journal{}, fmt.Errorf("line %d: conflict marker of an unfinished merge: take one side as a whole", line)
	}
	if j, ok := decodeFormatted(data); ok {
		return j, nil
	}
	data = bytes.TrimPrefix(data, byteOrderMark)
	j, err := decode(data)
	if err != nil {
		at := 0
		if located := (*locatedError)(nil); errors.As(err, &located) {
			at = located.at
		}
		return Journal{}, fmt.Errorf("line %d: %w", 1+bytes.Count(data[:at], []byte("\n")), err)
	}
	return j, nil
}

// decodeFormatted decodes a journal that is byte for byte what Format writes, as
// most are. It reports false for any other, which decode reads or refuses.
func decodeFormatted(data []byte) (Journal, bool) {
	var j Journal
	if err := json.Unmarshal(data, &j); err != nil || j.Schema != Schema || j.Entries == nil {
		return Journal{}, false
	}
	if _, err := j.check(); err != nil {
		return Journal{}, false
	}
	for id, e := range j.Entries {
		if e.check(id) != nil {
			return Journal{}, false
		}
	}
	written, err := Format(j)
	return j, err == nil && bytes.Equal(written, data)
}

// decode reads the header, then entry by entry.
func decode(data []byte) (Journal, error) {
	if err := checkSyntax(data); err != nil {
		return Journal{}, err
	}
	top, err := members(data, 0)
	if err != nil {
		return Journal{}, err
	}
	find := func(key string) int { return slices.IndexFunc(top, func(m member) bool { return m.key == key }) }
	if err := checkSchema(top, find("schema")); err != nil {
		return Journal{}, err
	}
	i := find("entries")
	if i < 0 {
		return Journal{}, errors.New("entries is missing")
	}
	entries, err := members(top[i].value, top[i].at)
	if err != nil {
		return Journal{}, err
	}
	j, err := decodeHeader(slices.Delete(top, i, i+1))
	if err != nil {
		return Journal{}, err
	}
	j.Entries = make(map[secret.ID]*Entry, len(entries))
	for _, m := range entries {
		entry, err := decodeEntry(secret.ID(m.key), m)
		if err != nil {
			return Journal{}, err
		}
		j.Entries[secret.ID(m.key)] = entry
	}
	return j, nil
}

func checkSchema(top []member, i int) error {
	if i < 0 {
		return errors.New("no schema number: this is not a rotation journal")
	}
	if schema := string(top[i].value); schema != fmt.Sprint(Schema) {
		return &locatedError{top[i].at, fmt.Errorf("schema %s is not known to this release of layer, which reads %d: use the release that wrote it, or a newer one", schema, Schema)}
	}
	return nil
}

// decodeHeader reads the members that are not entries.
func decodeHeader(top []member) (Journal, error) {
	at := map[string]int{}
	values := map[string]json.RawMessage{}
	for _, m := range top {
		at[m.key], values[m.key] = m.at, m.value
	}
	text, err := json.Marshal(values)
	if err != nil {
		return Journal{}, err
	}
	var j Journal
	var wrong *json.UnmarshalTypeError
	var unknown *keyError
	err = decodeExactly(text, &j, "entries")
	switch {
	case errors.As(err, &wrong):
		key, _, _ := strings.Cut(wrong.Field, ".")
		return Journal{}, &locatedError{at[key], err}
	case errors.As(err, &unknown):
		return Journal{}, &locatedError{at[unknown.key], unknown}
	case err != nil:
		return Journal{}, err
	}
	key, err := j.check()
	if err != nil {
		return Journal{}, &locatedError{at[key], err}
	}
	return j, nil
}

func decodeEntry(id secret.ID, m member) (*Entry, error) {
	var e *Entry
	err := decodeExactly(m.value, &e, "")
	if err == nil {
		err = e.check(id)
	}
	if err == nil {
		return e, nil
	}
	at := m.at
	var wrong *json.UnmarshalTypeError
	var unknown *keyError
	switch {
	case errors.As(err, &wrong):
		at += int(wrong.Offset)
	case errors.As(err, &unknown):
		at += max(0, bytes.LastIndex(m.value, fmt.Appendf(nil, "%q", unknown.key)))
	}
	return nil, &locatedError{at, fmt.Errorf("entry %q: %w", id, err)}
}

// decodeExactly decodes a JSON value, and refuses a key that encoding it again
// does not give: one that is unknown, repeated or in the wrong case. The key
// absent may be missing.
func decodeExactly(data []byte, into any, absent string) error {
	if err := json.Unmarshal(data, into); err != nil {
		return err
	}
	again, err := json.Marshal(into)
	if err != nil {
		return err
	}
	var compacted bytes.Buffer
	if json.Compact(&compacted, data) == nil && bytes.Equal(compacted.Bytes(), again) {
		return nil
	}
	got, err := keyPaths(data)
	if err != nil {
		return err
	}
	want, err := keyPaths(again)
	if err != nil {
		return err
	}
	return compareKeys(got, slices.DeleteFunc(want, func(path string) bool { return path == "\x00"+absent }))
}

// conflictMarker returns the number of the first line that is a conflict marker
// of git, or 0.
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
