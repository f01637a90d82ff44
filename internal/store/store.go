// Package store is the client of Cloudflare Secrets Store: it lists, creates
// and changes secrets, and keeps to the store's limits.
//
// It promises that a list is whole or an error; that a value and the comment
// that names it travel in one request; that a failed write says what is known
// of its effect ([secret.WriteError]), and says "unknown" wherever the store
// may have taken it; and that no error holds a token, a value, or the text of a
// request or an answer.
//
// There is one retry policy, in retry.go. Of the SDK only the sub-packages for
// Secrets Store are used: its root package compiles every Cloudflare product.
package store

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cloudflare/cloudflare-go/v4/option"
	"github.com/cloudflare/cloudflare-go/v4/secrets_store"

	"github.com/layeron/rotate/internal/secret"
)

// The defaults of Options.
const (
	DefaultBaseURL        = "https://api.cloudflare.com/client/v4/"
	DefaultBudget         = 6 * time.Minute // the store's longest penalty is five
	DefaultAttemptTimeout = 30 * time.Second
)

// Options say which store to talk to and how. Token, Account, Transport, Clock
// and Jitter are required.
type Options struct {
	Token   secret.Value
	Account string // 32 hex digits
	StoreID string // 32 hex digits; "" means the account's only store
	BaseURL string // "" means DefaultBaseURL

	Transport http.RoundTripper
	Clock     Clock
	Jitter    func() float64 // in [0, 1), safe for parallel use

	// Budget is how long one call may go on waiting for the store.
	Budget time.Duration
	// AttemptTimeout is how long one request may take.
	AttemptTimeout time.Duration
	// Waiting, when set, is told of each wait before it begins.
	Waiting func(d time.Duration, why string)
}

// Clock tells the time and passes it.
type Clock interface {
	Now() time.Time
	// Sleep returns early, with the context's error, when the context ends.
	Sleep(ctx context.Context, d time.Duration) error
}

// Client talks to one store. It is safe for parallel use; it does not limit how
// many requests run at once, only how many are sent in five minutes.
type Client struct {
	options Options
	api     *secrets_store.SecretsStoreService
	pace    pace

	mu     sync.Mutex
	store  string    // "" until it is looked up
	server time.Time // as the newest answer said
	local  time.Time // when it was received
}

var validID = regexp.MustCompile(`^[0-9a-fA-F]{32}$`)

// New checks the options. It sends nothing.
func New(o Options) (*Client, error) {
	if o.BaseURL == "" {
		o.BaseURL = DefaultBaseURL
	}
	if o.Budget == 0 {
		o.Budget = DefaultBudget
	}
	if o.AttemptTimeout == 0 {
		o.AttemptTimeout = DefaultAttemptTimeout
	}
	if o.Waiting == nil {
		o.Waiting = func(time.Duration, string) {}
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	return &Client{options: o, api: newAPI(o), store: o.StoreID}, nil
}

// check refuses what would end up in a URL or a header unescaped.
func (o Options) check() error {
	base, err := url.Parse(o.BaseURL)
	switch {
	case o.Transport == nil || o.Clock == nil || o.Jitter == nil:
		return errors.New("transport, clock and jitter are required")
	case o.Token.Len() == 0:
		return errors.New("no API token: set CLOUDFLARE_API_TOKEN")
	case strings.ContainsFunc(o.Token.Reveal(), func(r rune) bool { return r <= ' ' || r > '~' }):
		return errors.New("the API token holds spaces, line ends or characters that no token has: check CLOUDFLARE_API_TOKEN")
	case o.Account == "":
		return errors.New("no account: set CLOUDFLARE_ACCOUNT_ID")
	case !validID.MatchString(o.Account):
		return fmt.Errorf("account id %q is not 32 hex digits: check CLOUDFLARE_ACCOUNT_ID", o.Account)
	case o.StoreID != "" && !validID.MatchString(o.StoreID):
		return fmt.Errorf("store id %q is not 32 hex digits: check CLOUDFLARE_STORE_ID", o.StoreID)
	case err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http":
		return fmt.Errorf("base URL %q is not an http or https URL: check CLOUDFLARE_BASE_URL", o.BaseURL)
	}
	return nil
}

// newAPI sets all that the SDK would otherwise choose itself. The options are
// clipped because the SDK appends to them, from parallel requests.
func newAPI(o Options) *secrets_store.SecretsStoreService {
	client := &http.Client{
		Transport: o.Transport,
		// A redirect would carry the value to wherever it points.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return secrets_store.NewSecretsStoreService(slices.Clip([]option.RequestOption{
		option.WithBaseURL(strings.TrimRight(o.BaseURL, "/") + "/"),
		option.WithAPIToken(o.Token.Reveal()),
		option.WithHTTPClient(client),
		option.WithMaxRetries(0),
	})...)
}

// ServerTime is the store's clock as its newest answer showed it, to the
// second, and the local clock at that moment. It is not ok before any answer.
func (c *Client) ServerTime() (server, local time.Time, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.server, c.local, !c.server.IsZero()
}

func (c *Client) sawDate(h http.Header) {
	server, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.server, c.local = server, c.options.Clock.Now()
}
