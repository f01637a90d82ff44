package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/layeron/rotate/internal/atomicfile"
)

// document is the form of the file: docs/design/formats.md, "Embedded store".
type document struct {
	Secrets map[string]stored `json:"secrets"`
}

type stored struct {
	ID       string `json:"id"`
	Value    string `json:"value"`
	Comment  string `json:"comment"`
	Status   string `json:"status"`
	Created  string `json:"created"`
	Modified string `json:"modified"`
}

// file is the file that holds the secrets. The zero file holds none.
type file struct {
	root  *os.Root
	name  string
	saved []byte // content of the file
}

// load returns the secrets in the file, or none if there is no file.
func (f *file) load() ([]Secret, error) {
	data, err := atomicfile.Read(f.root, f.name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read local store: %w", err)
	}
	secrets, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("read local store: %q: %w", filepath.Join(f.root.Name(), f.name), err)
	}
	f.saved = data
	return secrets, nil
}

func parse(data []byte) ([]Secret, error) {
	var read document
	decoder := json.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&read); err != nil {
		return nil, fmt.Errorf("is not a store: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("is not a store: there is text after its end")
	}
	if read.Secrets == nil {
		return nil, errors.New(`is not a store: it has no "secrets"`)
	}
	secrets := make([]Secret, 0, len(read.Secrets))
	ids := map[string]bool{}
	for name, s := range read.Secrets {
		parsed, err := s.parse(name)
		if err == nil && ids[s.ID] {
			err = fmt.Errorf("id %q is not unique", s.ID)
		}
		if err != nil {
			return nil, fmt.Errorf("secret %q: %w", name, err)
		}
		ids[s.ID] = true
		secrets = append(secrets, parsed)
	}
	return secrets, nil
}

var (
	validID   = regexp.MustCompile(`^[0-9a-f]{32}$`)
	validName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
)

func (s stored) parse(name string) (Secret, error) {
	created, badCreated := time.Parse(time.RFC3339, s.Created)
	modified, badModified := time.Parse(time.RFC3339, s.Modified)
	switch {
	case !validName.MatchString(name):
		return Secret{}, errors.New("is not a name: use letters, digits, '_' and '-'")
	case !validID.MatchString(s.ID):
		return Secret{}, fmt.Errorf("id %q is not 32 hex digits", s.ID)
	case s.Status != Pending && s.Status != Active && s.Status != Deleted:
		return Secret{}, fmt.Errorf("status %q is not %s, %s or %s", s.Status, Pending, Active, Deleted)
	case badCreated != nil:
		return Secret{}, fmt.Errorf("created %q is not an RFC 3339 instant", s.Created)
	case badModified != nil:
		return Secret{}, fmt.Errorf("modified %q is not an RFC 3339 instant", s.Modified)
	}
	return Secret{s.ID, name, s.Value, s.Comment, s.Status, created.UTC(), modified.UTC()}, nil
}

// save writes the secrets, unless the file already holds them.
func (f *file) save(secrets map[key]record) error {
	if f.root == nil {
		return nil
	}
	data, err := encode(secrets)
	if err != nil {
		return fmt.Errorf("write local store: %w", err)
	}
	if bytes.Equal(data, f.saved) || f.saved == nil && len(secrets) == 0 {
		return nil
	}
	if err := atomicfile.Write(f.root, f.name, data, 0o600); err != nil {
		return fmt.Errorf("write local store: %w", err)
	}
	f.saved = data
	return nil
}

func encode(secrets map[key]record) ([]byte, error) {
	d := document{Secrets: make(map[string]stored, len(secrets))}
	for k, r := range secrets {
		d.Secrets[k.name] = stored{r.ID, r.Value, r.Comment, r.Status, r.Created.Format(instant), r.Modified.Format(instant)}
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(d) // sorts the names
	return b.Bytes(), err
}
