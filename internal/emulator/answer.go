package emulator

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
)

// Metadata is what the API returns about a secret.
type Metadata struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	StoreID  string   `json:"store_id"`
	Status   string   `json:"status"`
	Created  string   `json:"created"`
	Modified string   `json:"modified"`
	Comment  string   `json:"comment,omitempty"`
	Scopes   []string `json:"scopes"`
}

// The numbers of errors. Several messages share that of the store.
const (
	codeStore          = 1001
	codeInternal       = 1000
	codeNoRoute        = 7003
	codeAuthentication = 10000
	codeNoToken        = 10001
	codeRateLimited    = 10429
)

type failure struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

type resultInfo struct {
	Count   int `json:"count"`
	Page    int `json:"page"`
	PerPage int `json:"per_page"`
	Total   int `json:"total_count"`
}

// answer is an answer before it is sent: secrets, another result, or failures.
type answer struct {
	status   int
	secrets  []Metadata
	single   bool // the result is the one secret, not an array
	result   any
	info     *resultInfo
	failures []failure
}

// refusal returns an answer with one failure.
func refusal(status, code int, message string) answer {
	return answer{status: status, failures: []failure{{code, message}}}
}

type envelope struct {
	Success  bool        `json:"success"`
	Errors   []failure   `json:"errors"`
	Messages []string    `json:"messages"`
	Result   any         `json:"result"`
	Info     *resultInfo `json:"result_info,omitempty"`
}

func newEnvelope(a answer) envelope {
	env := envelope{Success: len(a.failures) == 0, Errors: a.failures, Messages: []string{}, Result: a.result, Info: a.info}
	if env.Success {
		env.Errors = []failure{}
	}
	if a.single {
		env.Result = a.secrets[0]
	} else if a.secrets != nil {
		env.Result = a.secrets
	}
	return env
}

// write sends an answer.
func (a answer) write(w http.ResponseWriter) {
	var body bytes.Buffer
	if err := json.NewEncoder(&body).Encode(newEnvelope(a)); err != nil {
		a.status = http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	_, _ = w.Write(body.Bytes()) // an error means that the client is gone
}

// call is a request with its body.
type call struct {
	method  string
	account string
	store   string
	id      string
	token   string
	query   url.Values
	body    []byte
}

// decode reads a body, and reports whether it is one JSON value with known
// fields.
func decode(body []byte, into any) bool {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if decoder.Decode(into) != nil {
		return false
	}
	_, err := decoder.Token()
	return err == io.EOF
}

func one(m Metadata) answer {
	return answer{status: http.StatusOK, secrets: []Metadata{m}, single: true}
}

func badBody() answer {
	return refusal(http.StatusBadRequest, codeStore, "invalid_json_body")
}
