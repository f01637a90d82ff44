package store_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/layeron/rotate/internal/fake"
)

// P5: whatever a server or a proxy answers, an error shows neither token nor
// value. The SDK's own error prints the answer, and can print the request.
func TestErrorsDoNotLeak(t *testing.T) {
	echo := fmt.Sprintf(`cannot store {"value":%q} for Bearer %s`, value, token)
	faults := map[string]fake.Fault{
		"page":     {Status: 502, Body: "<html>" + echo, Header: header("Content-Type", "text/html")},
		"login":    {Status: 200, Body: "<html>" + echo, Header: header("Content-Type", "text/html; x="+value)},
		"redirect": {Status: 302, Header: header("Location", "https://127.0.0.1/"+value)},
		"half":     {Status: 200, Body: `{"success":tru` + value, Header: header("Content-Type", "application/json")},
		"false":    {Status: 200, Body: fmt.Sprintf(`{"success":false,"errors":[{"code":1,"message":%q}]}`, echo), Header: header("Content-Type", "application/json")},
		"lost":     {Drop: true},
		"limited":  {Status: 429, Body: echo, Header: header("Retry-After", "9999")},
	}
	for _, status := range []int{400, 401, 403, 404, 409, 500} {
		faults[fmt.Sprint(status)] = fake.StoreRefuses(status, 1, echo)
	}
	for name, fault := range faults {
		w := newWorld(t, options{fault: func(r fake.Request) fake.Fault {
			switch r.Kind {
			case fake.KindChangeSecret:
				return fake.Fault{Skip: true, Drop: true}
			case fake.KindGetSecret:
				return fault
			}
			return fake.Fault{}
		}})
		if err := w.do(t, fake.KindChangeSecret); err == nil || strings.Contains(fmt.Sprintf("%v %+v", err, err), "must-not-show") {
			t.Errorf("reading before the second attempt, %s: %v", name, err)
		}
		for _, kind := range []fake.Kind{fake.KindCreateSecret, fake.KindChangeSecret, fake.KindListSecrets, fake.KindQuota} {
			w := newWorld(t, options{fault: always(kind, fault)})
			err := w.do(t, kind)
			written := kind == fake.KindCreateSecret || kind == fake.KindChangeSecret // reading the secret shows whether it took effect
			if err == nil && !(written && (fault.Drop || fault.Status >= 500 || name == "login" || name == "half")) {
				t.Errorf("%s, %s: no error", kind, name)
				continue
			}
			shown := fmt.Sprintf("%v %+v %#v", err, err, w.options)
			if strings.Contains(shown, "must-not-show") {
				t.Errorf("%s, %s: leaked: %s", kind, name, shown)
			}
		}
	}
}
