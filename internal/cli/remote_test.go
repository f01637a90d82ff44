package cli_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/layeron/rotate/internal/emulator"
	"github.com/layeron/rotate/internal/fake"
)

const (
	account   = "0123456789abcdef0123456789abcdef"
	token     = "tok-3f9a1c-marked-token"
	readToken = "tok-77be20-reads-only"
	rootKey   = "layer-root-v1:bWFya2VkLXJvb3Qta2V5LW1hcmtlZC1yb290LWtleSE"

	journalPath = ".layeron/rotation/production.json"
)

// remote is a copy of examples/billing whose secrets are in an emulated Secrets
// Store, which the real program reaches over loopback.
type remote struct {
	t       *testing.T
	project string
	store   *fake.Store
	clock   *fake.Clock
	env     map[string]string

	printed []string // what all runs have printed
}

func newRemote(t *testing.T) *remote {
	t.Helper()
	r := &remote{t: t, project: filepath.Join(t.TempDir(), "billing"), clock: fake.NewClock(time.Date(2026, 5, 10, 3, 0, 0, 0, time.UTC))}
	if err := os.CopyFS(r.project, os.DirFS("../../examples/billing")); err != nil {
		t.Fatal(err)
	}
	store, server := fake.ServeStore(t, emulator.Options{
		Now: r.clock.Now, Rand: rand.Reader, Account: account, Token: token, ReadToken: readToken,
	})
	r.store = store
	r.env = map[string]string{
		"CLOUDFLARE_API_TOKEN": token, "CLOUDFLARE_ACCOUNT_ID": account, "CLOUDFLARE_BASE_URL": server.URL + "/client/v4",
		"LAYER_ROOT_KEY": rootKey,
	}
	return r
}

// command returns a command that runs layer one minute after the last one. If
// the clock of every run started at the same time, it would be behind the
// journal.
func (r *remote) command(args ...string) *exec.Cmd {
	r.clock.Advance(time.Minute)
	cmd := exec.Command(layer, args...)
	cmd.Dir = r.project
	cmd.Env = []string{"LAYER_CLOCK=" + r.clock.Now().Format(time.RFC3339)}
	for name, value := range r.env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	return cmd
}

// run runs layer in the project's folder.
func (r *remote) run(args ...string) (stdout, stderr string, code int) {
	r.t.Helper()
	before, err := journals(r.project)
	if err != nil {
		r.t.Fatal(err)
	}
	cmd := r.command(args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		r.t.Fatal(err)
	}
	after, err := journals(r.project)
	if err = errors.Join(err, checkJournals(before, after), checkPlan(args, out.String())); err != nil {
		r.t.Errorf("layer %s: %v", strings.Join(args, " "), err)
	}
	r.printed = append(r.printed, out.String(), errs.String())
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// must runs layer and fails the test unless it succeeds.
func (r *remote) must(args ...string) string {
	r.t.Helper()
	stdout, stderr, code := r.run(args...)
	if code != 0 {
		r.t.Fatalf("layer %s: exit code %d\n%s%s", strings.Join(args, " "), code, stdout, stderr)
	}
	return stdout
}

// values returns the secrets in the store by name.
func (r *remote) values() map[string]emulator.Secret {
	out := map[string]emulator.Secret{}
	for _, s := range r.store.Secrets() {
		out[s.Name] = s
	}
	return out
}

var apply = []string{"secret", "rotate", "--env", "production", "--apply", "--yes"}

func TestApplyToTheRealStore(t *testing.T) {
	r := newRemote(t)
	if out := r.must(apply...); !strings.Contains(out, "5 created, 2 blocked") || !strings.Contains(out, "Cloudflare Secrets Store") {
		t.Fatalf("first run:\n%s", out)
	}
	before, requests := r.values(), r.store.Counts()
	if requests[fake.KindCreateSecret] != 5 || requests[fake.KindListSecrets] != 1 || requests[fake.KindChangeSecret] != 1 || requests[fake.KindQuota] != 1 || requests[fake.KindStores] != 1 {
		t.Errorf("requests of the first run: %v", requests)
	}
	if out := r.must(apply...); !strings.Contains(out, "nothing was changed, 2 blocked, 5 unchanged") {
		t.Errorf("second run:\n%s", out)
	}
	for name, s := range r.values() {
		if before[name] != s {
			t.Errorf("the second run changed %s", name)
		}
	}
	var plan struct{ Store, GeneratedAt string }
	if err := json.Unmarshal([]byte(r.must("secret", "rotate", "--env", "production", "--json")), &plan); err != nil || plan.Store != "cloudflare" || !strings.HasPrefix(plan.GeneratedAt, "2026-05-10T03:03:0") {
		t.Errorf("plan %+v, %v", plan, err)
	}
	r.clock.Set(time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC))
	if out := r.must(apply...); !strings.Contains(out, "2 rotated") { // the session key, and the link key that rotates every week
		t.Errorf("on 1 June:\n%s", out)
	}
}

// With a read-only token, an apply stops before it commits an intent and names
// the missing permission.
func TestReadOnlyToken(t *testing.T) {
	r := newRemote(t)
	r.env["CLOUDFLARE_API_TOKEN"] = readToken
	r.must("secret", "rotate", "--env", "production")
	_, stderr, code := r.run(apply...)
	if code != 1 || !strings.Contains(stderr, "Secrets Store › Edit") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if _, err := os.Stat(filepath.Join(r.project, journalPath)); !os.IsNotExist(err) {
		t.Errorf("a journal was written: %v", err)
	}
	out, _, code := r.run("doctor", "--env", "production")
	if code != 1 || !strings.Contains(out, "token     failed") || !strings.Contains(out, "Secrets Store › Edit") {
		t.Errorf("doctor, exit code %d:\n%s", code, out)
	}
}

func TestDoctor(t *testing.T) {
	r := newRemote(t)
	r.must(apply...)
	out := r.must("doctor", "--env", "production")
	for _, want := range []string{"journal   ok", "root key  ok", "token     ok", "store     ok", "5 of 100 secrets used", "clock     ok"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in:\n%s", want, out)
		}
	}
	r.env["LAYER_ROOT_KEY"] = "layer-root-v1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	out, _, code := r.run("doctor", "--env", "production", "--json")
	if code != 1 || !strings.Contains(out, "are not signed with it") {
		t.Errorf("doctor with another root key, exit code %d:\n%s", code, out)
	}
	if _, stderr, code := r.run(apply...); code != 1 || !strings.Contains(stderr, "root key is not the one") {
		t.Errorf("apply with another root key, exit code %d: %s", code, stderr)
	}
}

// `secret set` accepts a store name, too.
func TestSetByStoreName(t *testing.T) {
	r := newRemote(t)
	r.env["SESSION_KEY"] = "first"
	if out := r.must("secret", "set", "SESSION_KEY", "--value-env", "SESSION_KEY"); out != "SESSION_KEY: created\n" {
		t.Errorf("%q", out)
	}
	if err := r.store.Put("SESSION_KEY", "by hand", "ask Ada before you touch this"); err != nil {
		t.Fatal(err)
	}
	r.env["SESSION_KEY"] = "second"
	if out := r.must("secret", "set", "SESSION_KEY", "--value-env", "SESSION_KEY"); out != "SESSION_KEY: changed\n" {
		t.Errorf("%q", out)
	}
	if s := r.values()["SESSION_KEY"]; s.Value != "second" || s.Comment != "ask Ada before you touch this" {
		t.Errorf("stored %+v", s)
	}
	// A declared secret is not overwritten by its store name.
	r.must(apply...)
	for name, s := range r.values() {
		if name == "SESSION_KEY" {
			continue
		}
		if _, stderr, code := r.run("secret", "set", name, "--value-env", "SESSION_KEY"); code != 1 || !strings.Contains(stderr, "set it by id") {
			t.Errorf("%s, exit code %d: %s", name, code, stderr)
		}
		if r.values()[name] != s {
			t.Errorf("%s was overwritten", name)
		}
	}
}

func TestSetSources(t *testing.T) {
	r := newRemote(t)
	r.env["VALUE"], r.env["EMPTY"] = "from-env", ""
	id := []string{"secret", "set", "billing/payment-key", "--env", "production"}
	r.must(append(id, "--value-env", "VALUE")...)
	cmd := r.command(append(id, "--from-stdin")...)
	cmd.Stdin = strings.NewReader("from-stdin\n\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	name := "lo_7a896ef32322662d2aa21e57"
	if got := r.values()[name].Value; got != "from-stdin\n" {
		t.Errorf("stored %q, want the value without the one line break that --from-stdin cuts", got)
	}
	_, stderr, code := r.run(append(id, "--value", "direct")...)
	if code != 0 || !strings.Contains(stderr, "can be seen by other processes") {
		t.Errorf("--value, exit code %d: %s", code, stderr)
	}
	for name, args := range map[string][]string{
		"two sources":       {"--value-env", "VALUE", "--from-stdin"},
		"no source":         {},
		"an empty value":    {"--value", ""},
		"an empty variable": {"--value-env", "EMPTY"},
		"an unset variable": {"--value-env", "UNSET"},
		"too large a value": {"--value", strings.Repeat("x", 65_537)},
	} {
		if _, stderr, code := r.run(append(id, args...)...); code != 1 || stderr == "" {
			t.Errorf("%s: exit code %d: %s", name, code, stderr)
		}
	}
	if got := r.values()[name].Value; got != "direct" {
		t.Errorf("a usage error changed the value to %q", got)
	}
	if _, stderr, code := r.run("secret", "set", "billing/paymentkey", "--env", "production", "--value-env", "VALUE"); code != 1 || !strings.Contains(stderr, "did you mean billing/payment-key?") {
		t.Errorf("an undeclared id, exit code %d: %s", code, stderr)
	}
}

// LAYER_CLOCK is for tests. With the real API it would rotate at wrong times.
func TestClockIsRefusedAwayFromLoopback(t *testing.T) {
	for _, base := range []string{"", "https://api.cloudflare.com/client/v4", "http://127.0.0.1.example.com/client/v4", "http://localhost.example.com"} {
		r := newRemote(t)
		r.env["CLOUDFLARE_BASE_URL"] = base
		if _, stderr, code := r.run("secret", "rotate", "--env", "production"); code != 1 || !strings.Contains(stderr, "LAYER_CLOCK is for tests") {
			t.Errorf("%q: exit code %d: %s", base, code, stderr)
		}
	}
}

// When a workflow is cancelled, layer finishes the writes in progress and
// records them. The next run does the rest.
func TestFault42_SIGTERMFinishesWhatIsUnderWay(t *testing.T) {
	r := newRemote(t)
	cmd := r.command(apply...)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	started, stopping := make(chan *os.Process, 1), make(chan struct{})
	r.store.SetFault(func(q fake.Request) fake.Fault {
		if q.Kind != fake.KindCreateSecret {
			return fake.Fault{}
		}
		once.Do(func() {
			if err := (<-started).Signal(syscall.SIGTERM); err != nil {
				t.Error(err)
			}
			<-stopping // until layer prints that it is stopping
		})
		return fake.Fault{}
	})
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	started <- cmd.Process
	printed := make([]byte, len("layer: stopping"))
	if _, err := stderr.Read(printed); err != nil || string(printed) != "layer: stopping" {
		t.Errorf("printed %q, %v", printed, err)
	}
	close(stopping)
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 143 {
		t.Errorf("exit code %d, want 143", code)
	}
	written := len(r.values())
	if written == 0 {
		t.Error("no write in progress was finished")
	}
	r.store.SetFault(nil)
	before := r.values()
	r.must(apply...)
	for name, s := range before {
		if r.values()[name] != s {
			t.Errorf("%s was written before the signal, and again after it", name)
		}
	}
	if got := len(r.values()); got != 5 {
		t.Errorf("%d secrets after the next run, want 5", got)
	}
}
