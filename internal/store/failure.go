package store

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/layeron/rotate/internal/secret"
)

// envelope is the form of every answer. It replaces the SDK's own types, which
// lack total_count and do not notice success:false.
type envelope struct {
	Success bool            `json:"success"`
	Errors  []apiError      `json:"errors"`
	Result  json.RawMessage `json:"result"`
	Info    struct {
		Total *int `json:"total_count"`
	} `json:"result_info"`
}

type apiError struct {
	Code    int64  `json:"code"`
	Message string `json:"message"`
}

// failure is why a request did not succeed, or was not sent.
type failure struct {
	effect  secret.Effect
	again   bool          // another attempt may succeed
	limited bool          // by the store's rate limit
	wait    time.Duration // that the store asks for; 0: it does not say
	code    string        // the store's own word for it, if any
	err     error
}

func unsent(err error) *failure { return &failure{effect: secret.EffectNone, err: err} }

// read returns the failure as the error of a call that changes nothing.
func (f *failure) read(doing string) error {
	if f.code == "" {
		return fmt.Errorf("%s: %w", doing, f.err)
	}
	return fmt.Errorf("%s: %w (%s)", doing, f.err, f.code)
}
