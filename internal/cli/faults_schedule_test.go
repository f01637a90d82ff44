package cli_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/layeron/rotate/internal/emulator"
	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/keyring"
	"github.com/layeron/rotate/internal/secret"
)

const (
	sessionKey = "lo_a494b5a896c5b7b352b5ffef"
	sessions   = "src/secrets/sessions.ts"
)

// planned holds fields of an entry of a plan.
type planned struct {
	ID, Action, Status, Current string
	DueAt, NextDueAt            string
}

// plan runs a check and returns the entries by id.
func (r *remote) plan() map[string]planned {
	r.t.Helper()
	var document struct{ Entries []planned }
	if err := json.Unmarshal([]byte(r.must("secret", "rotate", "--env", "production", "--json")), &document); err != nil {
		r.t.Fatal(err)
	}
	out := map[string]planned{}
	for _, e := range document.Entries {
		out[e.ID] = e
	}
	return out
}

// day sets the clock to 03:00 on a day of 2026.
func (r *remote) day(month time.Month, day int) {
	r.clock.Set(time.Date(2026, month, day, 3, 0, 0, 0, time.UTC))
}

// ring reads a stored value as a Worker does.
func (r *remote) ring(storeName string) fake.Reader {
	return fake.NewReader(secret.NewValue(r.values()[storeName].Value), keyring.Base64URL)
}

func receiptVersion(t *testing.T, s emulator.Secret) string {
	t.Helper()
	receipt, ok := journal.ParseReceipt(s.Comment)
	if !ok {
		t.Errorf("%s has no receipt", s.Name)
	}
	return receipt.Version.String()
}

// After 90 days without a run, each due secret rotates once and keeps its
// schedule, and the version that was current for those 90 days is still
// readable.
func TestFault22_NoRunFor90Days(t *testing.T) {
	r := newRemote(t)
	r.must(apply...)
	r.day(time.June, 1)
	r.must(apply...)
	before := r.ring(sessionKey)
	r.day(time.August, 25)
	out := r.must(apply...)
	if !strings.Contains(out, "4 rotated") {
		t.Errorf("after the outage:\n%s", out)
	}
	for id, want := range map[string]planned{
		"auth/session-key":       {Current: "v3", NextDueAt: "2026-09-29T00:00"}, // 30 August comes too soon
		"billing/webhook-secret": {Current: "v2", NextDueAt: "2026-10-13T02:00"},
		"billing/link-key":       {Current: "v3", NextDueAt: "2026-08-30T03:01"},
		"storage/encryption-key": {Current: "v2", NextDueAt: "2026-11-06T03:01"},
	} {
		if got := r.plan()[id]; got.Current != want.Current || !strings.HasPrefix(got.NextDueAt, want.NextDueAt) || got.Action != "none" {
			t.Errorf("%s: %+v, want %s, then nothing until %s", id, got, want.Current, want.NextDueAt)
		}
	}
	now := secret.At(r.clock.Now())
	if v, err := r.ring(sessionKey).Version("v2", now); err != nil || !v.Value.Equal(before.CurrentVersion().Value) {
		t.Errorf("v2, which was current until the last run: %v", err)
	}
	if _, err := r.ring(sessionKey).Version("v1", now); err != fake.ErrNoLongerRetained {
		t.Errorf("v1, which expired during the outage: %v", err)
	}
}

// When the schedule of a secret changes, the plan shows the new due dates
// before anything is written, and an apply keeps them. v2 took the slot of 1
// June.
func TestFault25_TheScheduleChanges(t *testing.T) {
	const every, start = "everyDays: 30", `startAt: "2026-06-01T00:00:00.000Z",`
	for _, c := range []struct {
		name      string
		old, by   string
		month     time.Month
		day       int
		due, next string
	}{
		{"shortened", every, "everyDays: 7", time.June, 9, "2026-06-08T00:00", "2026-06-15T00:00"},
		{"lengthened", every, "everyDays: 45", time.July, 2, "", "2026-07-16T00:00"},
		{"moved", start, `startAt: "2026-06-20T00:00:00Z",`, time.June, 21, "2026-06-20T00:00", "2026-07-20T00:00"},
		{"moved into the future", start, `startAt: "2026-09-01T00:00:00Z",`, time.July, 2, "", "2026-09-01T00:00"},
		{"long past", start, `startAt: "2020-01-01T00:00:00Z",`, time.July, 2, "2026-06-28T00:00", "2026-07-28T00:00"},
		{"removed: from v1's switch", start, "", time.June, 10, "2026-06-09T03:01", "2026-07-09T03:01"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRemote(t)
			r.must(apply...)
			r.day(time.June, 1)
			r.must(apply...)
			r.edit(sessions, c.old, c.by)
			r.day(c.month, c.day)
			got := r.plan()["auth/session-key"]
			if got.Current != "v2" || !strings.HasPrefix(got.DueAt, c.due) || (got.DueAt == "") != (c.due == "") || !strings.HasPrefix(got.NextDueAt, c.next) {
				t.Errorf("%+v, want due %q, then %s", got, c.due, c.next)
			}
			r.must(apply...)
			version, rotates := receiptVersion(t, r.values()[sessionKey]), c.due != ""
			if rotated := version == "v3"; rotated != rotates {
				t.Errorf("at %s after an apply", version)
			}
			if after := r.plan()["auth/session-key"]; after.NextDueAt != got.NextDueAt || after.Action != "none" {
				t.Errorf("after an apply %+v, but the plan before it said %s", after, got.NextDueAt)
			}
		})
	}
}

// A secret whose Workers read a plain value does not become versioned until
// --allow-destructive is given, even when a rotation is due.
func TestFault41_TheStoredFormChanges(t *testing.T) {
	const linkKey = "lo_7a7c4f1939386641deedbe85"
	r := newRemote(t)
	r.must(apply...)
	r.edit("src/secrets/billing.ts", `retain: { mode: "none" }`, `retain: { mode: "retain_for", days: 3 }`)
	r.day(time.June, 1)
	before := r.values()[linkKey]
	out, _, code := r.run(apply...)
	if code != 1 || !strings.Contains(out, "--allow-destructive") || r.values()[linkKey] != before {
		t.Errorf("exit code %d, changed: %v\n%s", code, r.values()[linkKey] != before, out)
	}
	r.must(append(apply, "--allow-destructive")...)
	ring := r.ring(linkKey)
	if !ring.Versioned || ring.Current != "v2" {
		t.Fatalf("allowed: %+v", ring)
	}
	if v, err := ring.Version("v1", secret.At(r.clock.Now())); err != nil || v.Value.Reveal() != before.Value {
		t.Errorf("v1 is not the plain value from before: %v", err)
	}
}

// After a version in the middle is revoked, At never returns another version
// for the time when it was current.
func TestFault41_AVersionIsRevoked(t *testing.T) {
	r := newRemote(t)
	r.must(apply...)
	r.day(time.June, 1)
	r.must(apply...)
	r.day(time.June, 5)
	r.must(append(apply, "--force", "--only", "auth/session-key", "--reason", "leaked")...)
	before := r.ring(sessionKey)
	r.must("secret", "revoke", "auth/session-key", "v2", "--env", "production", "--reason", "leaked", "--yes")
	after, now := r.ring(sessionKey), secret.At(r.clock.Now())
	for day, want := range map[int]string{-12: "v1", 3: "", 6: "v3"} { // of June
		instant := secret.At(time.Date(2026, 6, day, 12, 0, 0, 0, time.UTC))
		was, err := before.At(instant, now)
		if err != nil {
			t.Fatal(err)
		}
		got, err := after.At(instant, now)
		if want == "" && err != fake.ErrNoLongerRetained || want != "" && (err != nil || got.ID != want || !got.Value.Equal(was.Value)) {
			t.Errorf("on %s: %s, %v; want %q", instant, got.ID, err, want)
		}
	}
}
