package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/cloudflare/cloudflare-go/v4/option"
	"github.com/cloudflare/cloudflare-go/v4/secrets_store"

	"github.com/layeron/rotate/internal/secret"
)

// scope lets Workers read a secret.
const scope = "workers"

// Create makes a secret, with value and comment in one request. An error is a
// *secret.WriteError.
//
// Create sends no attempt that may be answered after the given instant of the
// client's clock; the zero time is no deadline. When ctx ends, Create stops
// waiting, but does not interrupt a request that was sent.
//
// After a lost answer, Create reads the list before it sends again. A secret of
// this name with this comment is the one that it made, so the comment must be
// unique to this write. Another comment leaves the effect unknown.
func (c *Client) Create(ctx context.Context, name string, value secret.Value, comment string, before time.Time) (secret.Stored, error) {
	doing, op := fmt.Sprintf("create secret %q", name), c.writing(before)
	if err := secret.CheckStoreName(name); err != nil {
		return secret.Stored{}, writeError(op, doing, &failure{effect: secret.EffectRefused, err: err})
	}
	store, f := c.prepare(ctx, value, comment)
	if f != nil {
		return secret.Stored{}, writeError(op, doing, f)
	}
	send := c.creation(store, name, value, comment)
	for {
		made, f := c.tryCreate(ctx, op, send, name, comment)
		if f == nil {
			return made, nil
		}
		if stop := op.next(ctx, f); stop != nil {
			return secret.Stored{}, writeError(op, doing, stop)
		}
	}
}

// tryCreate makes one attempt. If the answer to it or to an earlier attempt was
// lost, it looks for the secret.
func (c *Client) tryCreate(ctx context.Context, op *operation, send request, name, comment string) (secret.Stored, *failure) {
	env, f := c.attempt(ctx, op, send)
	if f == nil {
		return created(op, env, name, comment)
	}
	if !op.uncertain || !f.again && f.code != nameTaken {
		return secret.Stored{}, f
	}
	found, exists, err := c.find(ctx, name)
	switch {
	case err != nil:
		return secret.Stored{}, unclear(op, fmt.Errorf("%w; whether the secret was made is unknown: %w", f.err, err))
	case exists && found.Comment == comment:
		return found, nil
	case exists:
		return secret.Stored{}, unclear(op, fmt.Errorf("%w; a secret of that name exists now, with another comment", f.err))
	}
	f.again = true // it was not made, or a deleted secret still has the name
	return secret.Stored{}, f
}

// creation returns the request that makes a secret. The SDK has no field for
// the comment.
func (c *Client) creation(store, name string, value secret.Value, comment string) request {
	var body secrets_store.StoreSecretNewParamsBody
	body.Name.Value, body.Name.Present = name, true
	body.Value.Value, body.Value.Present = value.Reveal(), true
	body.Scopes.Value, body.Scopes.Present = []string{scope}, true
	var p secrets_store.StoreSecretNewParams
	p.AccountID.Value, p.AccountID.Present = c.options.Account, true
	p.Body = []secrets_store.StoreSecretNewParamsBody{body}
	return func(ctx context.Context, opts ...option.RequestOption) error {
		_, err := c.api.Stores.Secrets.New(ctx, store, p, append(opts, option.WithJSONSet("0.comment", comment))...)
		return err
	}
}

// created reads the answer to a creation: a page that holds only the new
// secret.
func created(op *operation, env envelope, name, comment string) (secret.Stored, *failure) {
	var page []item
	switch err := json.Unmarshal(env.Result, &page); {
	case err != nil:
		return secret.Stored{}, unclear(op, errUnreadable)
	case len(page) != 1:
		return secret.Stored{}, unclear(op, fmt.Errorf("the answer names %d secrets instead of one", len(page)))
	case !validID.MatchString(page[0].ID) || page[0].Name != name:
		return secret.Stored{}, unclear(op, fmt.Errorf("the answer is about secret %q with id %q", page[0].Name, page[0].ID))
	}
	return confirmed(op, page[0], comment)
}
