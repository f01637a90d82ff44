package cli_test

import (
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/layeron/rotate/internal/emulator"
)

const (
	latency = 80 * time.Millisecond // of every answer of the store
	secrets = 100
	// wrangler is what the same changes are made with for comparison.
	wrangler = "wrangler@4.86.0"
)

// BenchmarkApply writes 100 due secrets to a store that takes 80 ms to answer,
// and beside it, in the same run, makes the same 100 changes with wrangler, one
// command each, as a script would.
//
// The least that latency and concurrency allow is one list, two preflight
// requests, and 100 writes, 8 at a time; the budget is 1.3 of it.
func BenchmarkApply(b *testing.B) {
	project := manySecrets(b, 20, secrets/20)
	var clock atomic.Int64
	clock.Store(time.Date(2026, 5, 10, 3, 0, 0, 0, time.UTC).Unix())
	now := func() time.Time { return time.Unix(clock.Load(), 0).UTC() }
	store, err := emulator.New(emulator.Options{Now: now, Rand: rand.Reader, Account: account, Token: token})
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(latency)
		store.ServeHTTP(w, r)
	}))
	defer server.Close()
	apply := func() time.Duration {
		clock.Add(int64(30 * 24 * time.Hour / time.Second))
		started := time.Now()
		cmd := exec.Command(layer, "secret", "rotate", "--env", "production", "--project", project, "--apply", "--yes")
		cmd.Env = []string{
			"LAYER_CLOCK=" + now().Format(time.RFC3339), "LAYER_ROOT_KEY=" + rootKey, "CLOUDFLARE_BASE_URL=" + server.URL + "/client/v4",
			"CLOUDFLARE_API_TOKEN=" + token, "CLOUDFLARE_ACCOUNT_ID=" + account, "CLOUDFLARE_STORE_ID=" + emulator.DefaultStoreID,
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		return time.Since(started)
	}
	apply() // creates them
	var took time.Duration
	runs := 0
	for b.Loop() {
		took += apply()
		runs++
	}
	layerTook := took / time.Duration(runs)
	least := (1 + 2 + (secrets+7)/8) * latency
	b.ReportMetric(layerTook.Seconds()/least.Seconds(), "of-limit")
	if wranglerTook := withWrangler(b, store, server.URL); wranglerTook > 0 {
		b.ReportMetric(wranglerTook.Seconds(), "wrangler-s")
		b.ReportMetric(wranglerTook.Seconds()/layerTook.Seconds(), "wrangler/layer")
	}
}

// withWrangler changes the same secrets with wrangler; without npm it says so
// and only that column is missing.
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
		b.Logf("npm cannot install %s: no comparison with it: %v\n%s", wrangler, err, out)
		return 0
	}
	started := time.Now()
	for _, s := range store.Secrets() {
		cmd := exec.Command(filepath.Join(folder, "node_modules", ".bin", "wrangler"), "secrets-store", "secret", "update", emulator.DefaultStoreID,
			"--secret-id", s.ID, "--value", "changed-by-wrangler", "--remote")
		cmd.Dir = folder
		cmd.Env = append(os.Environ(), "CLOUDFLARE_API_BASE_URL="+url+"/client/v4", "CLOUDFLARE_API_TOKEN="+token, "CLOUDFLARE_ACCOUNT_ID="+account, "WRANGLER_SEND_METRICS=false", "CI=true")
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Logf("wrangler failed: no comparison with it: %v\n%s", err, out)
			return 0
		}
	}
	took := time.Since(started)
	for _, s := range store.Secrets() {
		if !strings.Contains(s.Value, "changed-by-wrangler") {
			b.Logf("wrangler did not change %s: no comparison with it", s.Name)
			return 0
		}
	}
	return took
}
