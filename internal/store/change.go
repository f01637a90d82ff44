package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/cloudflare/cloudflare-go/v4/option"
	"github.com/cloudflare/cloudflare-go/v4/secrets_store"

	"github.com/layeron/rotate/internal/secret"
)

// Change sets the value and the comment of a secret in one request. Deadline,
// ctx and errors are as in Create. After a lost answer, Change sends the request
// again, because a second change has the same result.
func (c *Client) Change(ctx context.Context, secretID string, value secret.Value, comment string, before time.Time) (secret.Stored, error) {
	return c.edit(ctx, fmt.Sprintf("change secret %q", secretID), secretID, &value, comment, before)
}

// Annotate sets the comment of a secret and leaves its value. Deadline, ctx and
// errors are as in Change.
func (c *Client) Annotate(ctx context.Context, secretID, comment string, before time.Time) (secret.Stored, error) {
	return c.edit(ctx, fmt.Sprintf("change the comment of secret %q", secretID), secretID, nil, comment, before)
}

// edit changes the comment, and the value unless it is nil.
func (c *Client) edit(ctx context.Context, doing, secretID string, value *secret.Value, comment string, before time.Time) (secret.Stored, error) {
	op := c.writing(before)
	after, f := c.tryEdit(ctx, op, secretID, value, comment)
	if f != nil {
		return secret.Stored{}, writeError(op, doing, f)
	}
	return after, nil
}

func (c *Client) tryEdit(ctx context.Context, op *operation, secretID string, value *secret.Value, comment string) (secret.Stored, *failure) {
	if !validID.MatchString(secretID) {
		return secret.Stored{}, unsent(errors.New("the id is not 32 hex digits"))
	}
	var text secret.Value
	if value != nil {
		text = *value
	}
	store, f := c.prepare(ctx, text, comment)
	if f != nil {
		return secret.Stored{}, f
	}
	env, f := c.retry(ctx, op, c.change(store, secretID, value, comment))
	if f != nil {
		return secret.Stored{}, f
	}
	return changed(op, env, secretID, comment)
}

// change returns the request that changes a secret. It has no name, although
// the SDK calls the name required: the store refuses it.
func (c *Client) change(store, secretID string, value *secret.Value, comment string) request {
	var p secrets_store.StoreSecretEditParams
	p.AccountID.Value, p.AccountID.Present = c.options.Account, true
	if value != nil {
		p.Value.Value, p.Value.Present = value.Reveal(), true
	}
	return func(ctx context.Context, opts ...option.RequestOption) error {
		_, err := c.api.Stores.Secrets.Edit(ctx, store, secretID, p, append(opts, option.WithJSONSet("comment", comment))...)
		return err
	}
}

// changed reads the answer to a change: the secret.
func changed(op *operation, env envelope, secretID, comment string) (secret.Stored, *failure) {
	var i item
	switch err := json.Unmarshal(env.Result, &i); {
	case err != nil:
		return secret.Stored{}, unclear(op, errUnreadable)
	case i.ID != secretID:
		return secret.Stored{}, unclear(op, fmt.Errorf("the answer is about another secret, with id %q", i.ID))
	}
	return confirmed(op, i, comment)
}
