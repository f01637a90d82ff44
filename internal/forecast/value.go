package forecast

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/layeron/rotate/internal/keyring"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/secret"
)

// value is a stored value, of which only the size matters: the text of each
// version is as long as one of the secret's and says nothing.
type value struct {
	retain   secret.Retention
	text     secret.Value
	encoding string
	versions []version // ascending; the last one is current
}

type version struct {
	keyring.Version
	number secret.Version
	bytes  int // in the stored value
}

// valueAfter returns the stored value after the planned action.
func valueAfter(e plan.Entry, d secret.Declaration) *value {
	v := &value{retain: d.Retain(), text: secret.NewValue(strings.Repeat("A", textLength(e, d)))}
	if !d.External() {
		v.encoding = keyring.Base64URL
	}
	for _, held := range e.After {
		v.versions = append(v.versions, v.version(held.ID, held.ActiveFrom, held.ExpiresAt))
	}
	return v
}

// textLength returns how long the text of a version is: as declared if it is
// derived, else about as long as of those held.
func textLength(e plan.Entry, d secret.Declaration) int {
	if !d.External() {
		return base64.RawURLEncoding.EncodedLen(d.Bytes)
	}
	bytes, held := e.Bytes, e.After
	for _, v := range held {
		bytes -= keyring.Size(keyring.Version{ID: v.ID.String(), ActiveFrom: v.ActiveFrom, ExpiresAt: v.ExpiresAt})
	}
	return max(0, bytes/max(1, len(held)))
}

func (v *value) version(number secret.Version, from, expires secret.Instant) version {
	out := version{number: number, Version: keyring.Version{
		ID: number.String(), Value: v.text, Encoding: v.encoding, ActiveFrom: from, ExpiresAt: expires,
	}}
	out.bytes = keyring.Size(out.Version)
	return out
}

func (v *value) current() *version { return &v.versions[len(v.versions)-1] }

// size returns the bytes that depend on the versions.
func (v *value) size() int {
	bytes := len(v.current().ID)
	for _, held := range v.versions {
		bytes += held.bytes
	}
	return bytes
}

// rotate replaces the current version at a slot, and drops what has expired.
func (v *value) rotate(slot secret.Instant) {
	old := v.current()
	if v.retain.Mode == secret.RetainFor {
		*old = v.version(old.number, old.ActiveFrom, slot.Add(v.retain.Window()))
	}
	v.versions = append(v.versions, v.version(old.number+1, slot, secret.Instant{}))
	v.prune(slot)
}

// prune drops the versions that have expired. One that an older version outlives
// leaves its time behind.
func (v *value) prune(now secret.Instant) {
	expired := func(held version) bool { return !held.ExpiresAt.IsZero() && !now.Before(held.ExpiresAt) }
	if !slices.ContainsFunc(v.versions, expired) {
		return
	}
	var kept []version
	for _, held := range v.versions {
		if expired(held) {
			held.Version = keyring.Version{ID: held.ID, ActiveFrom: held.ActiveFrom, Gone: true}
			held.bytes = keyring.Size(held.Version)
		}
		if !held.Gone || len(kept) > 0 {
			kept = append(kept, held)
		}
	}
	v.versions = kept
}

// lastExpiry returns when every version held now has expired, and the current one
// too, if a slot is the next. From then on as many expire as are added.
func (v *value) lastExpiry(slot secret.Instant) secret.Instant {
	last := slot.Add(v.retain.Window())
	for _, held := range v.versions {
		last = secret.Later(last, held.ExpiresAt)
	}
	return last
}
