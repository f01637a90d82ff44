package journal_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/secret"
)

const commit = "0123456789abcdef0123456789abcdef01234567"

func receipt(t testing.TB) journal.Receipt {
	j := sample(t)
	return j.Receipt(*j.Entries[session].State, commit)
}

// A lost journal is recovered from receipts that an old release may have written,
// so their format and tags are frozen.
func TestReceiptIsFrozen(t *testing.T) {
	want := "layer:1 6-JDdW0jXvI v10 s12 oKEAAAAAAAAAAAAAAAAAAA 471e8049e865e1b2 " + commit + " JDB88khqoYA"
	if got := receipt(t).String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := (journal.Owner{File: "AAECAwQFBgcICQoLDA0ODw"}).Tag("production"), journal.Tag("PMVt6Rqvot0"); got != want {
		t.Errorf("a file's owner tag is %s, want %s", got, want)
	}
	if got, want := sample(t).Entries["web/new"].Intent.Next.Tag(), journal.Tag("p-scWQms218"); got != want {
		t.Errorf("the tag of a state without a policy is %s, want %s", got, want)
	}
}

func TestReceiptRoundTrip(t *testing.T) {
	r := receipt(t)
	file := r
	file.Commit = journal.NoCommit
	older := r
	older.Version, older.Serial = 9, 11
	for _, want := range []journal.Receipt{r, file} {
		for _, comment := range []string{want.String(), "made for the API " + want.String(), "line\n" + want.String(), want.String() + " \n", want.String() + " (do not touch)",
			"made for the API " + want.String() + "\ndo not touch", older.String() + " " + want.String(), older.String() + "\n" + want.String() + " kept"} {
			got, ok := journal.ParseReceipt(comment)
			if diff := cmp.Diff(want, got); !ok || diff != "" {
				t.Errorf("%q: -want +got\n%s", comment, diff)
			}
		}
	}
}

// The store's limit on comments is not documented, so a receipt stays short even
// with numbers that a secret reaches only after centuries.
func TestReceiptLength(t *testing.T) {
	r := receipt(t)
	r.Version, r.Serial = 9_999, 99_999
	if got := len(r.String()); got >= 130 {
		t.Errorf("%d bytes, want under 130", got)
	}
}

// An incomplete or altered receipt does not count as one: layer never writes a
// secret without a receipt.
func TestParseReceiptRefuses(t *testing.T) {
	good := receipt(t).String()
	for name, comment := range map[string]string{
		"nothing":              "",
		"a person's text":      "rotated by hand",
		"cut off":              good[:len(good)-1],
		"longer":               good + "A",
		"glued to a word":      "x" + good,
		"another number":       strings.Replace(good, "layer:1", "layer:2", 1),
		"upper case":           strings.Replace(good, "layer", "LAYER", 1),
		"version zero":         strings.Replace(good, " v10 ", " v0 ", 1),
		"a leading zero":       strings.Replace(good, " v10 ", " v010 ", 1),
		"a version too large":  strings.Replace(good, " v10 ", " v10000000000000000000000 ", 1),
		"serial zero":          strings.Replace(good, " s12 ", " s0 ", 1),
		"commit of 39":         strings.Replace(good, commit, commit[1:], 1),
		"commit in upper case": strings.Replace(good, commit, strings.ToUpper(commit), 1),
		"no root key":          strings.Replace(good, "471e8049e865e1b2", "", 1),
		"two spaces":           strings.Replace(good, " v10", "  v10", 1),
		"padded":               good + "=",
	} {
		if r, ok := journal.ParseReceipt(comment); ok {
			t.Errorf("%s: read as %v", name, r)
		}
	}
}

// The tag covers all that determines the value, and nothing that is known only
// after the write: recording an outcome must not change it.
func TestTagCoversTheState(t *testing.T) {
	state := *sample(t).Entries[session].State
	for name, change := range map[string]func(*journal.State){
		"serial":      func(s *journal.State) { s.Serial++ },
		"store name":  func(s *journal.State) { s.StoreName = "OTHER" },
		"lineage":     func(s *journal.State) { s.Lineage = rootkey.NewLineage([16]byte{}) },
		"anchor":      func(s *journal.State) { s.Anchor = secret.Instant{} },
		"slot":        func(s *journal.State) { s.SlotTaken = secret.Instant{} },
		"last switch": func(s *journal.State) { s.LastScheduledSwitch = secret.Instant{} },
		"current":     func(s *journal.State) { s.Current = 2 },
		"last id":     func(s *journal.State) { s.LastVersion++ },
		"policy":      func(s *journal.State) { s.Policy = nil },
		"a version":   func(s *journal.State) { s.Versions = s.Versions[1:] },
		"an expiry": func(s *journal.State) {
			s.Versions = append(journal.Versions{}, s.Versions...)
			s.Versions[0].ExpiresAt = s.Versions[0].ExpiresAt.Add(1_000_000)
		},
	} {
		changed := state
		change(&changed)
		if changed.Tag() == state.Tag() {
			t.Errorf("%s does not change the tag", name)
		}
	}
	entry := sample(t).Entries[session]
	r := sample(t).Receipt(*entry.Intent.Next, commit)
	recorded := entry.Recorded(journal.Observed{SecretID: "x", Modified: instant(t, "2026-07-31T03:00:01Z")})
	if !r.Names(recorded.State) || r.Names(entry.State) || r.Names(nil) {
		t.Error("the receipt of an intent must name the state it became, and no other")
	}
}

// A journal owns its receipts even after a rename, a transfer or a move to
// another place. It does not own those of a fork or a copy (fault 16).
func TestOwns(t *testing.T) {
	j := sample(t)
	r := receipt(t)
	owner := func(o journal.Owner) journal.Receipt { r.Owner = o.Tag("production"); return r }
	for name, c := range map[string]struct {
		owner journal.Owner
		want  bool
	}{
		"the owner":       {j.Owner, true},
		"a former owner":  {j.FormerOwners[0], true},
		"a fork":          {journal.Owner{Host: "github.com", RepositoryID: 8, ProjectPath: "apps/billing"}, false},
		"another project": {journal.Owner{Host: "github.com", RepositoryID: 7_000_001, ProjectPath: "apps/shop"}, false},
		"another host":    {journal.Owner{Host: "ghe.example.com", RepositoryID: 7_000_001, ProjectPath: "apps/billing"}, false},
		"a file":          {journal.Owner{File: "other"}, false},
	} {
		if got := j.Owns(owner(c.owner)); got != c.want {
			t.Errorf("%s: owned %v, want %v", name, got, c.want)
		}
	}
}

// Every state that a journal may hold has a receipt that can be parsed. Without
// one, layer would not recognize a secret that it wrote.
func TestEveryStateHasAReadableReceipt(t *testing.T) {
	external := written(t, journal.Version{Number: 1, ActiveFrom: instant(t, "2026-05-02T03:00:00Z"), Origin: journal.External}, "EXTERNAL")
	j, err := journal.Parse(format(t, sample(t).With("auth/external", external)))
	if err != nil {
		return // no journal may hold this state
	}
	r := j.Receipt(*j.Entries["auth/external"].State, commit)
	if _, ok := journal.ParseReceipt(r.String()); !ok {
		t.Errorf("%q cannot be parsed", r)
	}
}

// A person's text before and after the receipt is kept as far as it fits.
func TestComment(t *testing.T) {
	r := receipt(t)
	before := r
	before.Version, before.Serial = 9, 11
	room := journal.MaxComment - 1 - len(r.String()) - 1
	for _, c := range []struct{ name, old, text string }{
		{"none before", "", ""},
		{"only space before", " \n\t", ""},
		{"a person's text", "used by the API", "used by the API"},
		{"an older receipt", before.String(), ""},
		{"a text and an older receipt", "used by the API " + before.String(), "used by the API"},
		{"a receipt of a file", "note " + strings.Replace(before.String(), commit, "-", 1), "note"},
		{"text that looks like a receipt", "layer:1 is what wrote this", "layer:1 is what wrote this"},
		{"just fits", strings.Repeat("x", room), strings.Repeat("x", room)},
		{"one too long", strings.Repeat("x", room+1), strings.Repeat("x", room)},
		{"cut between two-byte runes", strings.Repeat("ü", 60), strings.Repeat("ü", room/2)},
		{"cut between four-byte runes", "x" + strings.Repeat("🔑", 60), "x" + strings.Repeat("🔑", (room-1)/4)},
		{"cut at a space", strings.Repeat("x", room-1) + " yy", strings.Repeat("x", room-1)},
	} {
		want := strings.TrimSpace(c.text + " " + r.String())
		if got := journal.Comment(c.old, r); got != want {
			t.Errorf("%s:\ngot  %q\nwant %q", c.name, got, want)
		}
	}
}

func TestCommentKeepsTextAfterTheReceipt(t *testing.T) {
	r := receipt(t)
	before := r
	before.Version, before.Serial = 9, 11
	room := journal.MaxComment - 1 - len(r.String()) - len("front ") - len(" ")
	for _, c := range []struct{ name, old, want string }{
		{"after", before.String() + " kept", r.String() + " kept"},
		{"on both sides", "front " + before.String() + "\nkept", "front " + r.String() + " kept"},
		{"an older receipt before", before.String() + " between " + before.String() + " kept", "between " + r.String() + " kept"},
		{"the text after is cut first", "front " + before.String() + " " + strings.Repeat("x", room+1), "front " + r.String() + " " + strings.Repeat("x", room)},
		{"no room after", strings.Repeat("y", 80) + " " + before.String() + " kept", strings.Repeat("y", room+len("front ")) + " " + r.String()},
	} {
		if got := journal.Comment(c.old, r); got != c.want {
			t.Errorf("%s:\ngot  %q\nwant %q", c.name, got, c.want)
		}
		checkComment(t, c.old, r)
	}
}

func checkComment(t *testing.T, old string, r journal.Receipt) {
	t.Helper()
	comment := journal.Comment(old, r)
	if got, ok := journal.ParseReceipt(comment); !ok || got != r {
		t.Fatalf("%q: the receipt cannot be read from %q", old, comment)
	}
	if len(comment) >= journal.MaxComment {
		t.Fatalf("%q: the comment has %d bytes", old, len(comment))
	}
	if utf8.ValidString(old) && !utf8.ValidString(comment) {
		t.Fatalf("%q: a rune was cut in two: %q", old, comment)
	}
	if again := journal.Comment(comment, r); again != comment {
		t.Fatalf("written again %q becomes %q", comment, again)
	}
}

// FuzzComment checks that whatever a person wrote, the comment fits, its receipt
// can be parsed, and writing the receipt again changes nothing.
func FuzzComment(f *testing.F) {
	for _, old := range []string{"", "note", receipt(f).String(), receipt(f).String() + " " + receipt(f).String(), strings.Repeat("é", 150), "layer:1 ", "\xff\xfe", strings.Repeat("\x80", 300), "\u00a0", " x\u2003"} {
		f.Add(old)
	}
	r := receipt(f)
	f.Fuzz(func(t *testing.T, old string) { checkComment(t, old, r) })
}

// FuzzParseReceipt checks that a parsed receipt is in the comment, byte for byte.
func FuzzParseReceipt(f *testing.F) {
	f.Add(receipt(f).String())
	f.Add("note " + receipt(f).String() + "\n")
	f.Add("layer:1 AAAAAAAAAAA v1 s1 AAAAAAAAAAAAAAAAAAAAAA 0000000000000000 - AAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, comment string) {
		r, ok := journal.ParseReceipt(comment)
		if !ok {
			return
		}
		if r.Version < 1 || r.Serial < 1 || !strings.Contains(comment, r.String()) {
			t.Fatalf("%q read as %q", comment, r)
		}
		checkComment(t, comment, r)
	})
}
