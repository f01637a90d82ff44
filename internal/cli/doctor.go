package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/report"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
)

// finding is one line of the doctor's checklist.
type finding struct {
	Check  string  `json:"check"`
	State  string  `json:"state"` // ok, failed or skipped
	Detail string  `json:"detail"`
	Advice *string `json:"advice"`
}

const (
	ok      = "ok"
	failing = "failed"
	skipped = "skipped"
)

type doctorJSON struct {
	Schema      int        `json:"schema"`
	Environment *string    `json:"environment"`
	Findings    []finding  `json:"findings"`
	Error       *errorJSON `json:"error"`
}

func (a App) doctorCommand() *cobra.Command {
	var t target
	cmd := &cobra.Command{
		Use:   "doctor --env ENVIRONMENT",
		Short: "Check token, store, quota, root key, journal and clock",
		Long: `Check all that an apply needs: the journal, the root key and whether it fits, the
API token and what it may do, the store, its quota, and the clock. Nothing is
changed. Exit code 1 when a check fails.`,
		Example: `  layer doctor --env production`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := t.check(); err != nil {
				return err
			}
			findings, err := a.examine(cmd.Context(), &t)
			if err != nil {
				return err
			}
			return a.showFindings(&t, findings)
		},
	}
	t.flags(cmd)
	cmd.Flags().BoolVar(&t.json, "json", false, "print the checklist as JSON")
	return cmd
}

// examine makes the checks. Later ones do what they can when an earlier one
// failed.
func (a App) examine(ctx context.Context, t *target) ([]finding, error) {
	h, badKey := a.home(&t.project, t.local)
	if h.file == nil {
		return nil, badKey
	}
	c, err := a.clock("")
	if err != nil {
		return nil, err
	}
	opened, err := a.openStore(t, c)
	if err != nil {
		return nil, err
	}
	now, err := h.file.Read(ctx)
	j := now.Journal
	key := a.examineKey(h, j)
	if badKey != nil {
		key = withAdvice("root key", badKey)
	}
	findings := []finding{examineJournal(h, j, c, err), key}
	return append(findings, examineStore(ctx, opened, t.local)...), nil
}

func examineJournal(h home, j *journal.Journal, c clock, err error) finding {
	switch {
	case err != nil:
		return bad("journal", err.Error(), "restore it from git history")
	case j == nil:
		return finding{Check: "journal", State: ok, Detail: "none yet; the first apply makes " + h.file.Path()}
	case j.Newest(nil).After(secret.At(c.Now())):
		return bad("journal", "it tells of "+j.Newest(nil).Text()+", which is still to come", "set this machine's clock; with --local, add --at, or remove .layeron/local")
	case j.Place != journal.PlaceFile:
		return finding{Check: "journal", State: ok, Detail: fmt.Sprintf("%s in a journal whose place is %s, where the Action applies", secret.Count(len(j.Entries), "secret"), j.Place)}
	}
	return finding{Check: "journal", State: ok, Detail: secret.Count(len(j.Entries), "secret") + " in " + h.file.Path()}
}

func (a App) examineKey(h home, j *journal.Journal) finding {
	const check = "root key"
	if h.ring.Empty() {
		if h.local {
			return finding{Check: check, State: skipped, Detail: "the first local apply makes one"}
		}
		return bad(check, envRootKey+" is not set", "make one with `layer root generate`, and keep it safe")
	}
	print := "fingerprint " + string(h.ring.First().Fingerprint())
	if j == nil {
		return finding{Check: check, State: ok, Detail: print}
	}
	if n := len(j.Tampered(h.ring)); n > 0 {
		return bad(check, fmt.Sprintf("%s, and %d of %s were not made with it", print, n, secret.Count(len(j.Entries), "entry")),
			"give the root key they were made with, on a line after the new one")
	}
	return finding{Check: check, State: ok, Detail: print + ", made every entry of the journal"}
}

// examineStore asks the store as an apply would.
func examineStore(ctx context.Context, opened *rotate.OpenStore, local bool) []finding {
	if opened == nil {
		return []finding{bad("store", envToken+" and "+envAccount+" are not set", "set them; the token needs Account › Secrets Store › Edit")}
	}
	stored, err := opened.List(ctx)
	if err != nil {
		return []finding{withAdvice("store", err)}
	}
	findings := []finding{{Check: "store", State: ok, Detail: secret.Count(len(stored), "secret")}}
	if local {
		return findings
	}
	return append(findings, examineToken(ctx, opened.Account), examineQuota(ctx, opened.Account), examineClock(opened))
}

func examineToken(ctx context.Context, account rotate.Account) finding {
	if err := account.CheckWrite(ctx); err != nil {
		return withAdvice("token", err)
	}
	return finding{Check: "token", State: ok, Detail: "may write"}
}

func examineQuota(ctx context.Context, account rotate.Account) finding {
	quota, usage, err := account.Quota(ctx)
	if err != nil {
		return withAdvice("quota", err)
	}
	detail := fmt.Sprintf("%d of %d secrets used", usage, quota)
	if usage >= quota {
		return bad("quota", detail, "delete secrets that are no longer used, or ask Cloudflare for more")
	}
	return finding{Check: "quota", State: ok, Detail: detail}
}

func examineClock(store rotate.Store) finding {
	server, here, known := store.ServerTime()
	if !known {
		return finding{Check: "clock", State: skipped, Detail: "the store did not tell its time"}
	}
	skew := server.Sub(here.Truncate(time.Second)).Abs()
	if skew > rotate.MaxSkew {
		return bad("clock", fmt.Sprintf("%s from the store's", skew.Round(time.Second)), "set this machine's clock")
	}
	return finding{Check: "clock", State: ok, Detail: fmt.Sprintf("%s, within %s of the store's", secret.At(here).Text(), rotate.MaxSkew)}
}

func bad(check, detail, advice string) finding {
	return finding{Check: check, State: failing, Detail: detail, Advice: &advice}
}

// withAdvice takes an error's further lines as what to do.
func withAdvice(check string, err error) finding {
	detail, advice, _ := strings.Cut(err.Error(), "\n")
	return finding{Check: check, State: failing, Detail: detail, Advice: orNull(advice)}
}

func (a App) showFindings(t *target, findings []finding) error {
	failed := 0
	for _, f := range findings {
		if f.State == failing {
			failed++
		}
	}
	if err := a.printFindings(t, findings); err != nil {
		return err
	}
	if failed > 0 {
		return status(exitError)
	}
	return nil
}

func (a App) printFindings(t *target, findings []finding) error {
	if t.json {
		return report.Document(a.Stdout, doctorJSON{Schema: report.Schema, Environment: &t.env, Findings: findings})
	}
	rows := [][]string{{"CHECK", "STATE", "DETAIL"}}
	for _, f := range findings {
		rows = append(rows, []string{f.Check, f.State, f.Detail})
		if f.Advice != nil {
			rows = append(rows, []string{"", "", "to do: " + *f.Advice})
		}
	}
	var out strings.Builder
	report.Columns(&out, rows, a.style())
	_, err := io.WriteString(a.Stdout, out.String())
	return err
}
