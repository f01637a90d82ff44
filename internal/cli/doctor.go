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
	"github.com/layeron/rotate/internal/run"
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

// doctorFailure writes a document without findings.
func doctorFailure(w io.Writer, f *report.Failure) error {
	return report.Document(w, doctorJSON{Schema: report.Schema, Findings: []finding{}, Error: &errorJSON{f.Code, f.Message}})
}

func (a App) doctorCommand() *cobra.Command {
	var t run.Target
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor --env ENVIRONMENT",
		Short: "Check token, store, quota, root key, journal and clock",
		Long: `Check all that an apply needs: the journal, the root key and whether it fits, the
API token and what it may do, the store, its quota, and the clock. Nothing is
changed. Exit code 1 when a check fails.`,
		Example: `  layer doctor --env production`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := t.Check(); err != nil {
				return err
			}
			findings, err := a.examine(cmd.Context(), &t)
			if err != nil {
				return err
			}
			return a.showFindings(t.Environment, findings, asJSON)
		},
	}
	targetFlags(cmd, &t)
	a.jsonFlag(cmd, &asJSON, "print the checklist as JSON", doctorFailure)
	return cmd
}

// examine makes the checks. A failed check does not end the later ones.
func (a App) examine(ctx context.Context, t *run.Target) ([]finding, error) {
	file, badKey := a.OpenJournal(&t.Project, t.Local)
	if file == nil {
		return nil, badKey
	}
	c, err := a.Clock("")
	if err != nil {
		return nil, err
	}
	opened, err := a.OpenStore(t, c)
	if err != nil {
		return nil, err
	}
	now, err := file.Read(ctx)
	key := examineKey(file, now.Journal)
	if badKey != nil {
		key = withAdvice("root key", badKey)
	}
	findings := []finding{examineJournal(file, now.Journal, c, err), key}
	return append(findings, examineStore(ctx, opened, t.Local)...), nil
}

func examineJournal(file *run.JournalFile, j *journal.Journal, c run.Clock, err error) finding {
	switch {
	case err != nil:
		return bad("journal", err.Error(), "restore it from git history")
	case j == nil:
		return finding{Check: "journal", State: ok, Detail: "none yet; the first apply creates " + file.Path()}
	case j.Newest(nil).After(secret.At(c.Now())):
		return bad("journal", "it has entries dated "+j.Newest(nil).Text()+", which is in the future", "set this machine's clock; with --local, add --at, or remove .layeron/local")
	case j.Place != journal.PlaceFile:
		return finding{Check: "journal", State: ok, Detail: fmt.Sprintf("%s in a journal whose place is %s, where the Action applies", secret.Count(len(j.Entries), "secret"), j.Place)}
	}
	return finding{Check: "journal", State: ok, Detail: secret.Count(len(j.Entries), "secret") + " in " + file.Path()}
}

func examineKey(file *run.JournalFile, j *journal.Journal) finding {
	const check = "root key"
	if file.Ring.Empty() {
		if file.Local {
			return finding{Check: check, State: skipped, Detail: "the first local apply creates one"}
		}
		return bad(check, run.EnvRootKey+" is not set", "make one with `layer root generate`, and keep it safe")
	}
	print := "fingerprint " + string(file.Ring.First().Fingerprint())
	if j == nil {
		return finding{Check: check, State: ok, Detail: print}
	}
	if n := len(j.Tampered(file.Ring)); n > 0 {
		return bad(check, fmt.Sprintf("%s, and %d of %s are not signed with it", print, n, secret.Count(len(j.Entries), "entry")),
			"add the root key that signed them, on a line after the new one")
	}
	return finding{Check: check, State: ok, Detail: print + ", signed every entry of the journal"}
}

// examineStore asks the store what an apply asks.
func examineStore(ctx context.Context, opened *rotate.OpenStore, local bool) []finding {
	if opened == nil {
		return []finding{bad("store", run.EnvToken+" and "+run.EnvAccount+" are not set", "set them; the token needs Account › Secrets Store › Edit")}
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
		return finding{Check: "clock", State: skipped, Detail: "the store's answer has no date"}
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

// withAdvice is a failed check; the further lines of its error are the advice.
func withAdvice(check string, err error) finding {
	detail, advice, _ := strings.Cut(err.Error(), "\n")
	return finding{Check: check, State: failing, Detail: detail, Advice: orNull(advice)}
}

func (a App) showFindings(environment string, findings []finding, asJSON bool) error {
	failed := 0
	for _, f := range findings {
		if f.State == failing {
			failed++
		}
	}
	if err := a.printFindings(environment, findings, asJSON); err != nil {
		return err
	}
	if failed > 0 {
		return status(exitError)
	}
	return nil
}

func (a App) printFindings(environment string, findings []finding, asJSON bool) error {
	if asJSON {
		return report.Document(a.Stdout, doctorJSON{Schema: report.Schema, Environment: &environment, Findings: findings})
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
