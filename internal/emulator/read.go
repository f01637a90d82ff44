package emulator

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// list answers with one page of the secrets that match a search.
func (e *Emulator) list(c call) answer {
	number, okNumber := integer(c.query, "page", 1)
	perPage, okPerPage := integer(c.query, "per_page", defaultPerPage)
	before, okOrder := order(c.query)
	if !okNumber || !okPerPage || !okOrder || perPage > maxPerPage {
		return refusal(http.StatusBadRequest, codeStore, "invalid_query")
	}
	if err := e.countRead(c.store); err != nil {
		return e.broken(err)
	}
	all := e.matching(c.store, c.query.Get("search"))
	slices.SortFunc(all, before)
	perPage = min(perPage, e.options.PageLimit)
	from := min((number-1)*perPage, len(all))
	page := all[from:min(from+perPage, len(all))]
	return answer{status: http.StatusOK, secrets: page, info: &resultInfo{len(page), number, perPage, len(all)}}
}

// matching returns the secrets that have the search text in name or comment.
func (e *Emulator) matching(store, search string) []Metadata {
	all := []Metadata{}
	for k, r := range e.secrets {
		if k.store == store && (strings.Contains(r.Name, search) || strings.Contains(r.Comment, search)) {
			all = append(all, r.metadata(store))
		}
	}
	return all
}

func (e *Emulator) get(c call) answer {
	if err := e.countRead(c.store); err != nil {
		return e.broken(err)
	}
	r, there := e.find(c.store, c.id)
	if !there {
		return e.notFound("secret_not_found")
	}
	return one(r.metadata(c.store))
}

func (r record) metadata(store string) Metadata {
	return Metadata{r.ID, r.Name, store, r.Status, r.Created.Format(instant), r.Modified.Format(instant), r.Comment, []string{"workers"}}
}

// integer returns a positive number from a query.
func integer(q url.Values, name string, absent int) (int, bool) {
	if !q.Has(name) {
		return absent, true
	}
	n, err := strconv.Atoi(q.Get(name))
	return n, err == nil && n > 0 && n <= 1e6
}

// order returns how a query sorts a list. Equal secrets are sorted by name.
func order(q url.Values) (func(a, b Metadata) int, bool) {
	field, known := map[string]func(Metadata) string{
		"":         func(m Metadata) string { return m.Created },
		"name":     func(m Metadata) string { return m.Name },
		"comment":  func(m Metadata) string { return m.Comment },
		"created":  func(m Metadata) string { return m.Created },
		"modified": func(m Metadata) string { return m.Modified },
		"status":   func(m Metadata) string { return m.Status },
	}[q.Get("order")]
	sign, knownDirection := map[string]int{"": 1, "asc": 1, "desc": -1}[q.Get("direction")]
	return func(a, b Metadata) int {
		return sign * cmp.Or(cmp.Compare(field(a), field(b)), cmp.Compare(a.Name, b.Name))
	}, known && knownDirection
}
