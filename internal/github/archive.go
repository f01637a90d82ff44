package github

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

	gh "github.com/google/go-github/v66/github"

	"github.com/layeron/rotate/internal/httpretry"
)

// Limits of what Unpack reads and writes, in bytes. It reads past the other
// files of a large repository.
const (
	maxArchive = 512 << 20
	maxSources = 64 << 20
	maxSource  = 1 << 20 // a larger file is skipped
)

// sourceTypes are the extensions of files that declarations are compiled from.
var sourceTypes = map[string]bool{
	".ts": true, ".tsx": true, ".mts": true, ".cts": true, ".js": true, ".jsx": true, ".mjs": true, ".cjs": true,
	".json": true, ".txt": true, ".sql": true, ".md": true, ".html": true,
}

// Unpack writes the files of a commit that declarations can be compiled from
// into a folder. It takes two requests, whatever the size of the repository.
func (r *Repository) Unpack(ctx context.Context, commit, folder string) error {
	doing := fmt.Sprintf("read the files of commit %.12s", commit)
	link, _, err := r.api.Repositories.GetArchiveLink(ctx, r.options.Owner, r.options.Repo, gh.Tarball, &gh.RepositoryContentGetOptions{Ref: commit}, 0)
	if err != nil {
		return fail(doing, readContents, err)
	}
	// The link leads to another host and holds its own permission, so it is
	// fetched without the token.
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, link.String(), nil)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, httpretry.WithoutURL(err))
	}
	answer, err := r.download.Do(request)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, httpretry.WithoutURL(err))
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: the archive's server answered HTTP %d", doing, answer.StatusCode)
	}
	if err := unpack(io.LimitReader(answer.Body, maxArchive), folder); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// unpack writes the sources in an archive, without the archive's root folder.
func unpack(archive io.Reader, folder string) error {
	plain, err := gzip.NewReader(archive)
	if err != nil {
		return err
	}
	room := int64(maxSources)
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
		if header.Typeflag != tar.TypeReg || !sourceTypes[filepath.Ext(path)] || !filepath.IsLocal(path) || header.Size > maxSource {
			continue
		}
		if room -= header.Size; room < 0 {
			return fmt.Errorf("its sources exceed %d MiB", maxSources>>20)
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
