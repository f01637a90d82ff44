package journal_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/secret"
)

const session = secret.ID("auth/session-key")

// Fault 12: an entry in which any field was edited no longer verifies, and the
// other entries still do.
func TestEveryFieldIsAuthenticated(t *testing.T) {
	whole, key := sample(t), fake.RootKeys(t, 'a')
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

// each calls try for each leaf of a JSON tree, with a function that edits the
// leaf and one that undoes it.
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

// other returns another value that is valid in the same place.
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

// An entry that was copied or moved does not verify.
func TestAMovedEntryDoesNotVerify(t *testing.T) {
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
		if !j.Tampered(fake.RootKeys(t, 'a'))[session] {
			t.Errorf("%s: it still verifies", name)
		}
	}
}

// Entries still verify when the project's name, the place or the former owners of
// their journal change.
func TestEntriesVerifyAfterARename(t *testing.T) {
	j := sample(t)
	j.Project, j.Place, j.FormerOwners = "invoicing", journal.PlaceFile, append(j.FormerOwners, journal.Owner{File: "x"})
	if tampered := j.Tampered(fake.RootKeys(t, 'a')); len(tampered) != 0 {
		t.Errorf("entries that no longer verify: %v", tampered)
	}
	if tampered := j.Tampered(fake.RootKeys(t, 'b')); len(tampered) != len(j.Entries) {
		t.Errorf("%d of %d entries fail under another root key, want all", len(tampered), len(j.Entries))
	}
}

// Signing one entry changes neither the other entries nor the given journal.
func TestSignChangesNothingElse(t *testing.T) {
	j := sample(t)
	before := format(t, j)
	signed, err := j.Sign(fake.RootKeys(t, 'b').First(), session)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(before), string(format(t, j))); diff != "" {
		t.Errorf("signing changed the given journal:\n%s", diff)
	}
	if got := signed.Tampered(fake.RootKeys(t, 'b')); got[session] || len(got) != len(j.Entries)-1 {
		t.Errorf("under the new key these fail: %v, want all but %s", got, session)
	}
}
