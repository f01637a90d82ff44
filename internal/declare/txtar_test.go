package declare_test

import "strings"

// archive is a txtar archive: a comment, and files that each follow a line
// "-- name --".
type archive struct {
	comment string
	files   []archiveFile
}

type archiveFile struct{ name, data string }

func parseArchive(text string) archive {
	var a archive
	for line := range strings.Lines(text) {
		name, isName := strings.CutPrefix(strings.TrimSpace(line), "-- ")
		name, ends := strings.CutSuffix(name, " --")
		switch last := len(a.files) - 1; {
		case isName && ends:
			a.files = append(a.files, archiveFile{name: name})
		case last < 0:
			a.comment += line
		default:
			a.files[last].data += line
		}
	}
	return a
}

// with writes the archive with other contents in some of its files.
func (a archive) with(contents map[string]string) string {
	text := a.comment
	for _, f := range a.files {
		if data, ok := contents[f.name]; ok {
			f.data = data
		}
		text += "-- " + f.name + " --\n" + f.data
	}
	return text
}
