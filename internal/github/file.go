package github

import (
	"context"
	"fmt"
	"net/http"

	gh "github.com/google/go-github/v66/github"
)

// Contents returns a file at a commit, with the id of its blob: "" if there is
// no such file or commit. data is nil if the file is too large for this
// request; Blob returns it.
func (r *Repository) Contents(ctx context.Context, path, commit string) (blob string, data []byte, err error) {
	doing := fmt.Sprintf("read %q", path)
	at := &gh.RepositoryContentGetOptions{Ref: commit}
	content, folder, _, err := r.api.Repositories.GetContents(ctx, r.options.Owner, r.options.Repo, path, at)
	switch {
	case err != nil && readError(err).status == http.StatusNotFound:
		return "", nil, nil
	case err != nil:
		return "", nil, fail(doing, readContents, err)
	case folder != nil || content.GetType() != "file":
		return "", nil, fmt.Errorf("%s: %w", doing, ErrNotFile)
	case content.GetEncoding() != "base64":
		return content.GetSHA(), nil, nil
	}
	text, err := content.GetContent()
	return content.GetSHA(), []byte(text), fail(doing, readContents, err)
}

// Blob returns the content of a blob, whatever its size.
func (r *Repository) Blob(ctx context.Context, id string) ([]byte, error) {
	data, _, err := r.api.Git.GetBlobRaw(ctx, r.options.Owner, r.options.Repo, id)
	return data, fail(fmt.Sprintf("read blob %.12s", id), readContents, err)
}
