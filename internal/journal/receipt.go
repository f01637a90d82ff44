package journal

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/secret"
)

// MaxComment is a length in bytes that no comment written by layer reaches. The
// store's own limit is not documented.
const MaxComment = 200

// Tag is 8 bytes as unpadded base64url.
type Tag string

// NoCommit is the commit in a receipt whose journal is a file.
const NoCommit = "-"

// Receipt identifies the value of a secret, in its comment in the store
// (docs/design/formats.md, "Receipt"). It is written in the same request as the
// value, so it shows what the store holds when the journal does not.
type Receipt struct {
	Owner   Tag
	Version secret.Version
	Serial  int
	Lineage rootkey.Lineage
	RootKey rootkey.Fingerprint
	Commit  string // of the intent, or NoCommit
	State   Tag
}

// String returns the receipt as it appears in a comment, in under 130 bytes.
func (r Receipt) String() string {
	return fmt.Sprintf("layer:1 %s %s s%d %s %s %s %s", r.Owner, r.Version, r.Serial, r.Lineage, r.RootKey, r.Commit, r.State)
}

var receipt = regexp.MustCompile(`(?:^|\s)(layer:1 ([A-Za-z0-9_-]{11}) (v[1-9][0-9]{0,8}) s([1-9][0-9]{0,8}) ([A-Za-z0-9_-]{22}) ([0-9a-f]{16}) ([0-9a-f]{40}|-) ([A-Za-z0-9_-]{11}))(?:\s|$)`)

// splitComment splits a comment at its last receipt. Earlier receipts, which a
// person may have copied, are left out. match is nil if there is none.
func splitComment(comment string) (before, after string, match []string) {
	after = comment
	for {
		at := receipt.FindStringSubmatchIndex(after)
		if at == nil {
			return before, after, match
		}
		match = match[:0]
		for i := 2; i < len(at); i += 2 {
			match = append(match, after[at[i]:at[i+1]])
		}
		before, after = before+after[:at[2]], after[at[3]:]
	}
}

// ParseReceipt reads the last receipt in a comment.
func ParseReceipt(comment string) (Receipt, bool) {
	_, _, m := splitComment(comment)
	if m == nil {
		return Receipt{}, false
	}
	version, err := secret.ParseVersion(m[2])
	if err != nil {
		return Receipt{}, false
	}
	serial, err := strconv.Atoi(m[3])
	if err != nil {
		return Receipt{}, false
	}
	return Receipt{Owner: Tag(m[1]), Version: version, Serial: serial, Lineage: rootkey.Lineage(m[4]), RootKey: rootkey.Fingerprint(m[5]), Commit: m[6], State: Tag(m[7])}, true
}

// Comment replaces the receipt in a comment, or appends one. A person's text
// stays before or after it, and is cut at its end to fit.
func Comment(old string, r Receipt) string {
	before, after, match := splitComment(old)
	if match == nil {
		before, after = old, ""
	}
	text := r.String()
	room := MaxComment - 1 - len(text)
	if before = cut(before, room-1); before != "" {
		room -= len(before) + 1
		text = before + " " + text
	}
	if after = cut(after, room-1); after != "" {
		text += " " + after
	}
	return text
}

// cut trims a text, and shortens it to at most n bytes without cutting a rune.
func cut(text string, n int) string {
	text = strings.TrimSpace(text)
	if len(text) <= n {
		return text
	}
	for n = max(0, n); n > 0 && !utf8.RuneStart(text[n]); n-- {
	}
	return strings.TrimSpace(text[:n])
}

// Receipt returns the receipt of a state that a commit of the journal announced.
func (j Journal) Receipt(s State, commit string) Receipt {
	current, _ := s.Versions.Find(s.Current)
	return Receipt{
		Owner: j.Owner.Tag(j.Environment), Version: s.Current, Serial: s.Serial, Lineage: s.Lineage,
		RootKey: current.RootKey, Commit: commit, State: s.Tag(),
	}
}

// Names reports whether the receipt was written with this state.
func (r Receipt) Names(s *State) bool {
	return s != nil && r.Serial == s.Serial && r.Lineage == s.Lineage && r.State == s.Tag()
}

// Confirms reports whether the receipt was written with an entry's state, or
// with the state that its intent announced.
func (r Receipt) Confirms(e *Entry) bool {
	return r.Names(e.State) || e.Intent != nil && r.Names(e.Intent.Next)
}

// Tag returns 8 bytes of SHA-256 over the state's canonical bytes. It covers all
// that determines the value, and comparing it needs no key.
func (s State) Tag() Tag { return tag("layer/state/1", compact(s)) }

// Tag returns 8 bytes of SHA-256 over the owner's canonical bytes and the
// environment: two environments of one repository are two owners.
func (o Owner) Tag(environment string) Tag { return tag("layer/owner/1", compact(o), environment) }

func tag(list ...string) Tag {
	sum := sha256.Sum256(parts(list...))
	return Tag(base64.RawURLEncoding.EncodeToString(sum[:8]))
}

// Owns reports whether a receipt names this journal's owner or a former one.
func (j Journal) Owns(r Receipt) bool {
	for _, owner := range append([]Owner{j.Owner}, j.FormerOwners...) {
		if owner.Tag(j.Environment) == r.Owner {
			return true
		}
	}
	return false
}
