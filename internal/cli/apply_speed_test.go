package cli_test

import (
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/layeron/rotate/internal/emulator"
	"github.com/layeron/rotate/internal/fake"
)

const (
	latency = 80 * time.Millisecond // of each answer of the store
	secrets = 100
	// wrangler is the package to compare with.
	wrangler = "wrangler@4.86.0"
)

// BenchmarkApply rotates 100 secrets in a store that takes 80 ms to answer. For
// comparison it makes the same 100 changes with wrangler, one command for each,
// as a script would.
//
// The minimum is the latency of one list, two preflight requests, and 100
// writes, 8 at a time. The budget is 1.3 times the minimum.
func BenchmarkApply(b *testing.B) {
	project := manySecrets(b, 20, secrets/20)
	clock := fake.NewClock(time.Date(2026, 5, 10, 3, 0, 0, 0, time.UTC))
	store, err := emulator.New(emulator.Options{Now: clock.Now, Rand: rand.Reader, Account: account, Token: token})
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(latency)
		store.ServeHTTP(w, r)
	}))
	defer server.Close()
	apply := func() time.Duration {
		clock.Advance(30 * 24 * time.Hour)
		started := time.Now()
		cmd := exec.Command(layer, "secret", "rotate", "--env", "production", "--project", project, "--apply", "--yes")
		cmd.Env = []string{
			"LAYER_CLOCK=" + clock.Now().Format(time.RFC3339), "LAYER_ROOT_KEY=" + rootKey, "CLOUDFLARE_BASE_URL=" + server.URL + "/client/v4",
			"CLOUDFLARE_API_TOKEN=" + token, "CLOUDFLARE_ACCOUNT_ID=" + account, "CLOUDFLARE_STORE_ID=" + emulator.DefaultStoreID,
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		return time.Since(started)
	}
	apply() // creates the secrets
	var took time.Duration
	runs := 0
	for b.Loop() {
		took += apply()
		runs++
	}
	layerTook := took / time.Duration(runs)
	minimum := (1 + 2 + (secrets+7)/8) * latency
	b.ReportMetric(layerTook.Seconds()/minimum.Seconds(), "of-limit")
	if wranglerTook := withWrangler(b, store, server.URL); wranglerTook > 0 {
		b.ReportMetric(wranglerTook.Seconds(), "wrangler-s")
		b.ReportMetric(wranglerTook.Seconds()/layerTook.Seconds(), "wrangler/layer")
	}
}

// withWrangler changes the same secrets with wrangler and returns how long that
// takes. If npm or wrangler fails, it logs why and returns 0.
func withWrangler(b *testing.B, store *emulator.Emulator, url string) time.Duration {
	b.Helper()
	if _, err := exec.LookPath("npm"); err != nil {
		b.Log("npm is not installed: no comparison with wrangler")
		return 0
	}
	folder := b.TempDir()
	install := exec.Command("npm", "install", "--silent", "--no-audit", "--no-fund", wrangler)
	install.Dir = folder
	if out, err := install.CombinedOutput(); err != nil {
		b.Logf("npm cannot install %s: no comparison with wrangler: %v\n%s", wrangler, err, out)
		return 0
	}
	started := time.Now()
	for _, s := range store.Secrets() {
		cmd := exec.Command(filepath.Join(folder, "node_modules", ".bin", "wrangler"), "secrets-store", "secret", "update", emulator.DefaultStoreID,
			"--secret-id", s.ID, "--value", "changed-by-wrangler", "--remote")
		cmd.Dir = folder
		cmd.Env = append(os.Environ(), "CLOUDFLARE_API_BASE_URL="+url+"/client/v4", "CLOUDFLARE_API_TOKEN="+token, "CLOUDFLARE_ACCOUNT_ID="+account, "WRANGLER_SEND_METRICS=false", "CI=true")
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Logf("no comparison with wrangler, which failed: %v\n%s", err, out)
			return 0
		}
	}
	took := time.Since(started)
	for _, s := range store.Secrets() {
		if !strings.Contains(s.Value, "changed-by-wrangler") {
			b.Logf("no comparison with wrangler, which did not change %s", s.Name)
			return 0
		}
	}
	return took
}
