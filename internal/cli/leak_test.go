package cli_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/layeron/rotate/internal/fake"
)

// Values that an operator supplies. They occur nowhere else.
const (
	marked      = "value-51c0-marked & <odd> \"text\""
	markedAgain = "value-83bb-marked-again"
)

// Every command runs with known credentials and values, while the store works
// and while it fails. No output and no file contains any of them, in any common
// encoding (P5).
func TestNothingLeaks(t *testing.T) {
	r := newRemote(t)
	r.env["VALUE"], r.env["AGAIN"] = marked, markedAgain
	for _, args := range everyCommand() {
		r.run(args...)
	}
	for name, fault := range failures() {
		r.store.SetFault(fault)
		r.run("secret", "rotate", "--env", "production", "--apply", "--force", "--all", "--reason", name, "--yes")
		r.run("secret", "set", "billing/payment-key", "--env", "production", "--value-env", "VALUE")
		r.run("secret", "set", "PLAIN", "--value-env", "VALUE")
		r.run("doctor", "--env", "production")
	}
	r.store.SetFault(nil)
	for _, bad := range []string{rootKey[:30], strings.ToUpper(rootKey), "hunter2-" + marked} {
		r.env["LAYER_ROOT_KEY"] = bad
		for _, args := range everyCommand() {
			r.run(args...)
		}
	}

	secrets := map[string]string{"value": marked, "other value": markedAgain}
	for _, s := range r.store.Secrets() {
		collect(secrets, s.Name, s.Value)
	}
	if len(secrets) < 6 {
		t.Fatalf("the store has only %d values to look for", len(secrets)-2)
	}
	r.checkLeaks(secrets, map[string]string{})
}

// checkLeaks checks that none of the secrets and no credential is in the texts,
// in the output of a run, in a comment in the store or in a file of the
// project. The keys of texts are their contents, because the same text is often
// in many places.
func (r *remote) checkLeaks(secrets, texts map[string]string) {
	r.t.Helper()
	for _, text := range r.printed {
		texts[text] = "output"
	}
	for _, s := range r.store.Secrets() {
		texts[s.Comment] = "comment of " + s.Name
	}
	err := filepath.WalkDir(r.project, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		texts[string(data)] = path
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	all := map[string]string{"token": token, "GitHub token": githubToken, "root key": strings.TrimPrefix(rootKey, "layer-root-v1:")}
	maps.Copy(all, secrets)
	for what, secret := range all {
		for encoded, encoding := range encodings(secret) {
			for text, where := range texts {
				if strings.Contains(text, encoded) {
					r.t.Errorf("%s is in %s, %s", what, where, encoding)
				}
			}
		}
	}
}

func everyCommand() [][]string {
	id, env := "auth/session-key", []string{"--env", "production"}
	with := func(args ...string) []string { return append(args, env...) }
	return [][]string{
		with("compile"), with("compile", "--json"), with("doctor"), with("doctor", "--json"),
		with("secret", "rotate"), with("secret", "rotate", "--json"), with("secret", "rotate", "--apply", "--yes"),
		with("secret", "set", "billing/payment-key", "--value-env", "VALUE"),
		with("secret", "set", id, "--value-env", "VALUE"), with("secret", "set", id, "--value-env", "AGAIN"),
		{"secret", "set", "PLAIN", "--value-env", "VALUE"},
		with("secret", "adopt", id, "--value-env", "VALUE", "--reason", "x"),
		with("secret", "revoke", id, "v1", "--reason", "x", "--yes"),
		with("secret", "repair", id, "--rewrite", "--reason", "x"), with("secret", "repair", id, "--restamp", "--reason", "x"),
		with("secret", "versions", id), with("secret", "versions", id, "--json"),
		with("journal", "verify"), with("journal", "verify", "--json"),
		with("secret", "rotate", "--apply", "--yes", "--json", "--force", "--all", "--reason", "leak test"),
		{"secret", "rotate", "--nonsense"}, with("secret", "set", id, "--value-env", "UNSET"),
	}
}

// failures returns faults that the client does not retry.
func failures() map[string]func(fake.Request) fake.Fault {
	always := func(f fake.Fault) func(fake.Request) fake.Fault {
		return func(q fake.Request) fake.Fault {
			if q.Kind != fake.KindCreateSecret && q.Kind != fake.KindChangeSecret {
				return fake.Fault{}
			}
			return f
		}
	}
	return map[string]func(fake.Request) fake.Fault{
		"401":           always(fake.StoreRefuses(http.StatusUnauthorized, 10000, "Authentication error "+token)),
		"403":           always(fake.StoreRefuses(http.StatusForbidden, 10000, "token "+token+" may not")),
		"refused":       always(fake.StoreRefuses(http.StatusBadRequest, 1001, "secret_value_too_long: "+marked)),
		"unsuccessful":  always(fake.Unsuccessful()),
		"no JSON":       always(fake.Fault{Status: http.StatusTeapot, Body: "<html>" + token + marked}),
		"another id":    always(fake.AnotherID(strings.Repeat("0", 32))),
		"lists refused": func(fake.Request) fake.Fault { return fake.StoreRefuses(http.StatusForbidden, 10000, token) },
	}
}

// collect adds a plain value, or the value of each version.
func collect(secrets map[string]string, name, value string) {
	var decoded struct {
		Versions map[string]struct{ Value string }
	}
	if json.Unmarshal([]byte(value), &decoded) != nil || len(decoded.Versions) == 0 {
		secrets[name] = value
		return
	}
	for id, v := range decoded.Versions {
		if v.Value != "" {
			secrets[name+" "+id] = v.Value
		}
	}
}

// encodings returns a text in common encodings, with a name for each.
func encodings(text string) map[string]string {
	escaped, _ := json.Marshal(text)
	return map[string]string{
		strings.Trim(string(escaped), `"`): "in JSON", url.QueryEscape(text): "in a URL", text: "as it is", hex.EncodeToString([]byte(text)): "in hex",
		strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(text)), "="): "in base64", base64.RawURLEncoding.EncodeToString([]byte(text)): "in base64url",
	}
}
