package journal_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/journal"
)

// Fault 8: what is torn, half merged or not ours is refused as a whole, and the
// error names the line at which a person has to look.
func TestParseRefuses(t *testing.T) {
	for _, c := range []struct {
		name     string
		old, new string // in the golden file, at the first place
		line     string // the error names the line on which this stands
		says     string
	}{
		{"conflict, ours", `    "auth/session-key": {`, "<<<<<<< HEAD\n" + `    "auth/session-key": {`, "<<<<<<<", "conflict marker"},
		{"conflict, base", `    "web/new": {`, "||||||| 1a2b3c\n" + `    "web/new": {`, "|||||||", "conflict marker"},
		{"conflict, the middle", `  "home": "github",`, "=======\n" + `  "home": "github",`, "=======", "conflict marker"},
		{"conflict, theirs", `  "home": "github",`, ">>>>>>> layer/rotation-production\n" + `  "home": "github",`, ">>>>>>>", "conflict marker"},
		{"conflict, lines ending in CR LF", `  "home": "github",`, "<<<<<<< HEAD\r\n" + `  "home": "github",`, "<<<<<<<", "conflict marker"},
		{"a comma lost", `"action": "extend",`, `"action": "extend"`, `"version": "v1"`, "not JSON"},
		{"a comment", `  "home": "github",`, "  // moved\n" + `  "home": "github",`, "// moved", "not JSON"},
		{"a second document", "  }\n}\n", "  }\n}\n{\"more\": 1}\n", `"more"`, ""},
		{"an entry twice", `    "auth/session-key": {`, `    "web/new": {},` + "\n" + `    "auth/session-key": {`, "", `"web/new" appears twice`},
		{"a field twice", `"serial": 13,`, `"serial": 13, "serial": 14,`, "", `"serial" appears twice`},
		{"a field twice, in other letters", `"run": "run-9",`, `"run": "run-9", "Run": "run-8",`, `"Run"`, ""},
		{"a version twice", `          "v9": {`, `          "v10": {},` + "\n" + `          "v9": {`, "", `"v10" appears twice`},
		{"schema of a newer release", `"schema": 1,`, `"schema": 2,`, `"schema": 2`, "schema 2 is not known"},
		{"no schema", `  "schema": 1,` + "\n", "", "{", "no schema"},
		{"schema in quotes", `"schema": 1,`, `"schema": "1",`, `"schema"`, ""},
		{"unknown field of the journal", `  "home": "github",`, `  "home": "github",` + "\n" + `  "colour": "red",`, `"colour"`, "colour"},
		{"unknown field of an entry", `"hmac": "`, `"colour": "red", "hmac": "`, `"colour"`, "colour"},
		{"unknown field of a version", `"gone": true`, `"gone": true, "colour": "red"`, `"colour"`, "colour"},
		{"unknown field of a retention", `"mode": "retain_for",`, `"mode": "retain_for", "colour": "red",`, `"colour"`, "colour"},
		{"a number for a text", `"home": "github",`, `"home": 3,`, `"home"`, ""},
		{"a text for a number", `"everyDays": 30,`, `"everyDays": "30",`, `"everyDays": "30"`, ""},
		{"a text for a number, of a version", `"bytes": 32,`, `"bytes": "32",`, "", "versions.bytes"},
		{"an instant that is none", `"slotTaken": "2026-07-01T00:00:00.000Z"`, `"slotTaken": "yesterday"`, `"auth/session-key": {`, "yesterday"},
		{"a version that is none", `"current": "v10"`, `"current": "10"`, `"auth/session-key": {`, `"10"`},
		{"a version id that is none", `"v9": {`, `"nine": {`, `"auth/session-key": {`, `"nine"`},
		{"an environment that is none", `"environment": "production"`, `"environment": "../x"`, `"../x"`, "../x"},
		{"a home that is none", `"home": "github"`, `"home": "gitlab"`, `"gitlab"`, "gitlab"},
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
		{"an entry's serial of another side", `"auth/session-key": {
      "serial": 13,`, `"auth/session-key": {
      "serial": 14,`, "serial"},
		{"an intent's serial of another side", `      "intent": {
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
		{"a store name that is none", `"storeName": "lo_a494b5a896c5b7b352b5ffef"`, `"storeName": "../x"`, "../x"},
		{"a current version that is not held", `"current": "v10"`, `"current": "v3"`, "current version"},
		{"a current version that is gone", `"current": "v10"`, `"current": "v9"`, "current version"},
		{"a current version above the last", `"lastVersion": "v10"`, `"lastVersion": "v9"`, "current version"},
		{"a version without its length", `            "origin": "derived",
            "bytes": 32,`, `            "origin": "derived",`, "v2"},
		{"a version of no origin", `            "origin": "derived",`, `            "origin": "guessed",`, "v2"},
		{"an interval that is none", `"everyDays": 30`, `"everyDays": 0`, "everyDays"},
		{"an open intent without its state", `"run": "run-9",`, `"run": "run-9", "outcome": "written",`, "written"},
	} {
		t.Run(c.name, func(t *testing.T) {
			refused(t, edited(t, c.old, c.new), `"auth/session-key": {`, c.says)
		})
	}
}

// edited is the golden file with a person's or a merge's change.
func edited(t *testing.T, old, new string) []byte {
	t.Helper()
	data := goldenFile(t)
	at := strings.Index(string(data), old)
	if at < 0 {
		t.Fatalf("the golden file does not hold %q", old)
	}
	// Where the golden file has it more than once, session-key's is meant.
	if entry := bytes.Index(data, []byte(`    "auth/session-key": {`)); strings.Contains(string(data[entry:]), old) {
		at = entry + strings.Index(string(data[entry:]), old)
	}
	return []byte(string(data[:at]) + new + string(data[at+len(old):]))
}

// refused checks that a journal is refused with the line on which a text
// stands; the line is not checked where the text is none.
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
		t.Errorf("%q does not speak of %q", err, says)
	}
}

// A formatter, an editor or git may change the layout of a committed file. It
// reads the same, and every entry still verifies.
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
			if tampered := j.Tampered(ring(t, 'a')); len(tampered) != 0 {
				t.Errorf("entries that do not verify: %v", tampered)
			}
		})
	}
}

// A write that was cut off at any byte is noticed. The newline at the end
// carries nothing: editors drop it.
func TestParseRefusesWhatWasCutOff(t *testing.T) {
	data := goldenFile(t)
	for n := range len(data) - 1 {
		if _, err := journal.Parse(data[:n]); err == nil {
			t.Fatalf("accepted when cut off after %d of %d bytes", n, len(data))
		} else if !strings.HasPrefix(err.Error(), "line ") {
			t.Fatalf("cut off after %d bytes: %q names no line", n, err)
		}
	}
	if diff := cmp.Diff(sample(t), parse(t, data[:len(data)-1])); diff != "" {
		t.Errorf("without its last newline it reads otherwise:\n%s", diff)
	}
}

func TestParseRefusesWhatIsNoJournal(t *testing.T) {
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
// JSON. A written intent is the one that wrote the state: here it is not.
func TestParseRefusesAStateOfAnotherSideThanItsIntent(t *testing.T) {
	entry := *displaced(t)
	entry.Serial = 2
	intent := *entry.Intent
	intent.Serial = 2
	entry.Intent = &intent
	j := sample(t).With("auth/mixed", &entry)
	refused(t, format(t, j), `"auth/mixed"`, "serial")
}

// What is refused is refused as a whole: no caller can use what was read of it.
func TestNothingOfARefusedJournalIsHandedOut(t *testing.T) {
	j, err := journal.Parse(edited(t, `"current": "v10"`, `"current": "v3"`))
	if err == nil || len(j.Entries) != 0 {
		t.Errorf("%d entries of a journal that is refused: %v", len(j.Entries), err)
	}
}

// A key may hold what JSON can write in two ways; the line is still found.
func TestParseNamesTheLineOfAnyID(t *testing.T) {
	entry := *displaced(t)
	entry.Serial = 7
	data := format(t, sample(t).With("auth/<b>&co", &entry))
	refused(t, data, `"auth/<b>&co"`, "serial")
}

// FuzzParse: what is accepted is a journal that is written and read again to
// the same bytes; what is refused names a line; nothing panics.
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
			t.Fatalf("a journal that was accepted is refused once written: %v\n%s", err, written)
		}
		if !bytes.Equal(format(t, again), written) {
			t.Fatalf("written twice it differs:\n%s", cmp.Diff(string(written), string(format(t, again))))
		}
	})
}

// A small file that is deep would make the paths to its keys fill the memory.
func TestParseRefusesWhatIsTooDeep(t *testing.T) {
	deep := strings.Repeat(`{"`+strings.Repeat("k", 200)+`":`, 6000) + "1" + strings.Repeat("}", 6000)
	data := `{"schema":1,"environment":"p","project":"p","owner":{"file":"x"},"formerOwners":[],"home":"file","entries":{"a/b":` + deep + "}}"
	if _, err := journal.Parse([]byte(data)); err == nil || !strings.Contains(err.Error(), "too deep") {
		t.Errorf("%.200v", err)
	}
}
