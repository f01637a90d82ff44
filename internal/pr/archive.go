package pr

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/go-github/v66/github"

	"github.com/layeron/rotate/internal/httpretry"
)

// The bounds of what is unpacked of a repository. A monorepo of any size is
// read past; only text that can hold declarations is kept.
const (
	maxArchive = 512 << 20
	maxKept    = 64 << 20
	maxFile    = 1 << 20
)

// kept are the endings of files that declarations are compiled from.
var kept = map[string]bool{
	".ts": true, ".tsx": true, ".mts": true, ".cts": true, ".js": true, ".jsx": true, ".mjs": true, ".cjs": true,
	".json": true, ".txt": true, ".sql": true, ".md": true, ".html": true,
}

// Unpack puts the sources of a commit into a folder, as far as declarations can
// be compiled from them. It takes two requests, however large the repository.
func (r *Repository) Unpack(ctx context.Context, commit, folder string) error {
	link, _, err := r.api.Repositories.GetArchiveLink(ctx, r.options.Owner, r.options.Repo, github.Tarball, &github.RepositoryContentGetOptions{Ref: commit}, 1)
	if err != nil {
		return fail("find the archive of the base branch", readContents, err)
	}
	// The link carries its own permission, and goes to another host: the token
	// stays here.
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, link.String(), nil)
	if err != nil {
		return httpretry.WithoutURL(err)
	}
	answer, err := r.options.Download.Do(request)
	if err != nil {
		return fmt.Errorf("fetch the archive of the base branch: %w", httpretry.WithoutURL(err))
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("fetch the archive of the base branch: status %d", answer.StatusCode)
	}
	if err := unpack(io.LimitReader(answer.Body, maxArchive), folder); err != nil {
		return fmt.Errorf("unpack the archive of the base branch: %w", err)
	}
	return nil
}

// unpack keeps what is kept of an archive, without the folder around it all.
func unpack(archive io.Reader, folder string) error {
	plain, err := gzip.NewReader(archive)
	if err != nil {
		return err
	}
	room := int64(maxKept)
	for files := tar.NewReader(plain); ; {
		header, err := files.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		_, name, _ := strings.Cut(header.Name, "/")
		path := filepath.FromSlash(name)
		if header.Typeflag != tar.TypeReg || !kept[filepath.Ext(path)] || !filepath.IsLocal(path) || header.Size > maxFile {
			continue
		}
		if room -= header.Size; room < 0 {
			return errors.New("there is too much of it")
		}
		if err := extract(files, filepath.Join(folder, path)); err != nil {
			return err
		}
	}
}

func extract(from io.Reader, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, from)
	return errors.Join(err, file.Close())
}
