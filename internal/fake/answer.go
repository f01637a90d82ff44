package fake

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
)

const documentation = "https://docs.github.com/rest"

// answer is a response that is not sent yet.
type answer struct {
	status int
	body   any    // sent as JSON; nil for none
	raw    []byte // sent as it is, when body is nil
	header http.Header
}

// problem is the body of an error.
type problem struct {
	Message       string          `json:"message"`
	Errors        []problemDetail `json:"errors,omitempty"`
	Documentation string          `json:"documentation_url"`
	Status        string          `json:"status,omitempty"`
}

type problemDetail struct {
	Resource string `json:"resource"`
	Field    string `json:"field,omitempty"`
	Code     string `json:"code"`
	Message  string `json:"message,omitempty"`
}

const inaccessible = "Resource not accessible by integration"

func ok(body any) answer      { return answer{status: http.StatusOK, body: body} }
func created(body any) answer { return answer{status: http.StatusCreated, body: body} }
func notFound() answer        { return refusal(http.StatusNotFound, "Not Found") }

func refusal(status int, message string, details ...problemDetail) answer {
	return answer{status: status, body: problem{message, details, documentation, strconv.Itoa(status)}}
}

// invalid returns a 422 that gives its reason in the details.
func invalid(resource, message string) answer {
	return refusal(http.StatusUnprocessableEntity, "Validation Failed", problemDetail{Resource: resource, Code: "custom", Message: message})
}

// inaccessible returns the answer for a token without the permission.
func (g *GitHub) inaccessible(c call) answer {
	if c.graph.Query != "" {
		return graphRefusal("FORBIDDEN", inaccessible)
	}
	return refusal(http.StatusForbidden, inaccessible)
}

// write sends an answer.
func (a answer) write(w http.ResponseWriter) {
	if a.body != nil {
		encoded, err := json.Marshal(a.body)
		if err != nil {
			a.status = http.StatusInternalServerError
		}
		a.raw = encoded
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	maps.Copy(w.Header(), a.header)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.raw)
}

// page returns the page of a list that a request asks for, and a link to the
// next page.
func page[T any](c call, items []T) answer {
	number, size := atLeastOne(c.query.Get("page"), 1), min(atLeastOne(c.query.Get("per_page"), 30), 100)
	from, to := min((number-1)*size, len(items)), min(number*size, len(items))
	a := ok(append([]T{}, items[from:to]...))
	if to < len(items) {
		next := *c.url
		query := next.Query()
		query.Set("page", strconv.Itoa(number+1))
		next.RawQuery = query.Encode()
		a.header = http.Header{"Link": {fmt.Sprintf(`<%s>; rel="next"`, next.String())}}
	}
	return a
}

func atLeastOne(text string, otherwise int) int {
	if n, err := strconv.Atoi(text); err == nil && n > 0 {
		return n
	}
	return otherwise
}

func wantsRaw(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "raw") }
