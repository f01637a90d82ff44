package atomicfile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/layeron/rotate/internal/atomicfile"
	"github.com/layeron/rotate/internal/fake"
)

func put(t *testing.T, root *os.Root, name, text string) {
	t.Helper()
	if err := errors.Join(root.MkdirAll(filepath.Dir(name), 0o755), root.WriteFile(name, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

// files returns the files below a folder with their content.
func files(t *testing.T, root *os.Root) []string {
	t.Helper()
	var out []string
	err := fs.WalkDir(root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := root.ReadFile(name)
		out = append(out, name+": "+string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWriteReplacesTheFile(t *testing.T) {
	root := fake.Folder(t)
	put(t, root, "folder/other", "stays")
	for _, text := range []string{"first", "second"} {
		if err := atomicfile.Write(root, "folder/file", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, want := files(t, root), []string{"folder/file: " + text, "folder/other: stays"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if got, err := atomicfile.Read(root, "folder/file"); err != nil || string(got) != text {
			t.Errorf("read %q, %v", got, err)
		}
	}
	if info, err := root.Stat("folder/file"); err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// The file gets the given mode, whatever mode the old one had.
func TestWriteSetsTheMode(t *testing.T) {
	root := fake.Folder(t)
	put(t, root, "file", "open to all")
	if err := atomicfile.Write(root, "file", []byte("closed"), 0o600); err != nil {
		t.Fatal(err)
	}
	if info, err := root.Stat("file"); err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// A write that fails leaves the old file and no temporary one.
func TestWriteThatFailsChangesNothing(t *testing.T) {
	long := strings.Repeat("x", 250) // the name of the temporary file is longer, and too long
	for name, test := range map[string]struct{ old, file string }{
		"the temporary file cannot be made": {old: long, file: long},
		"the rename fails":                  {old: "file/inside", file: "file"},
		"no folder":                         {old: "other", file: "missing/file"},
		"outside":                           {old: "other", file: "../file"},
	} {
		root := fake.Folder(t)
		put(t, root, test.old, "old")
		if err := atomicfile.Write(root, test.file, []byte("new"), 0o644); err == nil {
			t.Errorf("%s: reports success", name)
		}
		if got, want := files(t, root), []string{test.old + ": old"}; !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestWriteRemovesWhatACrashLeft(t *testing.T) {
	root := fake.Folder(t)
	const unique = "DOPBFOHW5RHBNQVXJLJJTVSHYM"
	others := []string{".file.json." + unique + ".new", ".file.new", ".other." + unique + ".new"}
	for _, name := range append(others, ".file."+unique+".new") {
		put(t, root, name, "half")
	}
	if err := atomicfile.Write(root, "file", []byte("whole"), 0o644); err != nil {
		t.Fatal(err)
	}
	want := []string{others[0] + ": half", others[1] + ": half", others[2] + ": half", "file: whole"}
	if got := files(t, root); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A link out of the root, a link to another file in it and a dangling link are
// all refused by name.
func TestLinksAreNamedAndNotFollowed(t *testing.T) {
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "file"), []byte("outside"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ target, link, file string }{
		"file, out":      {filepath.Join(outside, "file"), "folder/file", "folder/file"},
		"file, inside":   {"../kept/file", "folder/file", "folder/file"},
		"file, nowhere":  {filepath.Join(outside, "none"), "folder/file", "folder/file"},
		"folder, out":    {outside, "folder/sub", "folder/sub/file"},
		"folder, inside": {"../kept", "folder/sub", "folder/sub/file"},
		"folder above":   {"../kept", "folder/sub", "folder/sub/deep/file"},
		"first folder":   {"kept", "link", "link/file"},
	} {
		root := fake.Folder(t)
		put(t, root, "kept/file", "kept")
		put(t, root, "kept/deep/file", "deep")
		put(t, root, "folder/other", "other")
		before := files(t, root)
		if err := root.Symlink(test.target, test.link); err != nil {
			t.Fatal(err)
		}
		_, readErr := atomicfile.Read(root, test.file)
		for _, err := range []error{readErr, atomicfile.Write(root, test.file, []byte("new"), 0o644)} {
			if err == nil || !strings.Contains(err.Error(), filepath.Join(root.Name(), test.link)+" is a symbolic link") {
				t.Errorf("%s: %v", name, err)
			}
		}
		if got := files(t, root); !slices.Equal(got, before) {
			t.Errorf("%s: got %q, want %q", name, got, before)
		}
	}
	if entries, err := os.ReadDir(outside); err != nil || len(entries) != 1 {
		t.Errorf("the folder outside holds %v, %v", entries, err)
	}
	if text, err := os.ReadFile(filepath.Join(outside, "file")); err != nil || string(text) != "outside" {
		t.Errorf("the file outside holds %q, %v", text, err)
	}
}
