package emulator_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/emulator"
)

// The form in docs/design/formats.md, "Embedded store".
const golden = `{
  "secrets": {
    "A": {
      "id": "3e9bc9b5e9d7b0e2d9bf7f1d6f7ec2a4",
      "value": "<v> & \"w\" é",
      "comment": "",
      "status": "active",
      "created": "2026-06-01T03:00:00.123Z",
      "modified": "2026-06-01T03:00:00.123Z"
    },
    "B": {
      "id": "00000000000000000000000000000001",
      "value": "w",
      "comment": "c",
      "status": "pending",
      "created": "2026-06-01T03:00:00.000Z",
      "modified": "2026-06-01T03:00:01.500Z"
    }
  }
}
`

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secrets-store.json")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// at returns the option that keeps the secrets in a file.
func at(t *testing.T, path string) func(*emulator.Options) {
	t.Helper()
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	return func(o *emulator.Options) { o.Root, o.File = root, filepath.Base(path) }
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func stat(t *testing.T, path string) os.FileInfo {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// The file stays the same, byte for byte, as long as its secrets do.
func TestFileIsStable(t *testing.T) {
	path := write(t, golden)
	file := at(t, path)
	w := newWorld(t, func(o *emulator.Options) { file(o); o.PendingReads = 9 })
	made := w.create(t, "C").first()
	written := stat(t, path)
	if w.do(t, "GET", secrets, ""); !os.SameFile(written, stat(t, path)) {
		t.Error("reading the store wrote its file")
	}
	if got := read(t, path); got == golden || !strings.Contains(got, `"C": {`) {
		t.Errorf("the new secret is not in the file: %s", got)
	}
	w.do(t, "DELETE", secrets+"/"+made.ID, "")
	if diff := cmp.Diff(golden, read(t, path)); diff != "" {
		t.Errorf("file (-want +got):\n%s", diff)
	}
}

// The next process reads what one has written. Other users of the machine
// cannot.
func TestFileSurvivesTheProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secrets-store.json")
	with := at(t, path)
	w := newWorld(t, with)
	if w.do(t, "GET", secrets, ""); exists(path) {
		t.Error("reading an empty store made a file")
	}
	for _, name := range []string{"A", "B", "C"} {
		w.create(t, name)
	}
	w.do(t, "PATCH", secrets+"/"+w.Secrets()[0].ID, `{"value":"<w>\u0000é"}`)
	w.do(t, "DELETE", secrets+"/"+w.Secrets()[1].ID, "")
	if diff := cmp.Diff(w.Secrets(), newWorld(t, with).Secrets()); diff != "" {
		t.Errorf("read again (-want +got):\n%s", diff)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v, want 0600: the values are in it", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Dir(path) + "/.*"); len(left) != 0 {
		t.Errorf("temporary files are left: %v", left)
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// A write makes a file that others can read private.
func TestFileModeIsRepaired(t *testing.T) {
	path := write(t, golden)
	newWorld(t, at(t, path)).create(t, "C")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// A file that is not a store is refused and not overwritten.
func TestInvalidFile(t *testing.T) {
	b := `"00000000000000000000000000000001"`
	for name, test := range map[string]struct{ text, says string }{
		"empty":           {"", "is not a store"},
		"torn":            {golden[:100], "is not a store"},
		"conflict":        {"<<<<<<< ours\n" + golden, "is not a store"},
		"null":            {"null", `has no "secrets"`},
		"another object":  {"{}", `has no "secrets"`},
		"more after it":   {golden + "{}", "text after its end"},
		"short id":        {strings.Replace(golden, b, `"1"`, 1), `secret "B": id "1"`},
		"id twice":        {strings.Replace(golden, "3e9bc9b5e9d7b0e2d9bf7f1d6f7ec2a4", strings.Trim(b, `"`), 1), "not unique"},
		"bad name":        {strings.Replace(golden, `"B"`, `"a b"`, 1), `secret "a b": is not a name`},
		"unknown status":  {strings.Replace(golden, "pending", "lost", 1), `status "lost"`},
		"no created":      {strings.Replace(golden, "2026-06-01T03:00:00.000Z", "today", 1), `created "today"`},
		"no modified":     {strings.Replace(golden, "2026-06-01T03:00:01.500Z", "", 1), `modified ""`},
		"value of a list": {strings.Replace(golden, `"w"`, `["w"]`, 1), "is not a store"},
	} {
		path := write(t, test.text)
		o, _ := options()
		at(t, path)(&o)
		_, err := emulator.New(o)
		if err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: got %v, want %q", name, err, test.says)
		}
		if read(t, path) != test.text {
			t.Errorf("%s: the file was changed", name)
		}
	}
}

// If the file cannot be written, nothing changes and Failed gets the error.
func TestFailedWrite(t *testing.T) {
	var failure error
	file := at(t, filepath.Join(t.TempDir(), "store.json"))
	w := newWorld(t, func(o *emulator.Options) {
		file(o)
		o.File = filepath.Join("missing", o.File)
		o.Failed = func(err error) { failure = err }
	})
	if got := w.create(t, "NAME"); got.status != 500 || got.message() != "internal_error" {
		t.Errorf("got %d %+v", got.status, got)
	}
	if !errors.Is(failure, os.ErrNotExist) || len(w.Secrets()) != 0 {
		t.Errorf("Failed got %v, the store holds %v", failure, w.Secrets())
	}
}

func TestInvalidOptions(t *testing.T) {
	o, _ := options()
	at(t, filepath.Join(t.TempDir(), "x"))(&o)
	o.Stores = []emulator.Store{{ID: "a"}, {ID: "b"}}
	if _, err := emulator.New(o); err == nil {
		t.Error("one file is accepted for two stores")
	}
	if _, err := emulator.New(emulator.Options{}); err == nil {
		t.Error("a clock and randomness are not required")
	}
	unreadable := t.TempDir() // a folder
	o, _ = options()
	at(t, unreadable)(&o)
	if _, err := emulator.New(o); err == nil {
		t.Error("a folder is accepted as an empty store")
	}
}
