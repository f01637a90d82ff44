package run

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/layeron/rotate/internal/emulator"
	"github.com/layeron/rotate/internal/httpretry"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
	"github.com/layeron/rotate/internal/store"
)

const (
	// cloudflareStore is the store's name in plans for the real one.
	cloudflareStore = "cloudflare"
	// ValueLimit is the most bytes that Secrets Store takes for a value, and
	// SecretQuota the most secrets of an account in the beta.
	ValueLimit  = 65536
	SecretQuota = 100
	// pruneGrace is how long an expired version stays in a remote store, for
	// Workers whose clocks are behind.
	pruneGrace = 5 * time.Minute
	// parallelWrites is how many writes are sent at a time.
	parallelWrites = 8
)

// localAccount is the account of the embedded store, which has no others.
const localAccount = "10ca1000000000000000000000000001"

// openLocal opens the embedded store: the real client, talking to the store's
// emulator inside this process.
func (p Process) openLocal(project *Project, c Clock) (*rotate.OpenStore, error) {
	root, err := project.Open()
	if err != nil {
		return nil, err
	}
	var once sync.Once
	embedded, err := emulator.New(emulator.Options{
		Root: root, File: LocalFolder + "/secrets-store.json", Now: c.Now, Rand: p.Random,
		Quota: math.MaxInt32, RateLimit: math.MaxInt32,
		Failed: func(err error) { once.Do(func() { fmt.Fprintln(p.Stderr, "layer: local store:", err) }) },
	})
	if err != nil {
		return nil, Fail("local_store_invalid", "%w", err)
	}
	client, err := store.New(store.Options{
		Token: secret.NewValue("local"), Account: localAccount, StoreID: emulator.DefaultStoreID,
		Transport: emulator.Transport(embedded), Retry: httpretry.Policy{Clock: c, Jitter: rand.Float64},
	})
	if err != nil {
		return nil, err
	}
	return &rotate.OpenStore{Store: client, Name: plan.LocalStore, ValueLimit: ValueLimit, Parallel: parallelWrites}, nil
}

// OpenCloudflare opens the real store; nil where there are no credentials, which
// a check does not need.
func (p Process) OpenCloudflare(c Clock) (*rotate.OpenStore, error) {
	base := p.Getenv(EnvBaseURL)
	if p.Getenv(EnvClock) != "" && !Loopback(base) {
		return nil, Usage("%s is for tests: it is refused unless %s is on this machine", EnvClock, EnvBaseURL)
	}
	token := secret.NewValue(p.Getenv(EnvToken))
	if token.Len() == 0 && p.Getenv(EnvAccount) == "" {
		return nil, nil
	}
	client, err := store.New(store.Options{
		Token: token, Account: p.Getenv(EnvAccount), StoreID: p.Getenv(EnvStore), BaseURL: base,
		Transport: transport(), Retry: httpretry.Policy{Clock: c, Jitter: rand.Float64, Waiting: p.Waiting},
	})
	if err != nil {
		return nil, Fail("credentials", "%w", err)
	}
	return &rotate.OpenStore{
		Store: client, Account: client, Name: cloudflareStore, ValueLimit: ValueLimit, Quota: SecretQuota,
		PruneGrace: pruneGrace, Parallel: parallelWrites,
	}, nil
}

// transport keeps a connection for each write that is under way.
func transport() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = parallelWrites
	return t
}

// Loopback reports whether a URL names this machine by address.
func Loopback(base string) bool {
	u, err := url.Parse(base)
	return err == nil && httpretry.LoopbackAddress(u)
}
