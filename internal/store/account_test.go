package store_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/emulator"
	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/secret"
	"github.com/layeron/rotate/internal/store"
)

func unknownStore(o *store.Options) { o.StoreID = "" }

// Without a store id, the client looks up the account's only store, once.
func TestOnlyStore(t *testing.T) {
	w := newWorld(t, options{client: unknownStore})
	for range 3 {
		if _, err := w.List(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if id, err := w.StoreID(context.Background()); id != emulator.DefaultStoreID || err != nil {
		t.Errorf("got %q, %v", id, err)
	}
	if diff := cmp.Diff(map[fake.Kind]int{"stores": 1, "list": 3}, w.store.Counts()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// Guessing among several stores would write secrets where no Worker reads them.
func TestAmbiguousStore(t *testing.T) {
	a, b := emulator.Store{ID: strings.Repeat("a", 32), Name: "first"}, emulator.Store{ID: strings.Repeat("b", 32), Name: "second"}
	for name, test := range map[string]struct {
		stores []emulator.Store
		fault  fake.Fault
		says   []string
	}{
		"none":         {stores: []emulator.Store{}, says: []string{"has no store"}},
		"two":          {stores: []emulator.Store{a, b}, says: []string{a.ID, b.ID, `"first"`, `"second"`, "CLOUDFLARE_STORE_ID"}},
		"malformed id": {stores: []emulator.Store{{ID: "../x"}}, says: []string{"32 hex digits"}},
		"incomplete": {
			fault: fake.Fault{Status: 200, Body: `{"success":true,"result":[{"id":"` + a.ID + `"}],"result_info":{"total_count":2}}`, Header: header("Content-Type", "application/json")},
			says:  []string{"does not add up"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, options{client: unknownStore, emulator: func(o *emulator.Options) { o.Stores = test.stores }, fault: on(fake.KindStores, 1, test.fault)})
			_, err := w.StoreID(context.Background())
			for _, says := range test.says {
				if err == nil || !strings.Contains(err.Error(), says) {
					t.Errorf("got %v, want it to say %q", err, says)
				}
			}
			_, err = newWorld(t, options{client: unknownStore, emulator: func(o *emulator.Options) { o.Stores = test.stores }, fault: on(fake.KindStores, 1, test.fault)}).create("NAME")
			wantEffect(t, err, secret.EffectNone, "")
		})
	}
}

// With --local the client talks to the emulator in the same process: with the
// same answers and the same faults, but without a socket.
func TestInsideTheProcess(t *testing.T) {
	w := newWorld(t, options{fault: on(fake.KindCreateSecret, 1, fake.Fault{Drop: true})})
	w.options.Transport, w.options.BaseURL = emulator.Transport(w.store), ""
	local, err := store.New(w.options)
	if err != nil {
		t.Fatal(err)
	}
	made, err := local.Create(context.Background(), "NAME", secret.NewValue(value), "receipt", never)
	if err != nil || made.ID != w.only(t).ID {
		t.Errorf("got %+v, %v", made, err)
	}
	if list, err := local.List(context.Background()); err != nil || len(list) != 1 {
		t.Errorf("got %v, %v", list, err)
	}
}

// A mistyped store id is an error, not an empty store.
func TestMissingStore(t *testing.T) {
	w := newWorld(t, options{client: func(o *store.Options) { o.StoreID = strings.Repeat("f", 32) }})
	list, err := w.List(context.Background())
	if err == nil || !strings.Contains(err.Error(), "check CLOUDFLARE_STORE_ID") || !strings.Contains(err.Error(), "store_not_found") {
		t.Errorf("got %v, %v", list, err)
	}
}

// Account and store id go into the URL unescaped, and people paste settings
// with a line end.
func TestOptionsAreChecked(t *testing.T) {
	for name, change := range map[string]func(*store.Options){
		"CLOUDFLARE_API_TOKEN":  func(o *store.Options) { o.Token = secret.Value{} },
		"check CLOUDFLARE_API":  func(o *store.Options) { o.Token = secret.NewValue(token + "\n") },
		"CLOUDFLARE_ACCOUNT_ID": func(o *store.Options) { o.Account = "" },
		`"../accounts/x"`:       func(o *store.Options) { o.Account = "../accounts/x" },
		"CLOUDFLARE_STORE_ID":   func(o *store.Options) { o.StoreID = strings.Repeat("g", 32) },
		"CLOUDFLARE_BASE_URL":   func(o *store.Options) { o.BaseURL = "api.cloudflare.com" },
		"transport":             func(o *store.Options) { o.Transport = nil },
	} {
		o := newWorld(t, options{}).options
		change(&o)
		if _, err := store.New(o); err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), token) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// The SDK's root package reads the environment. That must not change where the
// client writes, or with which token.
func TestEnvironmentIsNotRead(t *testing.T) {
	for _, name := range []string{"CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_KEY", "CLOUDFLARE_EMAIL", "CLOUDFLARE_BASE_URL", "CLOUDFLARE_ACCOUNT_ID"} {
		t.Setenv(name, "http://127.0.0.1:1/")
	}
	if _, err := newWorld(t, options{}).List(context.Background()); err != nil {
		t.Error(err)
	}
}

// The base URL may end in a slash or not.
func TestBaseURL(t *testing.T) {
	for _, end := range []string{"", "/", "//"} {
		w := newWorld(t, options{client: func(o *store.Options) { o.BaseURL += end }})
		if _, err := w.List(context.Background()); err != nil {
			t.Errorf("%q at the end: %v", end, err)
		}
	}
}

func TestQuota(t *testing.T) {
	w := newWorld(t, options{emulator: func(o *emulator.Options) { o.Quota = 7 }})
	w.put(t, "A", "B")
	if quota, usage, err := w.Quota(context.Background()); quota != 7 || usage != 2 || err != nil {
		t.Errorf("got %d, %d, %v", quota, usage, err)
	}
	empty := fake.Fault{Status: 200, Body: `{"success":true,"result":{}}`, Header: header("Content-Type", "application/json")}
	w = newWorld(t, options{fault: always(fake.KindQuota, empty)})
	if _, _, err := w.Quota(context.Background()); err == nil {
		t.Error("an answer without a quota counted as a quota of zero")
	}
}

// Fault 33: `layer doctor` says what a token lacks before a rotation fails, and
// changes nothing.
func TestCheckWrite(t *testing.T) {
	for name, test := range map[string]struct {
		options func(*emulator.Options)
		says    string
	}{
		"may write":        {func(*emulator.Options) {}, ""},
		"not found is 400": {func(o *emulator.Options) { o.NotFoundStatus = 400 }, ""},
		"may read":         {func(o *emulator.Options) { o.Token, o.ReadToken = "other", token }, "Account › Secrets Store › Edit"},
		"expired":          {func(o *emulator.Options) { o.Token = "other" }, "may have expired"},
	} {
		w := newWorld(t, options{emulator: test.options})
		w.put(t, "NAME")
		err := w.CheckWrite(context.Background())
		if (err != nil) != (test.says != "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: got %v", name, err)
		}
		if got := w.only(t); got.Value != "old" || got.Comment != "old comment" {
			t.Errorf("%s: the store was changed: %+v", name, got)
		}
	}
}

// Fault 23: every answer, even a refusal, shows the server's time, which
// reveals a wrong local clock.
func TestServerTime(t *testing.T) {
	serverTime := start.Add(time.Hour)
	w := newWorld(t, options{emulator: func(o *emulator.Options) { o.Now = func() time.Time { return serverTime } }, fault: always(fake.KindQuota, fake.StoreRefuses(403, 10000, "no"))})
	if _, _, ok := w.ServerTime(); ok {
		t.Error("a server time before any answer")
	}
	_ = w.do(t, fake.KindQuota)
	server, local, ok := w.ServerTime()
	if !ok || !server.Equal(serverTime) || !local.Equal(start) {
		t.Errorf("got %s at %s, %v", server, local, ok)
	}
}
