package cli

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/layeron/rotate/internal/emulator"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
	"github.com/layeron/rotate/internal/store"
)

const (
	// cloudflareStore is the store's name in plans for the real one.
	cloudflareStore = "cloudflare"
	// valueLimit is the most bytes that Secrets Store takes for a value, and
	// secretQuota the most secrets of an account.
	valueLimit  = 65536
	secretQuota = 100
	// pruneGrace is how long an expired version stays in a remote store, for
	// Workers whose clocks are behind.
	pruneGrace = 5 * time.Minute
	// parallelWrites is how many writes are under way at once.
	parallelWrites = 8
)

// localAccount is the account of the embedded store, which has no others.
const localAccount = "10ca1000000000000000000000000001"

// openLocal opens the embedded store: the real client, talking to the store's
// emulator inside this process.
func (a App) openLocal(p *project, c clock) (*rotate.OpenStore, error) {
	root, err := p.open()
	if err != nil {
		return nil, err
	}
	var once sync.Once
	embedded, err := emulator.New(emulator.Options{
		Root: root, File: localFolder + "/secrets-store.json", Now: c.Now, Rand: a.Random,
		Quota: math.MaxInt32, RateLimit: math.MaxInt32,
		Failed: func(err error) { once.Do(func() { fmt.Fprintln(a.Stderr, "layer: local store:", err) }) },
	})
	if err != nil {
		return nil, fail("local_store_invalid", "%w", err)
	}
	client, err := store.New(store.Options{
		Token: secret.NewValue("local"), Account: localAccount, StoreID: emulator.DefaultStoreID,
		Transport: emulator.Transport(embedded), Clock: c, Jitter: rand.Float64,
	})
	if err != nil {
		return nil, err
	}
	return &rotate.OpenStore{Store: client, Name: plan.LocalStore, ValueLimit: valueLimit, Parallel: parallelWrites}, nil
}

// openCloudflare opens the real store; nil where there are no credentials, which
// a check does not need.
func (a App) openCloudflare(c clock) (*rotate.OpenStore, error) {
	base := a.Getenv(envBaseURL)
	if a.Getenv(envClock) != "" && !loopback(base) {
		return nil, usage("%s is for tests: it is refused unless %s is on this machine", envClock, envBaseURL)
	}
	token := secret.NewValue(a.Getenv(envToken))
	if token.Len() == 0 && a.Getenv(envAccount) == "" {
		return nil, nil
	}
	client, err := store.New(store.Options{
		Token: token, Account: a.Getenv(envAccount), StoreID: a.Getenv(envStore), BaseURL: base,
		Transport: transport(), Clock: c, Jitter: rand.Float64, Waiting: a.waiting,
	})
	if err != nil {
		return nil, fail("credentials", "%w", err)
	}
	return &rotate.OpenStore{
		Store: client, Account: client, Name: cloudflareStore, ValueLimit: valueLimit, Quota: secretQuota,
		PruneGrace: pruneGrace, Parallel: parallelWrites,
	}, nil
}

// transport keeps a connection for each write that is under way.
func transport() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = parallelWrites
	return t
}

// loopback tells whether a URL names this machine by address.
func loopback(base string) bool {
	u, err := url.Parse(base)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return ip != nil && ip.IsLoopback()
}
