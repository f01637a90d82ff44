package journal_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/journal"
)

// Fault 8: Parse refuses a file that is cut off, half merged or not a journal, and
// names the line that a person has to look at.
func TestParseRefuses(t *testing.T) {
	for _, c := range []struct {
		name     string
		old, new string // in the golden file
		line     string // the error names the line that holds this text
		says     string
	}{
		{"conflict, ours", `    "auth/session-key": {`, "<<<<<<< HEAD\n" + `    "auth/session-key": {`, "<<<<<<<", "conflict marker"},
		{"conflict, base", `    "web/new": {`, "||||||| 1a2b3c\n" + `    "web/new": {`, "|||||||", "conflict marker"},
		{"conflict, the middle", `  "home": "github",`, "=======\n" + `  "home": "github",`, "=======", "conflict marker"},
		{"conflict, theirs", `  "home": "github",`, ">>>>>>> layer/rotation-production\n" + `  "home": "github",`, ">>>>>>>", "conflict marker"},
		{"conflict, lines ending in CR LF", `  "home": "github",`, "<<<<<<< HEAD\r\n" + `  "home": "github",`, "<<<<<<<", "conflict marker"},
		{"a missing comma", `"action": "extend",`, `"action": "extend"`, `"version": "v1"`, "not JSON"},
		{"a comment", `  "home": "github",`, "  // moved\n" + `  "home": "github",`, "// moved", "not JSON"},
		{"a second document", "  }\n}\n", "  }\n}\n{\"more\": 1}\n", `"more"`, ""},
		{"an entry twice", `    "auth/session-key": {`, `    "web/new": {},` + "\n" + `    "auth/session-key": {`, "", `"web/new" appears twice`},
		{"a field twice", `"serial": 13,`, `"serial": 13, "serial": 14,`, "", `"serial" appears twice`},
		{"a field twice, in another case", `"run": "run-9",`, `"run": "run-9", "Run": "run-8",`, `"Run"`, ""},
		{"a version twice", `          "v9": {`, `          "v10": {},` + "\n" + `          "v9": {`, "", `"v10" appears twice`},
		{"schema of a newer release", `"schema": 1,`, `"schema": 2,`, `"schema": 2`, "schema 2 is not known"},
		{"no schema", `  "schema": 1,` + "\n", "", "{", "no schema"},
		{"schema in quotes", `"schema": 1,`, `"schema": "1",`, `"schema"`, ""},
		{"unknown field of the journal", `  "home": "github",`, `  "home": "github",` + "\n" + `  "colour": "red",`, `"colour"`, "colour"},
		{"unknown field of an entry", `"hmac": "`, `"colour": "red", "hmac": "`, `"colour"`, "colour"},
		{"unknown field of a version", `"gone": true`, `"gone": true, "colour": "red"`, `"colour"`, "colour"},
		{"unknown field of a retention", `"mode": "retain_for",`, `"mode": "retain_for", "colour": "red",`, `"colour"`, "colour"},
		{"a number for a string", `"home": "github",`, `"home": 3,`, `"home"`, ""},
		{"a string for a number", `"everyDays": 30,`, `"everyDays": "30",`, `"everyDays": "30"`, ""},
		{"a string for a number, of a version", `"bytes": 32,`, `"bytes": "32",`, "", "versions.bytes"},
		{"an invalid instant", `"slotTaken": "2026-07-01T00:00:00.000Z"`, `"slotTaken": "yesterday"`, `"auth/session-key": {`, "yesterday"},
		{"an invalid version", `"current": "v10"`, `"current": "10"`, `"auth/session-key": {`, `"10"`},
		{"an invalid version id", `"v9": {`, `"nine": {`, `"auth/session-key": {`, `"nine"`},
		{"an invalid environment", `"environment": "production"`, `"environment": "../x"`, `"../x"`, "../x"},
		{"an unknown place", `"home": "github"`, `"home": "gitlab"`, `"gitlab"`, "gitlab"},
		{"no owner", `    "host": "github.com",
    "repositoryId": 7000001,
    "projectPath": "apps/billing"
`, "", `"owner"`, "owner"},
	} {
		t.Run(c.name, func(t *testing.T) {
			refused(t, edited(t, c.old, c.new), c.line, c.says)
		})
	}
	for _, c := range []struct{ name, old, new, says string }{
		{"an entry's serial from another side", `"auth/session-key": {
      "serial": 13,`, `"auth/session-key": {
      "serial": 14,`, "serial"},
		{"an intent's serial from another side", `      "intent": {
        "serial": 13,`, `      "intent": {
        "serial": 12,`, "serial"},
		{"a state's serial above the entry's", `      "state": {
        "serial": 12,`, `      "state": {
        "serial": 14,`, "serial"},
		{"an announced state of another lineage", `"serial": 13,
          "storeName": "lo_a494b5a896c5b7b352b5ffef",
          "lineage": "oKE`, `"serial": 13,
          "storeName": "lo_a494b5a896c5b7b352b5ffef",
          "lineage": "xKE`, "lineage"},
		{"an announced state under another store name", `"serial": 13,
          "storeName": "lo_a494b5a896c5b7b352b5ffef",`, `"serial": 13,
          "storeName": "lo_b494b5a896c5b7b352b5ffef",`, "store name"},
		{"a lineage cut short", `"lineage": "oKEA`, `"lineage": "oKE`, "lineage"},
		{"an invalid store name", `"storeName": "lo_a494b5a896c5b7b352b5ffef"`, `"storeName": "../x"`, "../x"},
		{"a current version that is not held", `"current": "v10"`, `"current": "v3"`, "current version"},
		{"a current version that is gone", `"current": "v10"`, `"current": "v9"`, "current version"},
		{"a current version above the last", `"lastVersion": "v10"`, `"lastVersion": "v9"`, "current version"},
		{"a version without its length", `            "origin": "derived",
            "bytes": 32,`, `            "origin": "derived",`, "v2"},
		{"an unknown origin", `            "origin": "derived",`, `            "origin": "guessed",`, "v2"},
		{"an invalid interval", `"everyDays": 30`, `"everyDays": 0`, "everyDays"},
		{"an open intent without its state", `"run": "run-9",`, `"run": "run-9", "outcome": "written",`, "written"},
	} {
		t.Run(c.name, func(t *testing.T) {
			refused(t, edited(t, c.old, c.new), `"auth/session-key": {`, c.says)
		})
	}
}

// edited returns the golden file with old replaced by new.
func edited(t *testing.T, old, new string) []byte {
	t.Helper()
	data := goldenFile(t)
	at := strings.Index(string(data), old)
	if at < 0 {
		t.Fatalf("the golden file does not hold %q", old)
	}
	// If old appears more than once, replace it in the entry of session-key.
	if entry := bytes.Index(data, []byte(`    "auth/session-key": {`)); strings.Contains(string(data[entry:]), old) {
		at = entry + strings.Index(string(data[entry:]), old)
	}
	return []byte(string(data[:at]) + new + string(data[at+len(old):]))
}

// refused fails unless Parse refuses a journal with an error that contains says
// and names the line of the text on. If on is empty, any line is right.
func refused(t *testing.T, data []byte, on, says string) {
	t.Helper()
	_, err := journal.Parse(data)
	if err == nil {
		t.Fatal("accepted")
	}
	if line := bytes.Count(data[:bytes.Index(data, []byte(on))], []byte("\n")) + 1; on != "" && !strings.HasPrefix(err.Error(), fmt.Sprintf("line %d: ", line)) {
		t.Errorf("%q does not name line %d", err, line)
	}
	if !strings.Contains(err.Error(), says) {
		t.Errorf("%q does not contain %q", err, says)
	}
}

// A formatter, an editor or git may change the layout of a committed file. It
// still parses to the same journal, and every entry verifies.
func TestParseReadsAnyLayout(t *testing.T) {
	data := goldenFile(t)
	var anything any
	if err := json.Unmarshal(data, &anything); err != nil {
		t.Fatal(err)
	}
	sorted, err := json.MarshalIndent(anything, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	minified, err := json.Marshal(anything)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"sorted keys and tabs": sorted,
		"one line":             minified,
		"a byte order mark":    append([]byte("\ufeff"), data...),
		"CR LF":                bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n")),
	} {
		t.Run(name, func(t *testing.T) {
			j := parse(t, data)
			if diff := cmp.Diff(sample(t), j); diff != "" {
				t.Errorf("-written +read\n%s", diff)
			}
			if tampered := j.Tampered(fake.RootKeys(t, 'a')); len(tampered) != 0 {
				t.Errorf("entries that do not verify: %v", tampered)
			}
		})
	}
}

// Parse refuses a file that was cut off at any byte. Only the newline at the end
// may be missing, because editors drop it.
func TestParseRefusesACutOffFile(t *testing.T) {
	data := goldenFile(t)
	for n := range len(data) - 1 {
		if _, err := journal.Parse(data[:n]); err == nil {
			t.Fatalf("accepted when cut off after %d of %d bytes", n, len(data))
		} else if !strings.HasPrefix(err.Error(), "line ") {
			t.Fatalf("cut off after %d bytes: %q names no line", n, err)
		}
	}
	if diff := cmp.Diff(sample(t), parse(t, data[:len(data)-1])); diff != "" {
		t.Errorf("without its last newline it parses differently:\n%s", diff)
	}
}

func TestParseRefusesOtherFiles(t *testing.T) {
	for name, data := range map[string]string{
		"nothing": "", "space": " \n", "null": "null", "an array": "[]", "a text": `"layer"`, "a number": "1", "an empty object": "{}",
		"zeros of a crash": "\x00\x00\x00\x00", "a page of HTML": "<!DOCTYPE html>", "another tool's JSON": `{"version": 3, "serial": 1, "lineage": "x"}`,
		"no entries":   `{"schema": 1, "environment": "p", "project": "p", "owner": {"file": "x"}, "formerOwners": [], "home": "file"}`,
		"a null entry": `{"schema": 1, "environment": "p", "project": "p", "owner": {"file": "x"}, "formerOwners": [], "home": "file", "entries": {"a/b": null}}`,
		"an empty one": `{"schema": 1, "environment": "p", "project": "p", "owner": {"file": "x"}, "formerOwners": [], "home": "file", "entries": {"a/b": {"serial": 1, "state": null, "intent": null, "observed": null, "events": [], "hmac": ""}}}`,
		"no namespace": strings.Replace(string(goldenFile(t)), `"web/new"`, `"new"`, 1),
	} {
		if _, err := journal.Parse([]byte(data)); err == nil {
			t.Errorf("%s: accepted", name)
		} else if !strings.HasPrefix(err.Error(), "line ") {
			t.Errorf("%s: %q names no line", name, err)
		}
	}
}

// A merge that takes one side's state and the other side's intent leaves valid
// JSON, but the intent marked as written did not write that state.
func TestParseRefusesStateAndIntentOfTwoSides(t *testing.T) {
	entry := *displaced(t)
	entry.Serial = 2
	intent := *entry.Intent
	intent.Serial = 2
	entry.Intent = &intent
	j := sample(t).With("auth/mixed", &entry)
	refused(t, format(t, j), `"auth/mixed"`, "serial")
}

// A caller cannot use part of a journal that Parse refuses.
func TestParseReturnsNoEntriesWithAnError(t *testing.T) {
	j, err := journal.Parse(edited(t, `"current": "v10"`, `"current": "v3"`))
	if err == nil || len(j.Entries) != 0 {
		t.Errorf("%d entries, error %v", len(j.Entries), err)
	}
}

// JSON can write some characters of an id in two ways. The error names the line
// of such an id, too.
func TestParseNamesTheLineOfAnyID(t *testing.T) {
	entry := *displaced(t)
	entry.Serial = 7
	data := format(t, sample(t).With("auth/<b>&co", &entry))
	refused(t, data, `"auth/<b>&co"`, "serial")
}

// FuzzParse checks that Parse does not panic, and that a journal it accepts is
// still the same bytes after it was written and read again.
func FuzzParse(f *testing.F) {
	data := goldenFile(f)
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Add([]byte("<<<<<<< HEAD\n" + string(data)))
	f.Add(bytes.ReplaceAll(data, []byte(`"v10"`), []byte(`"v2"`)))
	f.Add(bytes.ReplaceAll(data, []byte("null"), []byte("{}")))
	f.Fuzz(func(t *testing.T, data []byte) {
		j, err := journal.Parse(data)
		if err != nil {
			return
		}
		written := format(t, j)
		again, err := journal.Parse(written)
		if err != nil {
			t.Fatalf("Parse accepts a journal, and refuses it as Format wrote it: %v\n%s", err, written)
		}
		if !bytes.Equal(format(t, again), written) {
			t.Fatalf("written again it differs:\n%s", cmp.Diff(string(written), string(format(t, again))))
		}
	})
}

// Without a limit on depth, the key paths of a small file would fill the memory.
func TestParseRefusesDeepNesting(t *testing.T) {
	deep := strings.Repeat(`{"`+strings.Repeat("k", 200)+`":`, 6000) + "1" + strings.Repeat("}", 6000)
	data := `{"schema":1,"environment":"p","project":"p","owner":{"file":"x"},"formerOwners":[],"home":"file","entries":{"a/b":` + deep + "}}"
	if _, err := journal.Parse([]byte(data)); err == nil || !strings.Contains(err.Error(), "too deep") {
		t.Errorf("%.200v", err)
	}
}
