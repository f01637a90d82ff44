package journal_test

import (
	"testing"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/secret"
)

func instant(t testing.TB, s string) secret.Instant {
	t.Helper()
	i, err := secret.ParseInstant(s)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// sample returns a signed journal that holds every field there is: a secret with
// an open intent, one with a sealed value and a refused write, one never written
// and one displaced by a rename.
func sample(t testing.TB) journal.Journal {
	t.Helper()
	j := journal.New("production", "billing", journal.Owner{Host: "github.com", RepositoryID: 7_000_001, ProjectPath: "apps/billing"}, journal.PlaceGitHub)
	j.FormerOwners = []journal.Owner{{File: "AAECAwQFBgcICQoLDA0ODw"}}
	j.Entries = map[secret.ID]*journal.Entry{
		"auth/session-key": open(t), "auth/Session": sealed(t), "web/new": fresh(t),
	}
	j, _ = j.Put("auth/session-key", open(t))
	j.Entries[journal.Displaced("auth/session-key", "lo_before")] = displaced(t)
	var ids []secret.ID
	for id := range j.Entries {
		ids = append(ids, id)
	}
	signed, err := j.Sign(fake.RootKeys(t, 'a').First(), ids...)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// open returns an entry with versions v2, v9 and v10, and v11 announced.
func open(t testing.TB) *journal.Entry {
	key := fake.RootKeys(t, 'a').First().Fingerprint()
	v := func(n secret.Version, from string) journal.Version {
		return journal.Version{Number: n, ActiveFrom: instant(t, from), Origin: journal.Derived, Bytes: 32, RootKey: key}
	}
	v2, v10 := v(2, "2026-05-02T03:00:00Z"), v(10, "2026-07-01T03:00:00.250Z")
	v2.SupersededAt, v2.ExpiresAt = instant(t, "2026-06-01T03:00:00Z"), instant(t, "2027-06-01T03:00:00Z")
	state := journal.State{
		Serial: 12, StoreName: "lo_a494b5a896c5b7b352b5ffef", Lineage: rootkey.NewLineage([16]byte{0xa0, 0xa1}),
		Anchor: instant(t, "2026-01-01T00:00:00Z"), SlotTaken: instant(t, "2026-07-01T00:00:00Z"),
		LastScheduledSwitch: instant(t, "2026-07-01T03:00:00.250Z"), Current: 10, LastVersion: 10,
		Policy:   &secret.Rotation{EveryDays: 30, StartAt: instant(t, "2026-06-01T00:00:00Z"), Retain: secret.Retention{Mode: secret.RetainFor, Days: 14}},
		Versions: journal.Versions{v2, {Number: 9, ActiveFrom: instant(t, "2026-06-01T03:00:00Z"), Gone: true}, v10},
	}
	next := state
	v10.SupersededAt, v10.ExpiresAt = instant(t, "2026-07-31T03:00:00Z"), instant(t, "2026-08-14T03:00:00Z")
	next.Current, next.LastVersion, next.SlotTaken = 11, 11, instant(t, "2026-07-31T00:00:00Z")
	next.Versions = journal.Versions{v2, state.Versions[1], v10, v(11, "2026-07-31T03:00:00Z")}
	entry := &journal.Entry{
		Serial: 12, State: &state,
		Observed: &journal.Observed{SecretID: "00112233445566778899aabbccddeeff", Modified: instant(t, "2026-07-01T03:00:02Z")},
		Events: []journal.Event{{
			At: instant(t, "2026-07-01T03:00:00.250Z"), Action: "rotate", Version: 10,
			Slot: instant(t, "2026-07-01T00:00:00Z"), Reason: "slot 2026-07-01 00:00 UTC reached", Run: "https://github.com/o/r/actions/runs/1?a=1&b=<2>",
		}},
	}
	return entry.Announced(journal.Intent{
		Action: "rotate", Version: 11, Slot: instant(t, "2026-07-31T00:00:00Z"), SwitchAt: instant(t, "2026-07-31T03:00:00Z"),
		WriteBefore: instant(t, "2026-07-31T03:10:00Z"), Reason: "slot 2026-07-31 00:00 UTC reached", Run: "run-9", Next: &next,
	})
}

// sealed returns an entry with a value from outside, whose next write was
// refused.
func sealed(t testing.TB) *journal.Entry {
	entry := written(t, journal.Version{
		Number: 1, ActiveFrom: instant(t, "2026-05-02T03:00:00Z"), Origin: journal.Sealed, Sealed: "c2VhbGVk", RootKey: fake.RootKeys(t, 'a').First().Fingerprint(), Encoding: "base64url",
	}, "SESSION")
	next := *entry.State
	entry = entry.Announced(journal.Intent{
		Action: "extend", Version: 1, SwitchAt: instant(t, "2026-06-01T00:00:00Z"), WriteBefore: instant(t, "2026-06-01T00:10:00Z"),
		Reason: "old versions stay longer", Run: "run-2", Next: &next,
	})
	return entry.Closed(journal.Refused, &journal.Refusal{Code: "secret_value_too_long", Cause: "70000 bytes"})
}

// fresh returns an entry that was announced and never written.
func fresh(t testing.TB) *journal.Entry {
	entry := written(t, journal.Version{Number: 1, ActiveFrom: instant(t, "2026-05-02T03:00:00Z"), Origin: journal.External, RootKey: fake.RootKeys(t, 'a').First().Fingerprint()}, "NEW")
	next := *entry.State
	return (&journal.Entry{Events: []journal.Event{}}).Announced(journal.Intent{
		Action: "create", Version: 1, SwitchAt: instant(t, "2026-05-02T03:00:00Z"), WriteBefore: instant(t, "2026-05-02T03:10:00Z"),
		Reason: "not in the store yet", Run: "run-1", Next: &next,
	})
}

// displaced returns an entry written under a store name that its id no longer
// has.
func displaced(t testing.TB) *journal.Entry {
	return written(t, journal.Version{
		Number: 1, ActiveFrom: instant(t, "2026-04-01T03:00:00Z"), Origin: journal.Derived, Bytes: 16, RootKey: fake.RootKeys(t, 'a').First().Fingerprint(),
	}, "lo_before")
}

// written returns an entry after its first write.
func written(t testing.TB, v journal.Version, storeName string) *journal.Entry {
	next := journal.State{
		StoreName: storeName, Lineage: rootkey.NewLineage([16]byte{1, byte(len(storeName))}), Anchor: v.ActiveFrom,
		Current: v.Number, LastVersion: v.Number, Versions: journal.Versions{v},
	}
	return (&journal.Entry{Events: []journal.Event{}}).Announced(journal.Intent{
		Action: "create", Version: v.Number, SwitchAt: v.ActiveFrom, WriteBefore: v.ActiveFrom, Reason: "not in the store yet", Run: "run-1", Next: &next,
	}).Recorded(journal.Observed{SecretID: "0123456789abcdef0123456789abcdef", Modified: v.ActiveFrom})
}

func format(t testing.TB, j journal.Journal) []byte {
	t.Helper()
	data, err := journal.Format(j)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func parse(t testing.TB, data []byte) journal.Journal {
	t.Helper()
	j, err := journal.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return j
}
