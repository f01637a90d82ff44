package contract_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/layeron/rotate/internal/contract"
	"github.com/layeron/rotate/internal/report"
	"github.com/layeron/rotate/internal/rotate"
)

// A journal with every kind of entry satisfies the schema, and each single
// change of its form does not: else the schema would check nothing.
func TestJournal(t *testing.T) {
	golden, err := os.ReadFile("../journal/testdata/journal.golden.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := contract.Journal(golden); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"another schema":         {`"schema": 1`, `"schema": 2`},
		"an unknown field":       {`"formerOwners"`, `"formerOwner"`},
		"an unknown entry field": {`"observed"`, `"seen"`},
		"a mixed owner":          {`"host": "github.com"`, `"file": "AAECAwQFBgcICQoLDA0ODw"`},
		"an unknown origin":      {`"origin": "external"`, `"origin": "elsewhere"`},
		"an instant with a zone": {`03:00:00.250Z`, `03:00:00.250+00:00`},
		"a version id":           {`"v10": {`, `"v010": {`},
		"an unknown outcome":     {`"outcome": "refused"`, `"outcome": "denied"`},
	} {
		changed := bytes.Replace(golden, []byte(change[0]), []byte(change[1]), 1)
		if bytes.Equal(changed, golden) {
			t.Errorf("%s: the sample does not hold %s", name, change[0])
		}
		if contract.Journal(changed) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// The document of an error that left no plan satisfies the schema, and one with
// a field more or less does not.
func TestPlan(t *testing.T) {
	var out bytes.Buffer
	if err := report.JSON(&out, rotate.Result{}, &report.Failure{Code: "usage", Message: "no environment is given"}); err != nil {
		t.Fatal(err)
	}
	if err := contract.Plan(out.Bytes()); err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{
		{`"store": null`, `"store": "elsewhere"`}, {`"create": 0,`, ``}, {`"entries"`, `"extra": 1, "entries"`},
	} {
		changed := strings.Replace(out.String(), change[0], change[1], 1)
		if !json.Valid([]byte(changed)) || changed == out.String() {
			t.Fatalf("replacing %s gives no other document", change[0])
		}
		if contract.Plan([]byte(changed)) == nil {
			t.Errorf("%s in place of %s: accepted", change[1], change[0])
		}
	}
}
