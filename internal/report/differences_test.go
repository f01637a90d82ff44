package report_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/plan/plantest"
	"github.com/layeron/rotate/internal/report"
	"github.com/layeron/rotate/internal/secret"
)

func TestDifferences(t *testing.T) {
	key := random("auth/session-key", 30, keep(14))
	other := random("mail/token", 60, none)
	twin := random("auth/other-key", 30, keep(14))
	moved, renamed, unrotated, startless, restored := key, key, key, key, key
	moved.Source.Line = 99
	renamed.ID, renamed.StoreName = "auth/cookie-key", "lo_other"
	unrotated.Rotation = nil
	startless.Rotation = &secret.Rotation{EveryDays: 30, Retain: keep(14)}
	restored.StoreName = "SESSION_KEY"
	policy := "every 30 days, from 2026-06-01 00:00 UTC, retention 14 days"
	changed := func(f ...report.FieldChange) []report.Difference {
		return []report.Difference{{Kind: report.Changed, ID: key.ID, Fields: f}}
	}
	merged := plantest.New(t, key).Until("10 May").Declare(renamed).At("11 May").Plan()
	if got := report.Differences(document(key, renamed), document(renamed), merged); len(got) != 1 || got[0].Kind != report.Removed {
		t.Errorf("the new name was merged earlier, and this pull request removes the old one: got %v", got)
	}
	type list = []secret.Declaration
	for name, c := range map[string]struct {
		base, head list
		want       []report.Difference
	}{
		"moved in its file":      {list{key}, list{moved}, nil},
		"one added, one removed": {list{key}, list{other}, []report.Difference{{Kind: report.Added, ID: other.ID}, {Kind: report.Removed, ID: key.ID}}},
		"renamed":                {list{key, other}, list{renamed, other}, []report.Difference{{Kind: report.Renamed, ID: renamed.ID, From: key.ID}}},
		"two removed, either could be the renamed one": {list{key, twin}, list{renamed}, []report.Difference{
			{Kind: report.Added, ID: renamed.ID}, {Kind: report.Removed, ID: twin.ID}, {Kind: report.Removed, ID: key.ID},
		}},
		"policy": {list{key}, list{random(key.ID, 7, forever)}, changed(
			report.FieldChange{Name: "rotation", Before: "every 30 days", After: "every 7 days"},
			report.FieldChange{Name: "retention", Before: "14 days", After: "forever"})},
		"policy removed": {list{key}, list{unrotated}, changed(report.FieldChange{Name: "rotation", Before: policy, After: "none"})},
		"start removed":  {list{key}, list{startless}, changed(report.FieldChange{Name: "start", Before: "from 2026-06-01 00:00 UTC", After: "from its creation"})},
		"store name":     {list{key}, list{restored}, changed(report.FieldChange{Name: "store name", Before: key.StoreName, After: "SESSION_KEY"})},
	} {
		p := plantest.New(t, c.base...).Until("10 May").Declare(c.head...).At("11 May").Plan()
		if diff := cmp.Diff(c.want, report.Differences(document(c.base...), document(c.head...), p)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// If the declarations of the base branch are unknown, the declarations are
// compared with the last apply.
func TestAppliedDifferences(t *testing.T) {
	key, gone, old := random("auth/session-key", 30, keep(14)), random("mail/token", 60, none), random("api/token", 60, none)
	w := plantest.New(t, key, gone, old, random("web/salt", 30, keep(7))).Until("10 May", "1 Jun").At("5 Jun")
	w.Declare(random(key.ID, 30, keep(28)), random("new/one", 30, forever), random("web/salt", 30, none), random("mail/key", 60, none))
	w.At("1 Jul")
	want := []report.Difference{
		{Kind: report.Added, ID: "new/one"},
		{Kind: report.Changed, ID: key.ID, Fields: []report.FieldChange{{Name: "retention", Before: "14 days", After: "28 days"}}},
		{Kind: report.Changed, ID: "web/salt", Fields: []report.FieldChange{{Name: "retention", After: "none"}}},
		{Kind: report.Renamed, ID: "mail/key", From: gone.ID},
		{Kind: report.Removed, ID: old.ID},
	}
	if diff := cmp.Diff(want, report.AppliedDifferences(w.Plan(), w.In.Document)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A comment on every pull request of a repository would be noise.
func TestNeedsComment(t *testing.T) {
	w := plantest.New(t, random("auth/session-key", 30, keep(14)))
	same, other := w.In.Document, document(random("auth/session-key", 60, keep(14)))
	warned := checked(w)
	warned.Document.Diagnostics = []secret.Diagnostic{{Severity: secret.Warning, Code: "unused"}}
	warnedBefore := warned.Document
	due, idle := checked(w), checked(w.Until("10 May"))
	for name, c := range map[string]struct {
		page     report.Page
		proposal report.Proposal
		want     bool
	}{
		"declarations unchanged":                 {idle, report.Proposal{Base: &same}, false},
		"unchanged, though something is due":     {due, report.Proposal{Base: &same}, false},
		"a policy changes":                       {idle, report.Proposal{Base: &other}, true},
		"the journal is edited":                  {idle, report.Proposal{Base: &same, EditedJournal: "x.json"}, true},
		"a new warning":                          {warned, report.Proposal{Base: &same}, true},
		"a warning that the base branch has too": {warned, report.Proposal{Base: &warnedBefore}, false},
		"base unknown, nothing to do":            {idle, report.Proposal{}, false},
		"base unknown, something to do":          {due, report.Proposal{}, true},
	} {
		c.page.Proposal = &c.proposal
		if got := c.page.NeedsComment(); got != c.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}
