package plan

import (
	"fmt"

	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/secret"
)

// change reports whether a change of retention destroys versions, or changes the
// stored form under its readers, and how.
func change(from, to secret.Retention) (Status, string) {
	switch {
	case from.Mode == to.Mode:
		return "", ""
	case from.Mode == secret.RetainForever, to.Mode == secret.RetainNone:
		return DestructiveChange, fmt.Sprintf("retention goes from %s to %s, which destroys versions that are kept", from, to)
	case from.Versioned() != to.Versioned():
		return FormChange, fmt.Sprintf("retention goes from %s to %s, so readers would find versioned JSON in place of the plain value", from, to)
	}
	return "", ""
}

// permitted returns the declaration with the retention that the versions were
// promised if a change to the declared one needs --allow-destructive, which was
// not given: an alteration does not wait for that permission.
func permitted(d secret.Declaration, state journal.State, allowed bool) secret.Declaration {
	status, _ := change(Retain(state), d.Retain())
	switch {
	case status == "" || allowed:
	case d.Rotation == nil:
		d.Rotation = state.Policy
	default:
		rotation := *d.Rotation
		rotation.Retain = Retain(state)
		d.Rotation = &rotation
	}
	return d
}
