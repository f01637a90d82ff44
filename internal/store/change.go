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

// Change sets the value and the comment of a secret in one request. was is the
// secret as it was read. Deadline, ctx and errors are as in Create.
//
// Before it sends the request again, for whatever reason, Change reads the
// secret. With this comment it is the one that an earlier attempt wrote, so the
// comment must be unique to this write. Unchanged since it was read, the request
// is sent again. After any other change it is not: it would put an older value
// over a newer one.
func (c *Client) Change(ctx context.Context, was secret.Stored, value secret.Value, comment string, before time.Time) (secret.Stored, error) {
	return c.edit(ctx, fmt.Sprintf("change secret %q", was.Name), was, &value, comment, before)
}

// Annotate sets the comment of a secret and leaves its value, as Change does.
func (c *Client) Annotate(ctx context.Context, was secret.Stored, comment string, before time.Time) (secret.Stored, error) {
	return c.edit(ctx, fmt.Sprintf("change the comment of secret %q", was.Name), was, nil, comment, before)
}

// edit changes the comment, and the value unless it is nil.
func (c *Client) edit(ctx context.Context, doing string, was secret.Stored, value *secret.Value, comment string, before time.Time) (secret.Stored, error) {
	op := c.writing(before)
	store, f := c.prepareEdit(ctx, was.ID, value, comment)
	if f != nil {
		return secret.Stored{}, writeError(op, doing, f)
	}
	send := c.change(store, was.ID, value, comment)
	for {
		env, f := c.attempt(ctx, op, send)
		if f == nil {
			after, f := changed(op, env, was.ID, comment)
			if f != nil {
				return secret.Stored{}, writeError(op, doing, f)
			}
			return after, nil
		}
		if stop := op.next(ctx, f); stop != nil {
			return secret.Stored{}, writeError(op, doing, stop)
		}
		now, err := c.reread(ctx, store, was.ID, before)
		switch {
		case err != nil:
			f.err = fmt.Errorf("%w; not sent again, because the secret cannot be read: %w", f.err, err)
			return secret.Stored{}, writeError(op, doing, f)
		case now.Comment == comment && comment != was.Comment:
			return now, nil
		case now.Comment != was.Comment || !now.Modified.Equal(was.Modified):
			f.err = fmt.Errorf("%w; not sent again, because the secret has changed since", f.err)
			return secret.Stored{}, writeError(op, doing, f)
		}
	}
}

// reread reads the metadata of one secret.
func (c *Client) reread(ctx context.Context, store, secretID string, before time.Time) (secret.Stored, error) {
	var p secrets_store.StoreSecretGetParams
	p.AccountID.Value, p.AccountID.Present = c.options.Account, true
	env, f := c.retry(ctx, &operation{Call: c.options.Retry.Start(before)}, func(ctx context.Context, opts ...option.RequestOption) error {
		_, err := c.api.Stores.Secrets.Get(ctx, store, secretID, p, opts...)
		return err
	})
	if f != nil {
		return secret.Stored{}, f.err
	}
	var i item
	if err := json.Unmarshal(env.Result, &i); err != nil || i.ID != secretID || i.Comment == nil {
		return secret.Stored{}, errUnreadable
	}
	return i.stored(), nil
}

func (c *Client) prepareEdit(ctx context.Context, secretID string, value *secret.Value, comment string) (store string, f *failure) {
	if !validID.MatchString(secretID) {
		return "", unsent(errors.New("the id is not 32 hex digits"))
	}
	var text secret.Value
	if value != nil {
		text = *value
	}
	return c.prepare(ctx, text, comment)
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
