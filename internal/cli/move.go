package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/run"
)

// moveOptions are the flags of `journal move`.
type moveOptions struct {
	run.Project
	to         string
	repository int64
	host       string
}

func (a App) journalMoveCommand() *cobra.Command {
	var o moveOptions
	cmd := &cobra.Command{
		Use:   "move --env ENVIRONMENT --to (github | file)",
		Short: "Change who applies: the Action, or the command line",
		Long: `Change the place of the journal: github, where the Action applies, or file, where
the command line does. The former owner stays recorded, so that its receipts are
still accepted. Merge an open pull request of the Action first: what only its
branch holds would be left behind. Only the file in this folder is changed; commit
it.

After a project's folder was renamed, or its repository was created again, move
the journal to github once more.`,
		Example: `  layer journal move --env production --to github --repository-id "$(gh api repos/acme/billing --jq .id)"
  layer journal move --env production --to file`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			return a.move(cmd.Context(), &o)
		},
	}
	projectFlags(cmd, &o.Project)
	f := cmd.Flags()
	f.StringVar(&o.to, "to", "", "github or file (required)")
	f.Int64Var(&o.repository, "repository-id", 0, "with github: the repository's number")
	f.StringVar(&o.host, "host", "github.com", "with github: the server")
	return cmd
}

func (o *moveOptions) check() error {
	switch {
	case o.to != string(journal.PlaceGitHub) && o.to != string(journal.PlaceFile):
		return run.Usage("--to is %q: use github or file", o.to)
	case o.to == string(journal.PlaceGitHub) && o.repository <= 0:
		return run.Usage("--to github needs --repository-id: a repository keeps its number when it is renamed\n`gh api repos/OWNER/NAME --jq .id` prints it")
	}
	return o.Project.Check()
}

// move gives the journal another owner and signs every entry again.
func (a App) move(ctx context.Context, o *moveOptions) error {
	file, err := a.OpenJournal(&o.Project, false)
	if err != nil {
		return err
	}
	c, err := a.StartedAt()
	if err != nil {
		return err
	}
	if err := a.Prepare(ctx, file, c); err != nil {
		return err
	}
	defer file.Unlock()
	j, err := file.Load(ctx, o.Environment)
	switch {
	case err != nil:
		return err
	case j == nil:
		return run.Fail("journal_not_found", "no journal at %s: the first apply creates it in the right place", file.Path())
	case len(j.Tampered(file.Ring)) > 0:
		return run.Fail("journal_tampered", "the journal has entries that are not signed with this root key: nothing was changed\nrun `layer journal verify` to list them")
	}
	owner, err := a.newOwner(o)
	if err != nil {
		return err
	}
	if owner == j.Owner {
		_, err := fmt.Fprintf(a.Stdout, "%s: its place is already %s\n", file.Path(), j.Place)
		return err
	}
	moved, err := j.Moved(journal.Place(o.to), owner, file.Ring.First())
	if err != nil {
		return err
	}
	if _, err := file.Write(ctx, journal.NoCommit, moved, ""); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.Stdout, "%s: its place is now %s; commit the file\n", file.Path(), o.to)
	return err
}

func (a App) newOwner(o *moveOptions) (journal.Owner, error) {
	if o.to == string(journal.PlaceFile) {
		return a.FileOwner()
	}
	path, err := pathInRepository(o.Dir)
	return journal.Owner{Host: o.host, RepositoryID: o.repository, ProjectPath: path}, err
}

// pathInRepository is a folder's path from the root of its git repository.
func pathInRepository(folder string) (string, error) {
	project, err := filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	for root := project; ; root = filepath.Dir(root) {
		if _, err := os.Stat(filepath.Join(root, ".git")); err == nil {
			path, err := filepath.Rel(root, project)
			return filepath.ToSlash(path), err
		}
		if root == filepath.Dir(root) {
			return "", errors.New("the project is not in a git repository: its path there is part of the journal's owner")
		}
	}
}
