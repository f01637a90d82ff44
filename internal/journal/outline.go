package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// outline is the keys of a JSON document in their order, each as the path to it,
// with the lines on which they stand. It is what encoding/json does not tell:
// where a thing is, what stands twice, what is written in other letters.
type outline struct {
	paths []string
	lines map[string]int
}

// path joins keys into the path of one.
func path(keys ...string) string { return strings.Join(keys, "\x00") }

// line is where a key stands, or the nearest key around it; 1 is the document.
func (o outline) line(keys ...string) int {
	for n := len(keys); n > 0; n-- {
		if line, ok := o.lines[path(keys[:n]...)]; ok {
			return line
		}
	}
	return 1
}

// reader makes an outline. It counts lines as it goes.
type reader struct {
	outline
	*json.Decoder
	data    []byte
	counted int64 // bytes of which the lines are counted
	read    int   // the line up to which they are
}

// newOutline refuses what is not one JSON document, and keys that stand twice
// in an object: of those encoding/json would silently take the last.
func newOutline(data []byte) (outline, error) {
	r := &reader{outline: outline{lines: map[string]int{}}, Decoder: json.NewDecoder(bytes.NewReader(data)), data: data, read: 1}
	err := r.value(nil)
	if err == nil {
		if _, more := r.Token(); more != io.EOF {
			err = errors.New("there is something behind the journal's end")
		}
	}
	if err != nil {
		return outline{}, fmt.Errorf("line %d: %w", r.here(), err)
	}
	return r.outline, nil
}

// here is the line up to which is read.
func (r *reader) here() int {
	if offset := min(r.InputOffset(), int64(len(r.data))); offset > r.counted {
		r.read += bytes.Count(r.data[r.counted:offset], []byte("\n"))
		r.counted = offset
	}
	return r.read
}

// maxDepth is more than a journal needs. Without a bound, the paths to keys of a
// hostile file would fill the memory.
const maxDepth = 16

// value reads one value and what is in it.
func (r *reader) value(at []string) error {
	if len(at) > maxDepth {
		return errors.New("not a journal: it is too deep")
	}
	token, err := r.next()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('{'):
		return r.object(at)
	case json.Delim('['):
		for i := 0; r.More(); i++ {
			if err := r.value(append(at, fmt.Sprint(i))); err != nil {
				return err
			}
		}
		_, err = r.next()
	}
	return err
}

func (r *reader) object(at []string) error {
	for r.More() {
		token, err := r.next()
		if err != nil {
			return err
		}
		key, ok := token.(string)
		if !ok {
			return errors.New("not JSON: a key is missing")
		}
		inside := append(at[:len(at):len(at)], key)
		if r.lines[path(inside...)] > 0 {
			return fmt.Errorf("%q stands twice in one object", key)
		}
		r.paths = append(r.paths, path(inside...))
		r.lines[path(inside...)] = r.here()
		if err := r.value(inside); err != nil {
			return err
		}
	}
	_, err := r.next()
	return err
}

func (r *reader) next() (json.Token, error) {
	token, err := r.Token()
	switch {
	case err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF):
		return nil, errors.New("the file ends in the middle: it was cut off")
	case err != nil:
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	return token, nil
}

// differs finds the first key, and the path to it, that is not what stands at
// its place in another outline.
func (o outline) differs(from outline) (key, at string, differ bool) {
	for i, at := range o.paths {
		if i >= len(from.paths) || at != from.paths[i] {
			return at[strings.LastIndex(at, "\x00")+1:], at, true
		}
	}
	return "", "", len(from.paths) > len(o.paths)
}
