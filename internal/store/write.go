package store

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/cloudflare/cloudflare-go/v4/option"
	"github.com/cloudflare/cloudflare-go/v4/secrets_store"

	"github.com/layeron/rotate/internal/secret"
)

// scope lets Workers read a secret.
const scope = "workers"

// Create makes a secret, value and comment in one request. A failure is a
// *secret.WriteError.
//
// No attempt is sent that may not be answered before the given instant of the
// client's clock; the zero time sets no deadline. A context that ends stops the
// waiting, but not a request under way.
//
// An attempt without an answer is settled by reading the list, not by creating
// again: a secret of this name with this comment is the one that was to be
// made, so the comment has to be one that nobody else writes. One with another
// comment leaves the effect unknown.
func (c *Client) Create(ctx context.Context, name string, value secret.Value, comment string, before time.Time) (secret.Stored, error) {
	doing := fmt.Sprintf("create secret %q", name)
	if err := secret.CheckStoreName(name); err != nil {
		return secret.Stored{}, writeError(doing, &failure{effect: secret.EffectRefused, err: err})
	}
	request, f := c.prepare(ctx, value, comment, func(store string) send { return c.post(store, name, value, comment) })
	if f != nil {
		return secret.Stored{}, writeError(doing, f)
	}
	op := c.writing(before)
	for {
		made, f := c.tryCreate(ctx, op, request, name, comment)
		if f == nil {
			return made, nil
		}
		if stop := c.again(ctx, op, f); stop != nil {
			return secret.Stored{}, writeError(doing, op.conclude(stop))
		}
	}
}

// tryCreate makes one attempt, and settles it when its answer was lost, or
// that of one before.
func (c *Client) tryCreate(ctx context.Context, op *operation, request send, name, comment string) (secret.Stored, *failure) {
	env, f := c.attempt(ctx, op, request)
	if f == nil {
		return created(op, env, name, comment)
	}
	if !op.uncertain || !f.again && f.code != nameTaken {
		return secret.Stored{}, f
	}
	found, there, err := c.find(ctx, name)
	switch {
	case err != nil:
		return secret.Stored{}, unclear(op, fmt.Errorf("%w; whether it was made is not known: %w", f.err, err))
	case there && found.Comment == comment:
		return found, nil
	case there:
		return secret.Stored{}, unclear(op, fmt.Errorf("%w; a secret of that name exists now, with another comment", f.err))
	}
	f.again = true // absent: it was not made, or the name is not free yet
	return secret.Stored{}, f
}

// Change sets the value and the comment of a secret in one request. Deadline,
// context and failures are as for Create. A change whose answer was lost is
// sent again, since doing it twice is doing it once.
func (c *Client) Change(ctx context.Context, secretID string, value secret.Value, comment string, before time.Time) (secret.Stored, error) {
	return c.edit(ctx, fmt.Sprintf("change secret %q", secretID), secretID, &value, comment, before)
}

// Annotate sets the comment of a secret and leaves its value. Deadline, context
// and failures are as for Change.
func (c *Client) Annotate(ctx context.Context, secretID, comment string, before time.Time) (secret.Stored, error) {
	return c.edit(ctx, fmt.Sprintf("change the comment of secret %q", secretID), secretID, nil, comment, before)
}

// edit changes the comment, and the value if there is one.
func (c *Client) edit(ctx context.Context, doing, secretID string, value *secret.Value, comment string, before time.Time) (secret.Stored, error) {
	if !validID.MatchString(secretID) {
		return secret.Stored{}, writeError(doing, unsent(errors.New("the id is not 32 hex digits")))
	}
	var text secret.Value
	if value != nil {
		text = *value
	}
	request, f := c.prepare(ctx, text, comment, func(store string) send { return c.patch(store, secretID, value, comment) })
	if f != nil {
		return secret.Stored{}, writeError(doing, f)
	}
	op := c.writing(before)
	env, f := c.persist(ctx, op, request)
	if f != nil {
		return secret.Stored{}, writeError(doing, op.conclude(f))
	}
	changed, f := changed(op, env, secretID, comment)
	if f != nil {
		return secret.Stored{}, writeError(doing, op.conclude(f))
	}
	return changed, nil
}

// prepare checks what JSON would alter in silence, and finds the store.
func (c *Client) prepare(ctx context.Context, value secret.Value, comment string, request func(store string) send) (send, *failure) {
	if !utf8.ValidString(value.Reveal()) || !utf8.ValidString(comment) {
		return nil, &failure{effect: secret.EffectRefused, err: errors.New("value or comment is not valid UTF-8, which the store requires")}
	}
	store, err := c.StoreID(ctx)
	if err != nil {
		return nil, unsent(err)
	}
	return request(store), nil
}

// post is a creation. The SDK has no field for the comment.
func (c *Client) post(store, name string, value secret.Value, comment string) send {
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

// patch is a change. The name, which the SDK says is required, is left out: the
// store refuses it.
func (c *Client) patch(store, secretID string, value *secret.Value, comment string) send {
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
