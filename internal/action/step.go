package action

import (
	"github.com/layeron/rotate/internal/actions"
	"github.com/layeron/rotate/internal/github"
	"github.com/layeron/rotate/internal/journalbranch"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/run"
	"github.com/layeron/rotate/internal/secret"
)

// step is one run of the action, and what it has learned so far.
type step struct {
	process run.Process // its environment answers with the inputs first
	runtime *actions.Runtime
	in      inputs
	clock   run.Clock
	apply   bool

	repository *github.Repository
	journal    *trackedJournal
	doc        secret.Document
	result     rotate.Result
	pull       journalbranch.PullRequest
	edited     bool             // the pull request edits the journal
	base       *secret.Document // the base branch's declarations; nil where they are not known
}
