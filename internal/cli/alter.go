package cli

import (
	"bufio"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/run"
	"github.com/layeron/rotate/internal/secret"
	"github.com/spf13/cobra"
)

// reasonFlag adds --reason, which the journal records.
func reasonFlag(cmd *cobra.Command, reason *string) {
	cmd.Flags().StringVar(reason, "reason", "", "why; recorded in the journal (required)")
}

func checkReason(reason string) error {
	if strings.TrimSpace(reason) == "" {
		return run.Usage("--reason is missing: the journal records it")
	}
	return nil
}

// ask asks for confirmation on the terminal. It fails without a terminal, and
// unless the answer is yes.
func (a App) ask(ctx context.Context, question string) error {
	if !a.StdinTerminal {
		return run.Usage("cannot ask for confirmation: stdin is not a terminal\nadd --yes")
	}
	fmt.Fprintf(a.Stderr, "%s [y/N] ", question)
	said, err := answer(ctx, func() (string, error) {
		line, _ := bufio.NewReader(a.Stdin).ReadString('\n')
		return line, nil
	}, func() {})
	if err != nil {
		return err
	}
	if said = strings.ToLower(strings.TrimSpace(said)); said != "y" && said != "yes" {
		return run.Fail("declined", "nothing was changed")
	}
	return nil
}

// alter carries out an alteration of one declared secret, and prints what it
// did.
func (a App) alter(ctx context.Context, t *run.Target, id secret.ID, alteration plan.Alteration, reason string) error {
	doc, err := a.Compile(ctx, &t.Project)
	a.diagnose(doc.Diagnostics)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(doc.Secrets, func(d secret.Declaration) bool { return d.ID == id })
	if i < 0 {
		return run.Usage("secret %q is not declared%s", id, run.Suggest(id, run.IDs(doc)))
	}
	s, err := a.Session(t, doc, plan.Request{Reason: reason})
	if err != nil {
		return err
	}
	if err := s.Lock(ctx); err != nil {
		return err
	}
	defer s.Journal.Unlock()
	result, err := s.Runner.Alter(ctx, doc.Secrets[i], alteration)
	if failed := result.Outcomes[id]; failed.Result == rotate.Failed {
		return run.Fail("write_failed", "%q: %s", id, failed.Error)
	}
	if err != nil {
		return err
	}
	return a.altered(result.Plan.Entries[0], alteration)
}

// altered prints what was done.
func (a App) altered(e plan.Entry, alteration plan.Alteration) error {
	current := e.Current
	if e.Next != 0 {
		current = e.Next
	}
	words := map[plan.AlterationKind]string{
		plan.Set: "set", plan.Adopt: "adopted", plan.Discard: "replaced", plan.Claim: "claimed",
		plan.Rewrite: "written again", plan.Restamp: "receipt restored",
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
