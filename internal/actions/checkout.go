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

// CheckoutHead is the commit that a workspace holds, read from .git/HEAD and the
// refs that it names. Git itself would refuse: the workspace belongs to another
// user.
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
		return "", fmt.Errorf("HEAD names %q", ref)
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

// packed finds a ref among the packed ones.
func packed(git, ref string) (string, error) {
	file, err := os.Open(filepath.Join(git, "packed-refs"))
	if err != nil {
		return "", fmt.Errorf("HEAD names %q, which is nowhere", ref)
	}
	defer func() { _ = file.Close() }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if id, name, ok := strings.Cut(lines.Text(), " "); ok && name == ref {
			return commit(id)
		}
	}
	return "", fmt.Errorf("HEAD names %q, which is nowhere", ref)
}

func commit(id string) (string, error) {
	if !commitID.MatchString(id) {
		return "", fmt.Errorf("%q is not a commit", id)
	}
	return id, nil
}
