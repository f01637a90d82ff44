package emulator

import (
	"cmp"
	"maps"
	"slices"
)

// first is the id of the first store.
func (e *Emulator) first() string {
	if len(e.stores) == 0 {
		return ""
	}
	return e.stores[0].ID
}

// Secrets is what the first store holds, by name.
func (e *Emulator) Secrets() []Secret {
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []Secret
	for k, r := range e.secrets {
		if k.store == e.first() {
			all = append(all, r.Secret)
		}
	}
	slices.SortFunc(all, func(a, b Secret) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// Put changes a secret of the first store by hand, or makes it, without a
// request and beyond all limits.
func (e *Emulator) Put(name, value, comment string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	k := key{e.first(), name}
	r, there := e.secrets[k]
	if !there {
		id, err := e.newID()
		if err != nil {
			return err
		}
		r.Secret = Secret{ID: id, Name: name, Status: Active, Created: e.now()}
	}
	r.Value, r.Comment, r.Modified = value, comment, e.now()
	next := maps.Clone(e.secrets)
	next[k] = r
	return e.commit(next)
}

// Remove deletes a secret of the first store by hand, at once. A secret that
// is put again has another id.
func (e *Emulator) Remove(name string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	next := maps.Clone(e.secrets)
	delete(next, key{e.first(), name})
	return e.commit(next)
}

// commit replaces the secrets once the file holds the new ones.
func (e *Emulator) commit(next map[key]record) error {
	if err := e.file.save(next); err != nil {
		return err
	}
	e.secrets = next
	return nil
}

// find returns a secret of a store by id.
func (e *Emulator) find(store, id string) (record, bool) {
	for k, r := range e.secrets {
		if k.store == store && r.ID == id {
			return r, true
		}
	}
	return record{}, false
}

// countRead counts a read: secrets that were shown often enough as pending or deleted
// become active or go away.
func (e *Emulator) countRead(store string) error {
	next := maps.Clone(e.secrets)
	for k, r := range e.secrets {
		switch {
		case k.store != store || r.Status == Active:
		case r.reads > 0:
			r.reads--
			next[k] = r
		case r.Status == Pending:
			r.Status = Active
			next[k] = r
		default:
			delete(next, k)
		}
	}
	return e.commit(next)
}
