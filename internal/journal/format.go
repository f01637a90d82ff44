package journal

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
)

// Format writes the journal: indented, header first, entries sorted by the
// bytes of their ids, versions by number.
func Format(j Journal) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(j); err != nil {
		return nil, err
	}
	return indent(out.Bytes()), nil
}

// indent lays out compact JSON as json.Indent does with two spaces. It trusts the
// syntax, the check of which is most of what json.Indent does.
func indent(compact []byte) []byte {
	out := make([]byte, 0, 2*len(compact))
	depth := 0
	newLine := func() {
		out = append(out, '\n')
		for range depth {
			out = append(out, "  "...)
		}
	}
	for i := 0; i < len(compact); i++ {
		switch c := compact[i]; c {
		case '"':
			end := i + stringLength(compact[i:])
			out = append(out, compact[i:end]...)
			i = end - 1
		case '{', '[':
			out = append(out, c)
			if next := compact[i+1]; next == '}' || next == ']' {
				out = append(out, next)
				i++
				continue
			}
			depth++
			newLine()
		case '}', ']':
			depth--
			newLine()
			out = append(out, c)
		case ',':
			out = append(out, c)
			newLine()
		case ':':
			out = append(out, ": "...)
		default:
			out = append(out, c)
		}
	}
	return out
}

// stringLength is the length of the JSON string at the beginning of data.
func stringLength(data []byte) int {
	n := 1
	for ; data[n] != '"'; n++ {
		if data[n] == '\\' {
			n++
		}
	}
	return n + 1
}

func parts(list ...string) []byte {
	var out []byte
	for _, part := range list {
		out = binary.BigEndian.AppendUint32(out, uint32(len(part)))
		out = append(out, part...)
	}
	return out
}

// compact encodes one of this package's types, which cannot fail.
func compact(v any) string {
	encoded, err := json.Marshal(v)
	if err != nil {
		panic("journal: " + err.Error())
	}
	return string(encoded)
}
