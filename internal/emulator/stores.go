package emulator

import (
	"net/http"
	"slices"
)

// maxStores is the largest number of stores in an account.
const maxStores = 1

func (e *Emulator) hasStore(id string) bool {
	return slices.ContainsFunc(e.stores, func(s Store) bool { return s.ID == id })
}

// storeMetadata is what the API returns about a store.
type storeMetadata struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Created  string `json:"created"`
	Modified string `json:"modified"`
}

func (e *Emulator) storeMetadata(s Store) storeMetadata {
	now := e.now().Format(instant)
	return storeMetadata{s.ID, s.Name, now, now}
}

func (e *Emulator) listStores() answer {
	all := make([]storeMetadata, 0, len(e.stores))
	for _, s := range e.stores {
		all = append(all, e.storeMetadata(s))
	}
	return answer{status: http.StatusOK, result: all}
}

func (e *Emulator) newStore(c call) answer {
	var body struct {
		Name string `json:"name"`
	}
	if !decode(c.body, &body) || body.Name == "" {
		return badBody()
	}
	if len(e.stores) >= maxStores {
		return refusal(http.StatusBadRequest, codeStore, "maximum_stores_exceeded")
	}
	id, err := e.newID()
	if err != nil {
		return e.broken(err)
	}
	s := Store{ID: id, Name: body.Name}
	e.stores = append(e.stores, s)
	return answer{status: http.StatusOK, result: e.storeMetadata(s)}
}

func (e *Emulator) quota() answer {
	type secrets struct {
		Quota int `json:"quota"`
		Usage int `json:"usage"`
	}
	return answer{status: http.StatusOK, result: map[string]secrets{"secrets": {e.options.Quota, len(e.secrets)}}}
}
