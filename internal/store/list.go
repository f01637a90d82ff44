package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/cloudflare/cloudflare-go/v4/option"
	"github.com/cloudflare/cloudflare-go/v4/secrets_store"

	"github.com/layeron/rotate/internal/secret"
)

const (
	maxPages  = 1000 // a store holds 100 secrets, on short pages too
	rereads   = 3    // of an inconsistent list
	byName    = secrets_store.StoreSecretListParamsOrderName
	ascending = secrets_store.StoreSecretListParamsDirectionAsc
)

// item is a secret as the store shows it.
type item struct {
	ID       string         `json:"id"`
	Name     string         `json:"name"`
	Comment  *string        `json:"comment"`
	Status   string         `json:"status"`
	Created  secret.Instant `json:"created"`
	Modified secret.Instant `json:"modified"`
}

func (i item) stored() secret.Stored {
	s := secret.Stored{ID: i.ID, Name: i.Name, Status: i.Status, Created: i.Created, Modified: i.Modified}
	if i.Comment != nil {
		s.Comment = *i.Comment
	}
	return s
}

// List returns all secrets of the store, sorted by name, including those with
// the status "deleted" that the store still shows. An inconsistent list (pages
// missing or repeated, a total that changes) is read again, three times at
// most; then List returns an error, never a part of the list.
func (c *Client) List(ctx context.Context) ([]secret.Stored, error) {
	const doing = "list secrets"
	store, err := c.StoreID(ctx)
	if err != nil {
		return nil, err
	}
	op := c.reading()
	for n := 0; ; n++ {
		all, f, flaw := c.readPages(ctx, op, store)
		if f != nil {
			return nil, f.read(doing)
		}
		if flaw == nil {
			return all, nil
		}
		if n == rereads {
			return nil, fmt.Errorf("%s: the list does not add up, even when read again: %w", doing, flaw)
		}
		if err := op.Wait(ctx, c.options.Retry.Backoff(n+1), "the list of secrets does not add up"); err != nil {
			return nil, fmt.Errorf("%s: %w", doing, err)
		}
	}
}

// readPages reads the list once. flaw is why the pages do not add up.
func (c *Client) readPages(ctx context.Context, op *operation, store string) (all []secret.Stored, f *failure, flaw error) {
	t := tally{ids: map[string]bool{}, names: map[string]bool{}}
	for number := int64(1); number <= maxPages; number++ {
		env, f := c.retry(ctx, op, c.page(store, number))
		if f != nil {
			return nil, f, nil
		}
		complete, flaw := t.add(env)
		if complete || flaw != nil {
			return t.all, nil, flaw
		}
	}
	return nil, nil, fmt.Errorf("it has more than %d pages", maxPages)
}

func (c *Client) page(store string, number int64) request {
	var p secrets_store.StoreSecretListParams
	p.AccountID.Value, p.AccountID.Present = c.options.Account, true
	p.Page.Value, p.Page.Present = number, true
	p.PerPage.Value, p.PerPage.Present = perPage, true
	p.Order.Value, p.Order.Present = byName, true
	p.Direction.Value, p.Direction.Present = ascending, true
	return func(ctx context.Context, opts ...option.RequestOption) error {
		_, err := c.api.Stores.Secrets.List(ctx, store, p, opts...)
		return err
	}
}

// tally collects pages until they hold as many secrets as the store counts. A
// page may be short, so only this total shows where the list ends.
type tally struct {
	all   []secret.Stored
	ids   map[string]bool
	names map[string]bool
	total int
	begun bool
}

// add adds a page and reports whether the list is complete.
func (t *tally) add(env envelope) (complete bool, flaw error) {
	var page []item
	if err := json.Unmarshal(env.Result, &page); err != nil {
		return false, errors.New("a page cannot be read")
	}
	if env.Info.Total == nil {
		return false, errors.New("a page does not say how many secrets there are")
	}
	if total := *env.Info.Total; t.begun && total != t.total {
		return false, fmt.Errorf("there were %d secrets, and %d a page later", t.total, total)
	}
	t.total, t.begun = *env.Info.Total, true
	for _, i := range page {
		if err := t.take(i.stored()); err != nil {
			return false, err
		}
	}
	switch {
	case len(t.all) > t.total:
		return false, fmt.Errorf("it holds more secrets than its total of %d", t.total)
	case len(page) == 0 && len(t.all) < t.total:
		return false, fmt.Errorf("it ends after %d of %d secrets", len(t.all), t.total)
	}
	return len(t.all) == t.total, nil
}

func (t *tally) take(s secret.Stored) error {
	live := s.Status != statusDeleted
	switch {
	case !validID.MatchString(s.ID):
		return fmt.Errorf("id %q is not 32 hex digits", s.ID)
	case t.ids[s.ID]:
		return fmt.Errorf("it holds secret %q twice", s.Name)
	case live && t.names[s.Name]:
		return fmt.Errorf("two secrets have the name %q", s.Name)
	}
	t.ids[s.ID] = true
	if live {
		t.names[s.Name] = true
	}
	t.all = append(t.all, s)
	return nil
}

// statusDeleted is the status of a secret whose deletion is not finished. Its
// name is still taken.
const statusDeleted = "deleted"

// find returns the secret with exactly this name, and whether there is one.
func (c *Client) find(ctx context.Context, name string) (secret.Stored, bool, error) {
	all, err := c.List(ctx)
	for _, s := range all {
		if s.Name == name && s.Status != statusDeleted {
			return s, true, nil
		}
	}
	return secret.Stored{}, false, err
}
