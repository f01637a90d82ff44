package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/journalfile"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
)

func (a App) setCommand() *cobra.Command {
	var t target
	var v valueSource
	cmd := &cobra.Command{
		Use:   "set NAME (--value-env VAR | --from-stdin | --value V)",
		Short: "Write a value from outside",
		Long: `Write a value to Secrets Store. NAME is a name in the store, or the id of a
declared secret (namespace/name), for which --env is needed too.

The value of a declared secret becomes its next version, and old versions stay
as its retention says. Where they do, the value is kept in the journal, sealed
with the root key: it then stays in git history. A value that is versioned JSON
already is taken over version by version.

Without a flag for the value, a terminal is asked and does not show it.`,
		Example: `  layer secret set SESSION_KEY --value-env SESSION_KEY
  op read op://vault/payments/key | layer secret set billing/payment-key --env production --from-stdin`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			value, err := a.read(cmd, &v)
			if err != nil {
				return err
			}
			return a.set(cmd.Context(), &t, args[0], value)
		},
	}
	t.writeFlags(cmd)
	cmd.Flags().Lookup("env").Usage = "environment, needed for the id of a declared secret"
	v.flags(cmd, true)
	return cmd
}

func (a App) set(ctx context.Context, t *target, name string, value secret.Value) error {
	if strings.Contains(name, "/") {
		if err := t.checkWrite(); err != nil {
			return err
		}
		return a.alter(ctx, t, secret.ID(name), plan.Alteration{Kind: plan.Set, Value: value}, "set by an operator")
	}
	if err := secret.CheckStoreName(name); err != nil {
		return usage("%w", err)
	}
	if t.env != "" {
		if err := t.checkWrite(); err != nil {
			return err
		}
		doc, err := a.compile(ctx, &t.project)
		if err != nil {
			a.diagnose(doc.Diagnostics)
			return err
		}
		for _, d := range doc.Secrets {
			if d.StoreName == name && !d.ProductOwned() {
				return a.alter(ctx, t, d.ID, plan.Alteration{Kind: plan.Set, Value: value}, "set by an operator")
			}
			if d.ID.Name() == name {
				return usage("%q is no name in the store that this project uses\ndid you mean %s? to write a secret of the name %s, leave out --env", name, d.ID, name)
			}
		}
	}
	return a.setInStore(ctx, t, name, value)
}

// setInStore writes a secret that no declaration stands for, by its name in the
// store. A person's comment stays.
func (a App) setInStore(ctx context.Context, t *target, name string, value secret.Value) error {
	if t.local {
		unlock, err := a.lockLocal(ctx, t)
		if err != nil {
			return err
		}
		defer unlock()
	}
	s, err := a.session(t, secret.Document{Environment: t.env}, plan.Request{})
	if err != nil {
		return err
	}
	if s.runner.Store == nil {
		return fail("credentials", "this writes to Secrets Store and needs %s and %s\nset them, or try it out with --local", envToken, envAccount)
	}
	stored, err := s.runner.Store.List(ctx)
	if err != nil {
		return err
	}
	done := "changed"
	i := slices.IndexFunc(stored, func(s secret.Stored) bool { return s.Name == name })
	if i < 0 {
		done = "created"
		_, err = s.runner.Store.Create(ctx, name, value, "", time.Time{})
	} else if receipt, ok := journal.ParseReceipt(stored[i].Comment); ok {
		return fail("managed", "%s is kept by layer, now at %s: a value put there by name would be lost\nset it by id: `layer secret set NAMESPACE/NAME --env ENVIRONMENT`", name, receipt.Version)
	} else {
		_, err = s.runner.Store.Change(ctx, stored[i].ID, value, stored[i].Comment, time.Time{})
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.Stdout, "%s: %s\n", name, done)
	return err
}

// lockLocal makes the embedded store's folder and holds the lock of its
// journals, for the store is one file.
func (a App) lockLocal(ctx context.Context, t *target) (unlock func(), err error) {
	root, err := t.open()
	if err != nil {
		return nil, err
	}
	if err := prepareLocal(root); err != nil {
		return nil, fmt.Errorf("prepare the local store: %w", err)
	}
	file := journalfile.Open(root, journalfile.Path(localFolder, "any"))
	return file.Unlock, file.Lock(ctx, clock{a.Now}.Sleep)
}

// alter carries out what was asked of one declared secret, and says what it
// did.
func (a App) alter(ctx context.Context, t *target, id secret.ID, alteration plan.Alteration, reason string) error {
	doc, err := a.compile(ctx, &t.project)
	a.diagnose(doc.Diagnostics)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(doc.Secrets, func(d secret.Declaration) bool { return d.ID == id })
	if i < 0 {
		return usage("no secret %q is declared%s", id, nearest(id, ids(doc)))
	}
	s, err := a.session(t, doc, plan.Request{Reason: reason})
	if err != nil {
		return err
	}
	if err := a.lock(ctx, t, s); err != nil {
		return err
	}
	defer s.home.file.Unlock()
	result, err := s.runner.Alter(ctx, doc.Secrets[i], alteration)
	if failed := result.Outcomes[id]; failed.Result == rotate.Failed {
		return fail("write_failed", "%q: %s", id, failed.Error)
	}
	if err != nil {
		return err
	}
	return a.altered(result.Plan.Entries[0], alteration)
}

// altered says what was done, and what the reader has to know of it.
func (a App) altered(e plan.Entry, alteration plan.Alteration) error {
	current := e.Current
	if e.Next != 0 {
		current = e.Next
	}
	words := map[plan.AlterationKind]string{
		plan.Set: "set", plan.Adopt: "adopted", plan.Discard: "replaced", plan.Claim: "claimed",
		plan.Rewrite: "written again", plan.Restamp: "its receipt is back",
	}
	text := fmt.Sprintf("%s: %s is current, %s", e.ID, current, words[alteration.Kind])
	if alteration.Kind == plan.Revoke {
		text = fmt.Sprintf("%s: %s is revoked, %s is current", e.ID, alteration.Version, current)
	}
	for _, v := range e.After {
		if v.ID == e.Current && v.State == "retained" {
			text += fmt.Sprintf(", %s stays readable", v.ID)
			if !v.ExpiresAt.IsZero() {
				text += " until " + v.ExpiresAt.Text()
			}
		}
	}
	if _, err := fmt.Fprintln(a.Stdout, text); err != nil {
		return err
	}
	if e.Seals {
		fmt.Fprintln(a.Stderr, "layer: the value is kept in the journal, sealed with the root key, and stays in git history once that is committed")
	}
	return nil
}
