package cli_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// outside makes a folder with files that no run may change.
func outside(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for _, name := range []string{"victim", "rotation/production.json", "local/rotation/production.json"} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("untouched"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// tree returns the contents of all files in a folder, by path.
func tree(t *testing.T, folder string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			out[path] = readFile(t, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// commitLink makes a symbolic link in a project, as a commit can.
func commitLink(t *testing.T, project, link, target string) {
	t.Helper()
	path := filepath.Join(project, link)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
}

// A run never writes outside the project through a link under .layeron. If it
// needs the file or folder, it fails and names the link.
func TestCommittedLinksAreNotWrittenThrough(t *testing.T) {
	for _, test := range []struct {
		link, target string // the target is in the folder that outside makes
		refused      bool
	}{
		{".layeron/local/root.key.new", "stolen", false},
		{".layeron/local/rotation/.production.json.new", "victim", false},
		{".layeron/local/.gitignore", "made", true},
		{".layeron/local/.gitignore", "victim", true},
		{".layeron/local/root.key", "stolen", true},
		{".layeron/local/root.key", "victim", true},
		{".layeron/local/secrets-store.json", "stolen", true},
		{".layeron/local/rotation/production.json", "stolen", true},
		{".layeron/local/rotation/production.json", "victim", true},
		{".layeron/local/rotation", "rotation", true},
		{".layeron/local", "local", true},
		{".layeron", ".", true},
	} {
		t.Run(test.link+" to "+test.target, func(t *testing.T) {
			r, folder := newRemote(t), outside(t)
			before := tree(t, folder)
			commitLink(t, r.project, test.link, filepath.Join(folder, test.target))
			_, stderr, code := r.run("secret", "rotate", "--env", "production", "--local", "--apply", "--yes")
			if test.refused && (code != 1 || !strings.Contains(stderr, test.link+" is a symbolic link")) {
				t.Errorf("exit code %d, want the link named:\n%s", code, stderr)
			}
			if !test.refused && code != 0 {
				t.Errorf("exit code %d, although the run does not need the file:\n%s", code, stderr)
			}
			if after := tree(t, folder); !maps.Equal(after, before) {
				t.Errorf("files outside the project are now %v", after)
			}
		})
	}
}

// The same holds for the journal in the project, with Secrets Store.
func TestCommittedLinksToTheJournalAreRefused(t *testing.T) {
	for link, target := range map[string]string{".layeron/rotation/production.json": "victim", ".layeron/rotation": "rotation", ".layeron": "."} {
		r, folder := newRemote(t), outside(t)
		before := tree(t, folder)
		commitLink(t, r.project, link, filepath.Join(folder, target))
		for _, args := range [][]string{apply, {"secret", "rotate", "--env", "production"}, {"journal", "verify", "--env", "production"}} {
			if _, stderr, code := r.run(args...); code != 1 || !strings.Contains(stderr, link+" is a symbolic link") {
				t.Errorf("%s, %v: exit code %d\n%s", link, args, code, stderr)
			}
		}
		if n := len(r.values()); n != 0 {
			t.Errorf("%s: %d secrets were written", link, n)
		}
		if after := tree(t, folder); !maps.Equal(after, before) {
			t.Errorf("%s: files outside the project are now %v", link, after)
		}
	}
}

// A check in the Action warns and writes no plan file when the .gitignore next
// to it is a link.
func TestCommittedGitignoreLinkInTheAction(t *testing.T) {
	r, folder := newRepository(t, nil), outside(t)
	before := tree(t, folder)
	commitLink(t, r.project, ".layeron/local/.gitignore", filepath.Join(folder, "made"))
	o := r.action("schedule", nil)
	if o.code != 0 || !strings.Contains(o.stdout, ".layeron/local/.gitignore is a symbolic link") || o.outputs["plan-file"] != "" {
		t.Errorf("exit code %d, plan-file %q, want a warning that names the link:\n%s", o.code, o.outputs["plan-file"], o.stdout)
	}
	if after := tree(t, folder); !maps.Equal(after, before) {
		t.Errorf("files outside the project are now %v", after)
	}
}

// The folder of a project may be a symbolic link.
func TestProjectFolderThatIsALink(t *testing.T) {
	r := newRemote(t)
	link := filepath.Join(t.TempDir(), "billing")
	if err := os.Symlink(r.project, link); err != nil {
		t.Fatal(err)
	}
	r.must("secret", "rotate", "--env", "production", "--local", "--apply", "--yes", "--project", link)
	if info, err := os.Stat(filepath.Join(r.project, ".layeron/local/root.key")); err != nil || info.Mode() != 0o600 {
		t.Errorf("the local root key has mode %v, %v", info, err)
	}
}
