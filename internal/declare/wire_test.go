package declare

import (
	"encoding/json"
	"testing"

	"github.com/layeron/rotate/internal/secret"
)

func validDocument() secret.Document {
	return secret.Document{
		Schema: 1, Project: "billing", Workspace: "default", Environment: "production",
		Secrets: []secret.Declaration{{
			ID: "auth/session-key", Kind: secret.Random, Bytes: 32, StoreName: "SESSION_KEY",
			Rotation:  &secret.Rotation{EveryDays: 30, StartAt: secret.FromUnixMilli(1780272000000), Retain: secret.Retention{Mode: secret.RetainFor, Days: 14}},
			Value:     &secret.ValueOptions{Format: secret.FormatBytes},
			Consume:   &secret.Consume{Address: "env.KEY", Expose: secret.ExposeCurrent},
			Ownership: &secret.Ownership{OwnerProduct: "auth"},
			Source:    secret.Position{File: "src/index.ts", Line: 4, Column: 27},
		}},
		Diagnostics: []secret.Diagnostic{{Severity: secret.Warning, Code: "secret_unused", Message: "unused"}},
	}
}

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Evaluated code may take over the child, so output that the validation would
// not allow is refused.
func TestParseDocumentRefuses(t *testing.T) {
	if _, err := parseDocument(marshal(t, validDocument()), "production"); err != nil {
		t.Fatalf("a valid document: %v", err)
	}
	for name, change := range map[string]func(*secret.Document){
		"another schema":          func(d *secret.Document) { d.Schema = 2 },
		"another environment":     func(d *secret.Document) { d.Environment = "staging" },
		"no list of secrets":      func(d *secret.Document) { d.Secrets = nil },
		"no list of diagnostics":  func(d *secret.Document) { d.Diagnostics = nil },
		"secrets beside errors":   func(d *secret.Document) { d.Diagnostics[0].Severity = secret.Error },
		"unknown severity":        func(d *secret.Document) { d.Diagnostics[0].Severity = "info" },
		"hostile code":            func(d *secret.Document) { d.Diagnostics[0].Code = "x\n::error::" },
		"hostile message":         func(d *secret.Document) { d.Diagnostics[0].Message = "x\n::error::" },
		"hostile file":            func(d *secret.Document) { d.Diagnostics[0].Position.File = "\x1b[31m" },
		"negative line":           func(d *secret.Document) { d.Secrets[0].Source.Line = -1 },
		"no project":              func(d *secret.Document) { d.Project = "" },
		"hostile workspace":       func(d *secret.Document) { d.Workspace = "a/b" },
		"id without namespace":    func(d *secret.Document) { d.Secrets[0].ID = "key" },
		"id with a path":          func(d *secret.Document) { d.Secrets[0].ID = "../x/y" },
		"reserved namespace":      func(d *secret.Document) { d.Secrets[0].ID = "layeron/key" },
		"hostile store name":      func(d *secret.Document) { d.Secrets[0].StoreName = "a/b" },
		"unknown kind":            func(d *secret.Document) { d.Secrets[0].Kind = "other" },
		"static with bytes":       func(d *secret.Document) { d.Secrets[0].Kind = secret.Static },
		"few bytes":               func(d *secret.Document) { d.Secrets[0].Bytes = 8 },
		"short interval":          func(d *secret.Document) { d.Secrets[0].Rotation.EveryDays = 6 },
		"unknown mode":            func(d *secret.Document) { d.Secrets[0].Rotation.Retain.Mode = "x" },
		"retention without days":  func(d *secret.Document) { d.Secrets[0].Rotation.Retain.Days = 0 },
		"days without retention":  func(d *secret.Document) { d.Secrets[0].Rotation.Retain.Mode = secret.RetainNone },
		"unknown format":          func(d *secret.Document) { d.Secrets[0].Value.Format = "x" },
		"unknown expose":          func(d *secret.Document) { d.Secrets[0].Consume.Expose = "x" },
		"hostile address":         func(d *secret.Document) { d.Secrets[0].Consume.Address = "\r\n" },
		"ownership without owner": func(d *secret.Document) { d.Secrets[0].Ownership.OwnerProduct = "" },
		"one id twice":            func(d *secret.Document) { d.Secrets = append(d.Secrets, d.Secrets[0]) },
		"one store name for two":  func(d *secret.Document) { d.Secrets = append(d.Secrets, d.Secrets[0]); d.Secrets[1].ID = "b/c" },
		"ids that are not in order": func(d *secret.Document) {
			d.Secrets = append(d.Secrets, d.Secrets[0])
			d.Secrets[1].ID, d.Secrets[1].StoreName = "a/b", "OTHER"
		},
	} {
		d := validDocument()
		change(&d)
		if _, err := parseDocument(marshal(t, d), "production"); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzParseDocument(f *testing.F) {
	f.Add(marshal(f, validDocument()))
	f.Add([]byte(`{"schema":1,"extra":1}`))
	f.Add(append(marshal(f, validDocument()), "{}"...))
	f.Fuzz(func(t *testing.T, output []byte) {
		d, err := parseDocument(output, "production")
		if err != nil {
			return
		}
		if d.Environment != "production" || d.HasErrors() && len(d.Secrets) > 0 {
			t.Errorf("accepted %s", output)
		}
		if again := marshal(t, d); string(again) != string(output) {
			t.Errorf("accepted %s, which is not canonical", output)
		}
	})
}
