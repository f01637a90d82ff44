package plan

import (
	"slices"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/schedule"
	"github.com/layeron/rotate/internal/secret"
)

// The functions here derive states. None changes the state it is given.

// Versions lists the versions that a state holds, as readers see them now.
func Versions(state *journal.State, now secret.Instant) []Version {
	if state == nil {
		return nil
	}
	var out []Version
	for _, v := range state.Versions {
		version := Version{ID: v.Number, State: StateRetained, ActiveFrom: v.ActiveFrom, ExpiresAt: v.ExpiresAt}
		switch {
		case v.Gone:
			continue
		case v.Number == state.Current:
			version.State = StateCurrent
		case v.Expired(now):
			version.State = StateExpired
		case v.Staged():
			version.State = StateStaged
		}
		out = append(out, version)
	}
	return out
}

// source is where a new version's value comes from.
type source struct {
	number   secret.Version
	origin   journal.Origin
	bytes    int
	rootKey  rootkey.Fingerprint
	sealed   rootkey.Sealed
	encoding string
}

func (s source) version(now secret.Instant) journal.Version {
	return journal.Version{Number: s.number, ActiveFrom: now, Origin: s.origin, Bytes: s.bytes, RootKey: s.rootKey, Sealed: s.sealed, Encoding: s.encoding}
}

// resume returns the source of a version that was announced and not written. It
// gets new dates and keeps its value.
func resume(intent *journal.Intent) (source, bool) {
	if intent == nil {
		return source{}, false
	}
	v, held := intent.Next.Versions.Find(intent.Version)
	if v.Origin == journal.External { // only the run that was given the value had it
		return source{}, false
	}
	return source{number: v.Number, origin: v.Origin, bytes: v.Bytes, rootKey: v.RootKey, sealed: v.Sealed, encoding: v.Encoding}, held
}

// history returns what the schedule needs from a state.
func history(state *journal.State) schedule.History {
	current, _ := state.Versions.Find(state.Current)
	return schedule.History{Taken: state.SlotTaken, Switch: current.ActiveFrom, LastScheduled: state.LastScheduledSwitch}
}

// first returns the state of a secret that is written for the first time.
func first(d secret.Declaration, lineage rootkey.Lineage, from source, now secret.Instant) journal.State {
	return journal.State{
		StoreName: d.StoreName, Lineage: lineage, Anchor: now, SlotTaken: reached(d, now, now),
		Current: from.number, LastVersion: from.number, Policy: d.Rotation,
		Versions: journal.Versions{from.version(now)},
	}
}

// rotated returns the state after a switch to a new version. It records a
// scheduled switch, because a slot too soon after one is passed over.
func rotated(d secret.Declaration, state journal.State, from source, scheduled bool, now secret.Instant) journal.State {
	next := retained(d, state, now)
	next.SlotTaken = reached(d, state.Anchor, now)
	next.Current, next.LastVersion = from.number, max(state.LastVersion, from.number)
	if scheduled {
		next.LastScheduledSwitch = now
	}
	versions := journal.Versions{}
	for _, v := range next.Versions {
		if v.Number == state.Current {
			v.SupersededAt = now
			v.ExpiresAt = expiry(d.Retain(), v, now)
			if d.Retain().Mode == secret.RetainNone {
				continue
			}
		}
		versions = append(versions, v)
	}
	next.Versions = append(versions, from.version(now))
	return next
}

// reached returns the slot taken by a version that becomes current now.
func reached(d secret.Declaration, anchor, now secret.Instant) secret.Instant {
	if d.Rotation == nil {
		return secret.Instant{}
	}
	return schedule.For(*d.Rotation, anchor).Reached(now)
}

// retained returns the state under the declared retention. Promised expiries are
// kept or moved later, and set where retain_forever ends.
func retained(d secret.Declaration, state journal.State, now secret.Instant) journal.State {
	next := state
	next.Policy = d.Rotation
	next.Versions = journal.Versions{}
	for _, v := range state.Versions {
		if v.Number != state.Current && d.Retain().Mode == secret.RetainNone {
			continue
		}
		if v.Number != state.Current && !v.Gone && !v.Expired(now) && !v.Staged() {
			v.ExpiresAt = expiry(d.Retain(), v, now)
		}
		next.Versions = append(next.Versions, v)
	}
	return next
}

// expiry returns the instant until which a superseded version is promised.
func expiry(retain secret.Retention, v journal.Version, now secret.Instant) secret.Instant {
	own := v.SupersededAt.Add(retain.Window())
	switch {
	case retain.Mode != secret.RetainFor:
		return secret.Instant{}
	case v.ExpiresAt.IsZero(): // it had no expiry, or is superseded only now
		return secret.Later(now, own)
	}
	return secret.Later(v.ExpiresAt, own)
}

// pruned returns the state without the versions that expired by an instant. A
// version removed while an older one stays leaves its activeFrom, so that readers
// do not take the older one for the version of that time.
func pruned(state journal.State, now secret.Instant) journal.State {
	versions := journal.Versions{}
	for _, v := range state.Versions {
		if v.Number != state.Current && v.Expired(now) {
			v = journal.Version{Number: v.Number, ActiveFrom: v.ActiveFrom, Gone: true}
		}
		if v.Gone && len(versions) == 0 {
			continue // nothing older stays, so its time is not needed
		}
		versions = append(versions, v)
	}
	state.Versions = versions
	return state
}

// without returns the state without one version, whose activeFrom stays.
func without(state journal.State, revoked secret.Version) journal.State {
	state.Versions = slices.Clone(state.Versions)
	for i, v := range state.Versions {
		if v.Number == revoked {
			state.Versions[i] = journal.Version{Number: v.Number, ActiveFrom: v.ActiveFrom, Gone: true}
		}
	}
	return state
}

// sameVersions reports whether two states hold the same versions with the same
// expiries.
func sameVersions(a, b journal.State) bool {
	return slices.Equal(a.Versions, b.Versions)
}

// fewer reports whether b lacks a value that a holds.
func fewer(a, b journal.State) bool {
	return slices.ContainsFunc(a.Versions, func(v journal.Version) bool {
		kept, held := b.Versions.Find(v.Number)
		return !v.Gone && (!held || kept.Gone)
	})
}
