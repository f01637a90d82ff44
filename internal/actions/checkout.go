package actions

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

var commitID = regexp.MustCompile(`^[0-9a-f]{40}$`)

// CheckoutHead returns the commit that is checked out in a workspace. It reads
// .git/HEAD and the refs itself, because git refuses to work in a folder that
// belongs to another user.
func CheckoutHead(workspace string) (string, error) {
	git := filepath.Join(workspace, ".git")
	head, err := os.ReadFile(filepath.Join(git, "HEAD"))
	if err != nil {
		return "", err
	}
	text := strings.TrimSpace(string(head))
	ref, symbolic := strings.CutPrefix(text, "ref: ")
	if !symbolic {
		return commit(text)
	}
	if !filepath.IsLocal(filepath.FromSlash(ref)) {
		return "", fmt.Errorf("HEAD points to %q, which is outside .git", ref)
	}
	loose, err := os.ReadFile(filepath.Join(git, filepath.FromSlash(ref)))
	if errors.Is(err, os.ErrNotExist) {
		return packed(git, ref)
	}
	if err != nil {
		return "", err
	}
	return commit(strings.TrimSpace(string(loose)))
}

// packed finds a ref in the file packed-refs.
func packed(git, ref string) (string, error) {
	file, err := os.Open(filepath.Join(git, "packed-refs"))
	if err != nil {
		return "", fmt.Errorf("HEAD points to %q, which does not exist", ref)
	}
	defer func() { _ = file.Close() }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if id, name, ok := strings.Cut(lines.Text(), " "); ok && name == ref {
			return commit(id)
		}
	}
	return "", fmt.Errorf("HEAD points to %q, which does not exist", ref)
}

func commit(id string) (string, error) {
	if !commitID.MatchString(id) {
		return "", fmt.Errorf("%q is not a commit id", id)
	}
	return id, nil
}
