package report

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
)

// Schema is the version of the plan's JSON format. A version may add fields,
// but never renames one.
const Schema = 1

// planJSON is a plan in JSON (docs/design/formats.md, "Plan
// document"). A missing value is null.
type planJSON struct {
	Schema      int                 `json:"schema"`
	Environment *string             `json:"environment"`
	Project     *string             `json:"project"`
	GeneratedAt secret.Instant      `json:"generatedAt"`
	Store       *string             `json:"store"`
	Summary     summaryJSON         `json:"summary"`
	Entries     []entryJSON         `json:"entries"`
	Diagnostics []secret.Diagnostic `json:"diagnostics"`
	Error       *errorJSON          `json:"error"`
}

type summaryJSON struct {
	Create   int `json:"create"`
	Rotate   int `json:"rotate"`
	Prune    int `json:"prune"`
	Extend   int `json:"extend"`
	Recover  int `json:"recover"`
	None     int `json:"none"`
	Blocked  int `json:"blocked"`
	Orphaned int `json:"orphaned"`
}

type entryJSON struct {
	ID         secret.ID        `json:"id"`
	Kind       *secret.Kind     `json:"kind"`
	StoreName  string           `json:"storeName"`
	Action     plan.Action      `json:"action"`
	Status     plan.Status      `json:"status"`
	Reason     string           `json:"reason"`
	Advice     *string          `json:"advice"`
	Current    secret.Version   `json:"current"`
	Next       secret.Version   `json:"next"`
	DueAt      secret.Instant   `json:"dueAt"`
	NextDueAt  secret.Instant   `json:"nextDueAt"`
	Retain     secret.Retention `json:"retain"`
	Versions   []VersionJSON    `json:"versions"`
	ValueBytes *int             `json:"valueBytes"`
	Source     *secret.Position `json:"source"`
	Result     *string          `json:"result"`
	Error      *string          `json:"error"`
}

// VersionJSON is a version in JSON.
type VersionJSON struct {
	ID         secret.Version `json:"id"`
	State      string         `json:"state"`
	ActiveFrom secret.Instant `json:"activeFrom"`
	ExpiresAt  secret.Instant `json:"expiresAt"`
}

type errorJSON struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// JSON writes a plan or a result as one document. If a failure left no plan, it
// has no entries.
func JSON(w io.Writer, result rotate.Result, failure *Failure) error {
	p := result.Plan
	out := planJSON{
		Schema: Schema, Environment: orNull(p.Environment), Project: orNull(p.Project), GeneratedAt: p.GeneratedAt, Store: orNull(p.Store),
		Summary: summaryJSON{
			p.Count(plan.Create), p.Count(plan.Rotate), p.Count(plan.Prune), p.Count(plan.Extend),
			p.Count(plan.Recover), p.Count(plan.None), p.Count(plan.Blocked), p.Count(plan.Orphaned),
		},
		Entries: []entryJSON{}, Diagnostics: append([]secret.Diagnostic{}, p.Diagnostics...),
	}
	for i, e := range p.Entries {
		o, _ := outcome(result, i)
		out.Entries = append(out.Entries, entry(e, o))
	}
	if failure != nil {
		out.Error = &errorJSON{failure.Code, failure.Message}
	}
	return Document(w, out)
}

func entry(e plan.Entry, o rotate.Outcome) entryJSON {
	return entryJSON{
		ID: e.ID, Kind: orNull(e.Kind), StoreName: e.StoreName, Action: e.Action, Status: e.Status, Reason: e.Reason, Advice: orNull(e.Advice),
		Current: e.Current, Next: e.Next, DueAt: e.DueAt, NextDueAt: e.NextDueAt, Retain: e.Retain, Versions: Versions(e.Versions),
		ValueBytes: orNull(e.Bytes), Source: orNull(e.Source), Result: orNull(o.Result), Error: orNull(o.Error),
	}
}

// Versions returns versions in their JSON form.
func Versions(versions []plan.Version) []VersionJSON {
	out := []VersionJSON{}
	for _, v := range versions {
		out = append(out, VersionJSON(v))
	}
	return out
}

// Document writes a JSON document, indented and without HTML escaping, and a
// line break after it.
func Document(w io.Writer, document any) error {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(document); err != nil {
		return err
	}
	_, err := w.Write(out.Bytes())
	return err
}

func orNull[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
