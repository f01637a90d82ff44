package github_test

import (
	"bytes"
	"regexp"
	"testing"

	"github.com/layeron/rotate/internal/fake"
)

// Fault 62: an answer with an invalid commit id, or with null in place of an
// object, is an error, and no part of it is used.
func TestFault62_AnswersAreChecked(t *testing.T) {
	ids := regexp.MustCompile(`"[0-9a-f]{40}"`)
	objects := regexp.MustCompile(`"(commits|files|parents)":\[\{`)
	mangled := map[string]func([]byte) []byte{
		"short ids":      func(b []byte) []byte { return ids.ReplaceAll(b, []byte(`"abc"`)) },
		"empty ids":      func(b []byte) []byte { return ids.ReplaceAll(b, []byte(`""`)) },
		"ids in capital": func(b []byte) []byte { return ids.ReplaceAllFunc(b, bytes.ToUpper) },
		"null ids":       func(b []byte) []byte { return ids.ReplaceAll(b, []byte(`null`)) },
		"null in lists":  func(b []byte) []byte { return objects.ReplaceAll(b, []byte(`"$1":[null,{`)) },
		"null":           func([]byte) []byte { return []byte("null") },
	}
	calls := map[string]func(w *world) error{
		"head":    func(w *world) error { _, err := w.repository.Head(t.Context(), "main"); return err },
		"compare": func(w *world) error { _, err := w.repository.Compare(t.Context(), "main", "bot"); return err },
		"tree":    func(w *world) error { _, err := w.repository.Tree(t.Context(), w.GitHub.Head("main")); return err },
		"commit": func(w *world) error {
			_, err := w.repository.CommitFile(t.Context(), "bot", w.GitHub.Head("bot"), "a message", "file", []byte("text"))
			return err
		},
		"commit of a tree": func(w *world) error {
			_, err := w.repository.CommitTree(t.Context(), "a message", []string{w.GitHub.Head("bot")}, w.GitHub.Head("bot"), "file", []byte("text"))
			return err
		},
	}
	for way, edit := range mangled {
		for name, call := range calls {
			w := newWorld(t, fake.Options{})
			w.Commit("bot", map[string]string{"file": "old"}, "a commit")
			var before, after []byte
			w.SetFault(func(fake.Request) fake.Fault {
				return fake.Fault{Edit: func(b []byte) []byte {
					before, after = b, edit(b)
					return after
				}}
			})
			if err := call(w); err == nil && !bytes.Equal(before, after) {
				t.Errorf("%s, %s: accepted %s", name, way, after)
			}
		}
	}
}
