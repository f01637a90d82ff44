package journalbranch

import (
	"github.com/layeron/rotate/internal/github"
	"github.com/layeron/rotate/internal/journal"
)

// state is both branches at one moment.
type state struct {
	base       string // head of the base branch
	baseTree   string // of that head; "" if unknown
	head       string // of the bot branch; "" if there is no bot branch
	mergeBase  string // "" if the branches have no common history
	otherFiles bool   // the bot branch changes other files too, by a person

	onBase, onBranch file
	journal          *journal.Journal
	conflicts        journal.Conflicts
	pending          bool // the bot branch has changes that the base lacks

	fresh   bool   // just read, so there is no need to look at the base again
	planned string // head of the base branch that the journal was planned with
	merged  bool   // the bot branch has what that head changed in the journal
}

// file is the journal's file at a commit; the zero file does not exist.
type file struct {
	blob    string
	data    []byte
	journal *journal.Journal
}

// noBranch is the prefix of a revision without a bot branch.
const noBranch = "none:"

func (s *state) revision() string {
	if s.head == "" {
		return noBranch + s.base
	}
	return s.head
}

func (s *state) snapshot() journal.Snapshot {
	return journal.Snapshot{Journal: s.journal, Conflicts: s.conflicts, Revision: s.revision()}
}

// PullRequest is the pull request from the bot branch to the base branch. Its
// number is 0 if there is none and none is needed.
type PullRequest struct {
	github.PullRequest
	Operation github.Operation // of this run

	note string // in front of the caller's body
}
