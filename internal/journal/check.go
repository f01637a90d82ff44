package journal

import (
	"errors"
	"fmt"
	"strings"

	"github.com/layeron/rotate/internal/secret"
)

// The checks here refuse a journal whose parts contradict each other, as after a
// merge that mixed two sides. HMACs protect against deliberate changes.

// check checks the header, and returns the key of what is wrong.
func (j Journal) check() (key string, err error) {
	switch {
	case j.Place != PlaceGitHub && j.Place != PlaceFile:
		return "home", fmt.Errorf("home %q is neither %s nor %s", j.Place, PlaceGitHub, PlaceFile)
	case j.Owner == (Owner{}):
		return "owner", errors.New("owner is empty")
	}
	if err := secret.CheckEnvironment(j.Environment); err != nil {
		return "environment", fmt.Errorf("environment: %w", err)
	}
	return "", nil
}

func (e *Entry) check(id secret.ID) error {
	switch {
	case e == nil:
		return errors.New("is null")
	case !strings.Contains(string(id), "/"):
		return errors.New("its key is not namespace/name")
	case e.State == nil && e.Intent == nil:
		return errors.New("has neither state nor intent")
	case e.Serial < 1 || e.Intent != nil && e.Intent.Serial != e.Serial:
		return errors.New("its serial differs from its intent's")
	case e.StoreName() == "":
		return errors.New("has no store name")
	}
	if e.State != nil {
		if err := e.State.check(e.Serial); err != nil {
			return fmt.Errorf("state: %w", err)
		}
	}
	if e.Intent == nil {
		return nil
	}
	return e.Intent.check(e)
}

func (in *Intent) check(e *Entry) error {
	if (in.Outcome == Written) != (in.Next == nil) {
		return errors.New("intent: its next state must be null if its outcome is written, and only then")
	}
	if in.Outcome == Written && (e.State == nil || e.State.Serial != in.Serial) {
		return errors.New("intent: its serial differs from that of the state it wrote")
	}
	if in.Next == nil {
		return nil
	}
	if e.State != nil && (in.Next.StoreName != e.State.StoreName || in.Next.Lineage != e.State.Lineage) {
		return errors.New("intent: its store name or lineage differs from the state's")
	}
	if err := in.Next.check(in.Serial); err != nil {
		return fmt.Errorf("intent: %w", err)
	}
	return nil
}

func (s *State) check(serial int) error {
	if s.Serial < 1 || s.Serial > serial {
		return errors.New("its serial is not between 1 and the entry's")
	}
	if err := secret.CheckStoreName(s.StoreName); err != nil {
		return err
	}
	if err := s.Lineage.Check(); err != nil {
		return err
	}
	current, held := s.Versions.Find(s.Current)
	if !held || current.Gone || s.LastVersion < s.Current {
		return errors.New("its current version is missing, gone or above the last version")
	}
	if p := s.Policy; p != nil && (p.EveryDays < secret.MinEveryDays || p.EveryDays > secret.MaxEveryDays) {
		return fmt.Errorf("everyDays is %d, outside %d to %d", p.EveryDays, secret.MinEveryDays, secret.MaxEveryDays)
	}
	for _, v := range s.Versions {
		if err := v.check(); err != nil {
			return fmt.Errorf("version %s: %w", v.Number, err)
		}
	}
	return nil
}

func (v Version) check() error {
	switch {
	case v.Gone, v.Origin == External && v.RootKey != "":
		return nil
	case v.Origin == Derived && v.Bytes >= secret.MinBytes && v.Bytes <= secret.MaxBytes && v.RootKey != "":
		return nil
	case v.Origin == Sealed && v.Sealed != "" && v.RootKey != "":
		return nil
	}
	return errors.New("its value cannot be rebuilt from what is recorded")
}
