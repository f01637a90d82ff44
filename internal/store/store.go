// Package store is the client of Cloudflare Secrets Store: it lists, creates
// and changes secrets within the store's limits.
//
// It promises:
//
//   - A list is complete, or an error.
//   - A value and the comment that names it travel in one request.
//   - A failed write says what is known of its effect ([secret.WriteError]). It
//     says "unknown" wherever the store may have applied it.
//   - No error holds a token, a value, or the text of a request or an answer.
//
// Of the SDK it uses only the packages for Secrets Store: the root package
// compiles every Cloudflare product.
package store

import (
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

	"github.com/layeron/rotate/internal/httpretry"
	"github.com/layeron/rotate/internal/secret"
)

// DefaultBaseURL is the address of Cloudflare's API.
const DefaultBaseURL = "https://api.cloudflare.com/client/v4/"

// Options say which store to use and how. Token, Account, Transport and Retry
// are required.
type Options struct {
	Token   secret.Value
	Account string // 32 hex digits
	StoreID string // 32 hex digits; "" means the account's only store
	BaseURL string // "" means DefaultBaseURL

	Transport http.RoundTripper
	Retry     httpretry.Policy
}

// Client is a client of one store. It is safe for parallel use. It does not
// limit how many requests run at once, only how many it sends in five minutes.
type Client struct {
	options Options
	api     *secrets_store.SecretsStoreService
	limit   rateLimit
	server  httpretry.ServerClock

	mu    sync.Mutex
	store string // id; "" until it is looked up
}

var validID = regexp.MustCompile(`^[0-9a-fA-F]{32}$`)

// New returns a client, or an error if an option is missing or malformed. It
// sends nothing.
func New(o Options) (*Client, error) {
	if o.BaseURL == "" {
		o.BaseURL = DefaultBaseURL
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	var err error
	if o.Retry, err = o.Retry.Complete(); err != nil {
		return nil, err
	}
	return &Client{options: o, api: newAPI(o), store: o.StoreID}, nil
}

// check rejects what would enter a URL or a header unescaped.
func (o Options) check() error {
	base, err := url.Parse(o.BaseURL)
	switch {
	case o.Transport == nil:
		return errors.New("a transport is required")
	case o.Token.Len() == 0:
		return errors.New("no API token\nset CLOUDFLARE_API_TOKEN")
	case strings.ContainsFunc(o.Token.Reveal(), func(r rune) bool { return r <= ' ' || r > '~' }):
		return errors.New("the API token holds spaces, line ends or characters that no token has\ncheck CLOUDFLARE_API_TOKEN")
	case o.Account == "":
		return errors.New("no account\nset CLOUDFLARE_ACCOUNT_ID")
	case !validID.MatchString(o.Account):
		return fmt.Errorf("account id %q is not 32 hex digits\ncheck CLOUDFLARE_ACCOUNT_ID", o.Account)
	case o.StoreID != "" && !validID.MatchString(o.StoreID):
		return fmt.Errorf("store id %q is not 32 hex digits\ncheck CLOUDFLARE_STORE_ID", o.StoreID)
	case err != nil:
		return fmt.Errorf("base URL: %w\ncheck CLOUDFLARE_BASE_URL", httpretry.WithoutURL(err))
	}
	if err := httpretry.CheckAddress(base); err != nil {
		return fmt.Errorf("base URL %q %w\ncheck CLOUDFLARE_BASE_URL", o.BaseURL, err)
	}
	return nil
}

// newAPI sets everything that the SDK would otherwise choose itself. The
// options are clipped because parallel requests append to them.
func newAPI(o Options) *secrets_store.SecretsStoreService {
	client := &http.Client{
		Transport: o.Transport, CheckRedirect: httpretry.NoRedirect,
	}
	return secrets_store.NewSecretsStoreService(slices.Clip([]option.RequestOption{
		option.WithBaseURL(strings.TrimRight(o.BaseURL, "/") + "/"),
		option.WithAPIToken(o.Token.Reveal()),
		option.WithHTTPClient(client),
		option.WithMaxRetries(0),
	})...)
}

// ServerTime returns the store's clock as its last answer showed it, to the
// second, and the local clock at that moment. ok is false before any answer.
func (c *Client) ServerTime() (server, local time.Time, ok bool) { return c.server.Last() }
