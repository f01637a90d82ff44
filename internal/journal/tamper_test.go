package journal_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/secret"
)

const session = secret.ID("auth/session-key")

// Fault 12: whichever field of an entry is edited, the entry no longer
// verifies, and the others still do.
func TestEveryFieldIsAuthenticated(t *testing.T) {
	whole, key := sample(t), ring(t, 'a')
	for id, entry := range whole.Entries {
		encoded, err := json.Marshal(entry)
		if err != nil {
			t.Fatal(err)
		}
		var tree any
		if err := json.Unmarshal(encoded, &tree); err != nil {
			t.Fatal(err)
		}
		fields := 0
		each(tree, "", func(path string, edit func(), undo func()) {
			edit()
			defer undo()
			encoded, err := json.Marshal(tree)
			if err != nil {
				t.Fatal(err)
			}
			var changed journal.Entry
			if err := json.Unmarshal(encoded, &changed); err != nil {
				t.Fatalf("%s%s: %v", id, path, err)
			}
			if cmp.Equal(&changed, entry) {
				t.Fatalf("%s%s: the test changed nothing", id, path)
			}
			fields++
			if diff := cmp.Diff(map[secret.ID]bool{id: true}, whole.With(id, &changed).Tampered(key)); diff != "" {
				t.Errorf("%s%s changed: -want +got\n%s", id, path, diff)
			}
		})
		if fields < 20 {
			t.Errorf("%s: only %d fields were tried", id, fields)
		}
	}
}

// each calls with an edit of every leaf of a JSON tree.
func each(tree any, path string, try func(path string, edit, undo func())) {
	visit := func(path string, value any, set func(any)) {
		switch value.(type) {
		case map[string]any, []any:
			each(value, path, try)
		default:
			try(path, func() { set(other(path, value)) }, func() { set(value) })
		}
	}
	switch node := tree.(type) {
	case map[string]any:
		for key, value := range node {
			visit(path+"."+key, value, func(v any) { node[key] = v })
		}
	case []any:
		for i, value := range node {
			visit(fmt.Sprintf("%s[%d]", path, i), value, func(v any) { node[i] = v })
		}
	}
}

// other is another value that can stand in the same place.
func other(path string, value any) any {
	switch v := value.(type) {
	case float64:
		return v + 1
	case bool:
		return !v
	case string:
		if parsed, err := secret.ParseInstant(v); err == nil {
			return parsed.Add(1_000_000).String()
		}
		if version, err := secret.ParseVersion(v); err == nil {
			return (version + 1).String()
		}
		return v + "x"
	}
	switch path { // null
	case ".state", ".intent.next":
		return map[string]any{"serial": 1}
	case ".state.policy", ".intent.next.policy":
		return map[string]any{"everyDays": 30}
	case ".observed":
		return map[string]any{"secretId": "x"}
	}
	return "2026-01-01T00:00:00.000Z"
}

// An entry that was copied, moved or given to another does not verify.
func TestWhereAnEntryStandsIsAuthenticated(t *testing.T) {
	for name, move := range map[string]func(*journal.Journal){
		"another environment":    func(j *journal.Journal) { j.Environment = "staging" },
		"another host":           func(j *journal.Journal) { j.Owner.Host = "github.example.com" },
		"another repository":     func(j *journal.Journal) { j.Owner.RepositoryID++ },
		"another project's path": func(j *journal.Journal) { j.Owner.ProjectPath = "apps/other" },
		"another file":           func(j *journal.Journal) { j.Owner.File = "x" },
		"another schema":         func(j *journal.Journal) { j.Schema++ },
		"another id":             func(j *journal.Journal) { *j = j.With(session, j.Entries["web/new"]) },
		"another store name": func(j *journal.Journal) {
			entry, state := *j.Entries[session], *j.Entries[session].State
			state.StoreName = "OTHER"
			entry.State = &state
			*j = j.With(session, &entry)
		},
		"no signature": func(j *journal.Journal) {
			entry := *j.Entries[session]
			entry.HMAC = ""
			*j = j.With(session, &entry)
		},
		"another's signature": func(j *journal.Journal) {
			entry := *j.Entries[session]
			entry.HMAC = j.Entries["web/new"].HMAC
			*j = j.With(session, &entry)
		},
	} {
		j := sample(t)
		move(&j)
		if !j.Tampered(ring(t, 'a'))[session] {
			t.Errorf("%s: it still verifies", name)
		}
	}
}

// A renamed repository, a project's new name and a journal that moved home are
// not another secret: entries stay valid.
func TestWhatMayChangeAroundAnEntry(t *testing.T) {
	j := sample(t)
	j.Project, j.Place, j.FormerOwners = "invoicing", journal.PlaceFile, append(j.FormerOwners, journal.Owner{File: "x"})
	if tampered := j.Tampered(ring(t, 'a')); len(tampered) != 0 {
		t.Errorf("no longer verify: %v", tampered)
	}
	if tampered := j.Tampered(ring(t, 'b')); len(tampered) != len(j.Entries) {
		t.Errorf("%d of %d entries fail under another root key, want all", len(tampered), len(j.Entries))
	}
}

// Signing one entry leaves the others and the journal it began with as they were.
func TestSignLeavesTheOthers(t *testing.T) {
	j := sample(t)
	before := format(t, j)
	signed, err := j.Sign(ring(t, 'b').First(), session)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(before), string(format(t, j))); diff != "" {
		t.Errorf("signing changed the journal it began with:\n%s", diff)
	}
	if got := signed.Tampered(ring(t, 'b')); got[session] || len(got) != len(j.Entries)-1 {
		t.Errorf("under the new key these fail: %v, want all but %s", got, session)
	}
}
