package emulator

import (
	"maps"
	"net/http"
	"slices"
)

// create creates all secrets of the array, or none.
func (e *Emulator) create(c call) answer {
	var items []struct {
		Name    string   `json:"name"`
		Value   *string  `json:"value"`
		Scopes  []string `json:"scopes"`
		Comment string   `json:"comment"`
	}
	if !decode(c.body, &items) || len(items) == 0 {
		return badBody()
	}
	next := maps.Clone(e.secrets)
	var made []Metadata
	for _, item := range items {
		k := key{c.store, item.Name}
		if _, taken := next[k]; taken {
			return refusal(e.options.DuplicateStatus, codeStore, "secret_name_already_exists")
		}
		if !validName.MatchString(item.Name) || item.Value == nil {
			return badBody()
		}
		if a, ok := e.check(*item.Value, item.Comment, item.Scopes); !ok {
			return a
		}
		id, err := e.newID()
		if err != nil {
			return e.broken(err)
		}
		r := record{Secret: Secret{ID: id, Name: item.Name, Value: *item.Value, Comment: item.Comment, Created: e.now(), Modified: e.now()}}
		next[k] = e.fresh(r)
		made = append(made, next[k].metadata(c.store))
	}
	if len(next) > e.options.Quota {
		return refusal(http.StatusBadRequest, codeStore, "maximum_secrets_exceeded")
	}
	if err := e.commit(next); err != nil {
		return e.broken(err)
	}
	return answer{status: http.StatusOK, secrets: made}
}

// change sets the fields in the body and leaves the others. A name is refused.
func (e *Emulator) change(c call) answer {
	var body struct {
		Value   *string   `json:"value"`
		Comment *string   `json:"comment"`
		Scopes  *[]string `json:"scopes"`
	}
	if !decode(c.body, &body) {
		return badBody()
	}
	r, there := e.find(c.store, c.id)
	if !there || r.Status == Deleted {
		return e.notFound("secret_not_found")
	}
	scopes := []string{"workers"}
	set(&r.Value, body.Value)
	set(&r.Comment, body.Comment)
	set(&scopes, body.Scopes)
	if a, ok := e.check(r.Value, r.Comment, scopes); !ok {
		return a
	}
	r.Modified = e.now()
	if e.options.PendingOnChange {
		r = e.fresh(r)
	}
	next := maps.Clone(e.secrets)
	next[key{c.store, r.Name}] = r
	if err := e.commit(next); err != nil {
		return e.broken(err)
	}
	return one(r.metadata(c.store))
}

// remove deletes a secret, at once or after DeletedReads reads.
func (e *Emulator) remove(c call) answer {
	r, there := e.find(c.store, c.id)
	if !there || r.Status == Deleted {
		return e.notFound("secret_not_found")
	}
	next, k := maps.Clone(e.secrets), key{c.store, r.Name}
	if e.options.DeletedReads == 0 {
		delete(next, k)
	} else {
		r.Status, r.reads = Deleted, e.options.DeletedReads
		next[k] = r
	}
	if err := e.commit(next); err != nil {
		return e.broken(err)
	}
	return answer{status: http.StatusAccepted}
}

// check reports whether a secret is within the limits; if not, it returns the
// refusal.
func (e *Emulator) check(value, comment string, scopes []string) (answer, bool) {
	o := e.options
	message := ""
	switch {
	case len(value) > o.ValueLimit:
		message = "secret_value_too_long"
	case o.CommentLimit > 0 && len(comment) > o.CommentLimit:
		message = "secret_comment_too_long"
	case len(scopes) == 0:
		message = "secret_scopes_empty"
	case slices.ContainsFunc(scopes, func(s string) bool { return s != "workers" }):
		message = "secret_scope_invalid"
	}
	return refusal(http.StatusBadRequest, codeStore, message), message == ""
}

// fresh returns a record that was just written: pending if PendingReads is set.
func (e *Emulator) fresh(r record) record {
	r.Status, r.reads = Active, 0
	if e.options.PendingReads > 0 {
		r.Status, r.reads = Pending, e.options.PendingReads
	}
	return r
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}
