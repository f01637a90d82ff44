package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/cloudflare/cloudflare-go/v4/option"
	"github.com/cloudflare/cloudflare-go/v4/secrets_store"
)

// perPage is the largest page that lists have.
const perPage = 100

// StoreID returns the id of the store: the one in the options, else that of the
// account's only store, which it looks up once.
func (c *Client) StoreID(ctx context.Context) (string, error) {
	c.mu.Lock()
	known := c.store
	c.mu.Unlock()
	if known != "" {
		return known, nil
	}
	var p secrets_store.StoreListParams
	p.AccountID.Value, p.AccountID.Present = c.options.Account, true
	p.PerPage.Value, p.PerPage.Present = perPage, true
	env, f := c.retry(ctx, c.reading(), func(ctx context.Context, opts ...option.RequestOption) error {
		_, err := c.api.Stores.List(ctx, p, opts...)
		return err
	})
	if f != nil {
		return "", f.read("find the account's store")
	}
	only, err := onlyStore(env)
	if err != nil {
		return "", fmt.Errorf("find the account's store: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.store = only
	return only, nil
}

// onlyStore reads the answer to a list of stores that must hold one.
func onlyStore(env envelope) (string, error) {
	var stores []struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	if err := json.Unmarshal(env.Result, &stores); err != nil {
		return "", errors.New("the list of stores cannot be read")
	}
	if total := env.Info.Total; total != nil && *total != len(stores) {
		return "", fmt.Errorf("the list of stores does not add up: it holds %d of %d", len(stores), *total)
	}
	switch len(stores) {
	case 0:
		return "", errors.New("the account has no store\nmake one in the Cloudflare dashboard under Secrets Store")
	case 1:
		if !validID.MatchString(stores[0].ID) {
			return "", fmt.Errorf("store id %q is not 32 hex digits", stores[0].ID)
		}
		return stores[0].ID, nil
	}
	var names []string
	for _, s := range stores {
		names = append(names, fmt.Sprintf("%q is %q", s.ID, s.Name))
	}
	return "", fmt.Errorf("the account has %d stores\nset CLOUDFLARE_STORE_ID to one of them: %s", len(stores), strings.Join(names, ", "))
}

// Quota returns how many secrets the account may hold, and how many it holds.
func (c *Client) Quota(ctx context.Context) (quota, usage int, err error) {
	const doing = "read quota"
	var p secrets_store.QuotaGetParams
	p.AccountID.Value, p.AccountID.Present = c.options.Account, true
	env, f := c.retry(ctx, c.reading(), func(ctx context.Context, opts ...option.RequestOption) error {
		_, err := c.api.Quota.Get(ctx, p, opts...)
		return err
	})
	if f != nil {
		return 0, 0, f.read(doing)
	}
	var result struct {
		Secrets *struct {
			Quota float64 `json:"quota"` // the API's schema allows any number
			Usage float64 `json:"usage"`
		} `json:"secrets"`
	}
	if err := json.Unmarshal(env.Result, &result); err != nil || result.Secrets == nil {
		return 0, 0, fmt.Errorf("%s: %w", doing, errUnreadable)
	}
	return int(result.Secrets.Quota), int(result.Secrets.Usage), nil
}

// missingID is an id that no secret has.
const missingID = "00000000000000000000000000000000"

// CheckWrite returns an error if the token may not write. It changes nothing:
// it changes the comment of a secret that does not exist. The store answers
// that the secret is missing if the token may write, and refuses it otherwise.
func (c *Client) CheckWrite(ctx context.Context) error {
	store, err := c.StoreID(ctx)
	if err != nil {
		return err
	}
	var p secrets_store.StoreSecretEditParams
	p.AccountID.Value, p.AccountID.Present = c.options.Account, true
	_, f := c.retry(ctx, c.reading(), func(ctx context.Context, opts ...option.RequestOption) error {
		_, err := c.api.Stores.Secrets.Edit(ctx, store, missingID, p, append(opts, option.WithJSONSet("comment", ""))...)
		return err
	})
	if f == nil || f.code == secretNotFound {
		return nil
	}
	return f.read("check that the token may write")
}
