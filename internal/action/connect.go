package action

import (
	"math/rand/v2"
	"net/url"

	"github.com/layeron/rotate/internal/github"
	"github.com/layeron/rotate/internal/httpretry"
	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/journalbranch"
	"github.com/layeron/rotate/internal/run"
)

// connect opens the repository and the journal in it. It sends nothing.
func (s *step) connect() error {
	at := s.runtime.Run
	if s.process.Getenv(run.EnvClock) != "" && (!run.Loopback(at.APIURL) || !run.Loopback(at.GraphQLURL)) {
		return run.Usage("%s is for tests: it is refused unless GitHub's API is on this machine", run.EnvClock)
	}
	if s.in.token == "" {
		return run.Fail("credentials", "input github-token is empty: the journal cannot be read\nleave it out, and the workflow's own token is used")
	}
	var err error
	s.repository, err = github.Open(github.Options{
		APIURL: at.APIURL, GraphQLURL: at.GraphQLURL, Token: s.in.token, Owner: at.Owner, Repo: at.Repo,
		Retry: httpretry.Policy{Clock: s.clock, Jitter: rand.Float64, Waiting: s.process.Waiting},
	})
	if err != nil {
		return run.Usage("open the repository: %w", err)
	}
	branch, err := journalbranch.Open(s.repository, journalbranch.Options{
		Base: s.in.base, Branch: s.in.branch, Path: s.in.journalPath(), Title: s.title(),
		Labels: s.in.labels, Reviewers: s.in.reviewers, AutoMerge: s.in.autoMerge, Warn: s.runtime.Warning,
	})
	s.journal = &trackedJournal{Branch: branch}
	return err
}

func (s *step) title() string {
	title := "Rotation journal: " + s.in.environment
	if s.in.dir != "." {
		title += " (" + s.in.dir + ")"
	}
	return title
}

// owner is this repository's project (docs/design/formats.md, "Header"): a
// repository that is renamed keeps its id, and a fork or a copy has another.
func (s *step) owner() journal.Owner {
	host := s.runtime.Run.ServerURL
	if u, err := url.Parse(host); err == nil {
		host = u.Host
	}
	return journal.Owner{Host: host, RepositoryID: s.runtime.Run.RepoID, ProjectPath: s.in.dir}
}
