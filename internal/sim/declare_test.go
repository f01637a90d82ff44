package sim_test

import (
	"time"

	"github.com/layeron/rotate/internal/secret"
)

const project = "billing"

func (s secretSpec) id() secret.ID { return secret.NewID("auth", s.Name) }

func (e *environment) storeName(s secretSpec) string {
	return e.storeNameOf(s.id())
}

func (e *environment) storeNameOf(id secret.ID) string {
	return secret.StoreName(secret.DefaultWorkspace, project, e.spec.Name, id)
}

// document is what the compiler would hand over.
func (e *environment) document() secret.Document {
	d := secret.Document{Schema: secret.DocumentSchema, Project: project, Workspace: secret.DefaultWorkspace, Environment: e.spec.Name}
	for _, s := range e.secrets {
		if !s.Gone {
			d.Secrets = append(d.Secrets, e.declaration(s))
		}
	}
	return d
}

func (e *environment) declaration(s secretSpec) secret.Declaration {
	d := secret.Declaration{ID: s.id(), Kind: secret.Random, Bytes: s.Bytes, StoreName: e.storeName(s), Source: secret.Position{File: "src/secrets.ts", Line: 4, Column: 9}}
	if s.Static {
		d.Kind, d.Bytes = secret.Static, 0
	}
	if s.Every == 0 {
		return d
	}
	d.Rotation = &secret.Rotation{EveryDays: s.Every, Retain: secret.Retention{Mode: secret.Mode(s.Mode), Days: s.Days}}
	if s.StartAt != nil {
		d.Rotation.StartAt = secret.At(beginning.Add(days(*s.StartAt)))
	}
	return d
}

// policy is the same, as the model knows it.
func (s secretSpec) policy() policy {
	if s.Every == 0 {
		return policy{mode: "none", static: s.Static}
	}
	p := policy{every: days(s.Every), mode: s.Mode, static: s.Static}
	if s.Mode == "retain_for" {
		p.retain = days(s.Days)
	}
	if s.StartAt != nil {
		p.startAt = beginning.Add(days(*s.StartAt))
	}
	return p
}

// find is the declared secret of a store name.
func (e *environment) find(storeName string) (secretSpec, bool) {
	for _, s := range e.secrets {
		if !s.Gone && e.storeName(s) == storeName {
			return s, true
		}
	}
	return secretSpec{}, false
}

func (e *environment) byID(id secret.ID) (int, bool) {
	for i, s := range e.secrets {
		if s.id() == id && !s.Gone {
			return i, true
		}
	}
	return 0, false
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }
