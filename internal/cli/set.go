package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/run"
	"github.com/layeron/rotate/internal/secret"
)

func (a App) setCommand() *cobra.Command {
	var t run.Target
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
	writeFlags(cmd, &t)
	cmd.Flags().Lookup("env").Usage = "environment, needed for the id of a declared secret"
	v.flags(cmd, true)
	return cmd
}

func (a App) set(ctx context.Context, t *run.Target, name string, value secret.Value) error {
	if strings.Contains(name, "/") {
		if err := t.CheckWrite(); err != nil {
			return err
		}
		return a.alter(ctx, t, secret.ID(name), plan.Alteration{Kind: plan.Set, Value: value}, "set by an operator")
	}
	if err := secret.CheckStoreName(name); err != nil {
		return run.Usage("%w", err)
	}
	if t.Environment != "" {
		if err := t.CheckWrite(); err != nil {
			return err
		}
		doc, err := a.Compile(ctx, &t.Project)
		if err != nil {
			a.diagnose(doc.Diagnostics)
			return err
		}
		for _, d := range doc.Secrets {
			if d.StoreName == name && !d.ProductOwned() {
				return a.alter(ctx, t, d.ID, plan.Alteration{Kind: plan.Set, Value: value}, "set by an operator")
			}
			if d.ID.Name() == name {
				return run.Usage("%q is not a store name of this project\ndid you mean %s? to write a secret named %s in the store, leave out --env", name, d.ID, name)
			}
		}
	}
	return a.setInStore(ctx, t, name, value)
}

// setInStore writes a secret that is not declared, by its name in the store. The
// comment stays.
func (a App) setInStore(ctx context.Context, t *run.Target, name string, value secret.Value) error {
	if t.Local {
		unlock, err := a.LockLocal(ctx, &t.Project)
		if err != nil {
			return err
		}
		defer unlock()
	}
	c, err := a.Clock(t.At)
	if err != nil {
		return err
	}
	opened, err := a.OpenStore(t, c)
	if err != nil {
		return err
	}
	if opened == nil {
		return a.NoCredentials()
	}
	stored, err := opened.List(ctx)
	if err != nil {
		return err
	}
	done := "changed"
	i := slices.IndexFunc(stored, func(s secret.Stored) bool { return s.Name == name })
	if i < 0 {
		done = "created"
		_, err = opened.Create(ctx, name, value, "", time.Time{})
	} else if receipt, ok := journal.ParseReceipt(stored[i].Comment); ok {
		return run.Fail("managed", "layer manages %s, now at %s: a value set by store name would be lost\nset it by id: `layer secret set NAMESPACE/NAME --env ENVIRONMENT`", name, receipt.Version)
	} else {
		_, err = opened.Change(ctx, stored[i], value, stored[i].Comment, time.Time{})
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.Stdout, "%s: %s\n", name, done)
	return err
}
