package action

import (
	"context"
	"os"
	"path/filepath"

	"github.com/layeron/rotate/internal/secret"
)

// baseDeclarations compiles the base branch's declarations from GitHub's archive,
// because what a pull request changes is a difference of declarations. Where they
// cannot be loaded the comment says so, and compares with what was applied.
func (s *step) baseDeclarations(ctx context.Context) *secret.Document {
	folder, err := os.MkdirTemp("", "layer-base")
	if err != nil {
		return nil
	}
	defer func() { _ = os.RemoveAll(folder) }()
	if err := os.Mkdir(filepath.Join(folder, ".git"), 0o755); err != nil { // marks the repository's root
		return nil
	}
	if err := s.repository.Unpack(ctx, s.journal.BaseHead(), folder); err != nil {
		s.process.Say("the base branch's declarations cannot be loaded: " + err.Error())
		return nil
	}
	doc, err := s.process.Compile(ctx, s.in.project(folder))
	if err != nil {
		s.process.Say("the base branch's declarations do not compile: " + err.Error())
		return nil
	}
	return &doc
}
