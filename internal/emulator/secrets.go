package emulator

import (
	"cmp"
	"maps"
	"slices"
)

// first returns the id of the first store, or "".
func (e *Emulator) first() string {
	if len(e.stores) == 0 {
		return ""
	}
	return e.stores[0].ID
}

// Secrets returns the secrets of the first store, sorted by name.
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

// Put creates or changes a secret of the first store without a request, as a
// person does in the dashboard. No limit applies.
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

// Remove deletes a secret of the first store at once, without a request.
// Putting it again gives it another id.
func (e *Emulator) Remove(name string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	next := maps.Clone(e.secrets)
	delete(next, key{e.first(), name})
	return e.commit(next)
}

// commit writes the secrets to the file, then replaces those in memory.
func (e *Emulator) commit(next map[key]record) error {
	if err := e.file.save(next); err != nil {
		return err
	}
	e.secrets = next
	return nil
}

// find returns the secret of a store with an id.
func (e *Emulator) find(store, id string) (record, bool) {
	for k, r := range e.secrets {
		if k.store == store && r.ID == id {
			return r, true
		}
	}
	return record{}, false
}

// countRead counts a read. A secret that was shown often enough as pending
// becomes active; one that was shown as deleted goes.
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
