package store_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/emulator"
	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/secret"
	"github.com/layeron/rotate/internal/store"
)

// Value and comment belong together, so they travel in one request, and arrive
// unchanged. The SDK's parameters have no comment, and require a name that the
// store refuses.
func TestWriteArrives(t *testing.T) {
	texts := []string{"plain", `{"current":"v1","n":"<&>"}`, "\" \\ \x00 \x1f \u2028 é 🔑", strings.Repeat("x", 65536)}
	for _, text := range texts {
		w := newWorld(t, options{})
		made, err := w.create("NAME-1_x")
		if err != nil {
			t.Fatal(err)
		}
		w.clock.Set(start.Add(time.Hour))
		changed, err := w.Change(context.Background(), made, secret.NewValue(text), "a <comment> ü", never)
		if err != nil {
			t.Fatal(err)
		}
		got := w.only(t)
		want := emulator.Secret{ID: made.ID, Name: "NAME-1_x", Value: text, Comment: "a <comment> ü", Status: "active", Created: start, Modified: start.Add(time.Hour)}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("stored (-want +got):\n%s", diff)
		}
		if changed.ID != got.ID || changed.Name != got.Name || changed.Comment != got.Comment || !changed.Modified.Equal(secret.At(got.Modified)) {
			t.Errorf("returned %+v of %+v", changed, got)
		}
		if diff := cmp.Diff(map[fake.Kind]int{"create": 1, "change": 1}, w.store.Counts()); diff != "" {
			t.Errorf("requests (-want +got):\n%s", diff)
		}
	}
}

// Fault 5: for some answers the SDK returns a zero value and no error. After
// such an answer the write neither counts as applied, nor is it sent again.
func TestAnswerThatConfirmsNothing(t *testing.T) {
	body := func(result string) fake.Fault {
		return fake.Fault{Status: 200, Body: `{"success":true,"errors":[],"messages":[],"result":` + result + `}`}
	}
	const named = `"status":"active","created":"2026-06-01T03:00:00Z","modified":"2026-06-01T03:00:00Z"}`
	const ours = `{"id":"ffffffffffffffffffffffffffffffff","name":"NAME",` + named
	const other = `{"id":"ffffffffffffffffffffffffffffffff","name":"OTHER",` + named
	for name, test := range map[string]struct {
		kind  fake.Kind
		fault fake.Fault
	}{
		"create, success false":  {fake.KindCreateSecret, fake.Unsuccessful()},
		"create, false with one": {fake.KindCreateSecret, fake.Fault{Status: 200, Body: `{"success":false,"errors":[],"result":[` + ours + `]}`}},
		"create, empty page":     {fake.KindCreateSecret, body(`[]`)},
		"create, null":           {fake.KindCreateSecret, body(`null`)},
		"create, two secrets":    {fake.KindCreateSecret, body(`[` + ours + `,` + other + `]`)},
		"create, another secret": {fake.KindCreateSecret, body(`[` + other + `]`)},
		"create, malformed id":   {fake.KindCreateSecret, fake.AnotherID("../x")},
		"change, success false":  {fake.KindChangeSecret, fake.Unsuccessful()},
		"change, another id":     {fake.KindChangeSecret, fake.AnotherID("ffffffffffffffffffffffffffffffff")},
		"change, null":           {fake.KindChangeSecret, body(`null`)},
		"change, a redirect":     {fake.KindChangeSecret, fake.Fault{Status: 307, Header: header("Location", "/elsewhere")}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, options{fault: on(test.kind, 1, test.fault)})
			var err error
			if test.kind == fake.KindCreateSecret {
				_, err = w.create("NAME")
			} else {
				w.put(t, "NAME")
				_, err = w.change(t)
			}
			var failed *secret.WriteError
			if !errors.As(err, &failed) || failed.Effect != secret.EffectUnknown {
				t.Errorf("got %v, want an unknown effect", err)
			}
			if diff := cmp.Diff(map[fake.Kind]int{test.kind: 1}, w.store.Counts()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

// A store that truncates the comment has lost the receipt.
func TestTruncatedComment(t *testing.T) {
	fault := fake.Fault{Status: 200, Body: `{"success":true,"result":[{"id":"ffffffffffffffffffffffffffffffff","name":"NAME","comment":"rece","status":"active","created":"2026-06-01T03:00:00Z","modified":"2026-06-01T03:00:00Z"}]}`,
		Header: header("Content-Type", "application/json")}
	w := newWorld(t, options{fault: on(fake.KindCreateSecret, 1, fault)})
	_, err := w.create("NAME")
	wantEffect(t, err, secret.EffectUnknown, "")
}

// Faults 7, 32 and 33: a write that certainly had no effect says so, and
// whether it may ever succeed as it is. It is not sent again.
func TestRefusedWrite(t *testing.T) {
	tooLong := secret.NewValue(strings.Repeat("x", 2000))
	for name, test := range map[string]struct {
		options func(*emulator.Options)
		client  func(*store.Options)
		fault   fake.Fault
		value   secret.Value
		effect  secret.Effect
		code    string
		says    string
	}{
		"value too long":   {options: func(o *emulator.Options) { o.ValueLimit = 1024 }, value: tooLong, effect: secret.EffectRefused, code: "secret_value_too_long", says: "longer than the store accepts"},
		"quota used up":    {options: func(o *emulator.Options) { o.Quota = 1 }, effect: secret.EffectRefused, code: "maximum_secrets_exceeded", says: "quota"},
		"comment too long": {options: func(o *emulator.Options) { o.CommentLimit = 3 }, effect: secret.EffectRefused, code: "secret_comment_too_long", says: "HTTP 400"},
		"scope":            {fault: fake.StoreRefuses(400, 1001, "secret_scope_invalid"), effect: secret.EffectRefused, code: "secret_scope_invalid"},
		"not understood":   {fault: fake.StoreRefuses(400, 1234, "Something Else"), effect: secret.EffectRefused, says: "HTTP 400, error 1234"},
		"word in sentence": {fault: fake.StoreRefuses(400, 1001, "error: secret_value_too_long (max 1024)"), effect: secret.EffectRefused, code: "secret_value_too_long"},
		"odd status":       {fault: fake.StoreRefuses(405, 1, "no"), effect: secret.EffectNone},
		"token expired":    {client: func(o *store.Options) { o.Token = secret.NewValue("old") }, effect: secret.EffectNone, says: "Account › Secrets Store › Edit"},
		"token only reads": {options: func(o *emulator.Options) { o.Token, o.ReadToken = "other", token }, effect: secret.EffectNone, says: "Account › Secrets Store › Edit"},
		"token as 400":     {fault: fake.StoreRefuses(400, 10001, "Unable to authenticate request"), effect: secret.EffectNone, says: "Account › Secrets Store › Edit"},
		"store not found":  {client: func(o *store.Options) { o.StoreID = strings.Repeat("f", 32) }, effect: secret.EffectNone, code: "store_not_found", says: "CLOUDFLARE_STORE_ID"},
		"value not UTF-8":  {value: secret.NewValue("a\xff"), effect: secret.EffectRefused, says: "UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, options{emulator: test.options, client: test.client, fault: on(fake.KindCreateSecret, 1, test.fault)})
			w.put(t, "OTHER")
			v := test.value
			if v.Len() == 0 {
				v = secret.NewValue(value)
			}
			_, err := w.Create(context.Background(), "NAME", v, "receipt", never)
			wantEffect(t, err, test.effect, test.code)
			if !strings.Contains(err.Error(), test.says) {
				t.Errorf("%q does not say %q", err, test.says)
			}
			if n := w.store.Counts()[fake.KindCreateSecret]; n > 1 {
				t.Errorf("tried %d times", n)
			}
			if w.only(t).Name != "OTHER" || w.clock.Slept() != 0 {
				t.Errorf("store holds %v, waited %s", w.store.Secrets(), w.clock.Slept())
			}
		})
	}
}

// The HTTP status of these refusals is not documented, so the word decides.
// Neither is an objection to the value, so the next run may write it.
func TestWordDecidesNotStatus(t *testing.T) {
	for _, status := range []int{http.StatusBadRequest, http.StatusNotFound, http.StatusConflict} {
		w := newWorld(t, options{emulator: func(o *emulator.Options) { o.NotFoundStatus, o.DuplicateStatus = status, status }})
		w.put(t, "NAME")
		_, err := w.create("NAME")
		wantEffect(t, err, secret.EffectNone, "secret_name_already_exists")
		_, err = w.Change(context.Background(), secret.Stored{ID: strings.Repeat("f", 32)}, secret.NewValue(value), "receipt", never)
		wantEffect(t, err, secret.EffectNone, "secret_not_found")
		if w.only(t).Value != "old" {
			t.Error("another writer's secret was overwritten")
		}
	}
}

// Ids go into the URL unescaped.
func TestWriteChecksNameAndID(t *testing.T) {
	w := newWorld(t, options{})
	for _, id := range []string{"", "x", "../../quota", strings.Repeat("g", 32), strings.Repeat("a", 33)} {
		_, err := w.Change(context.Background(), secret.Stored{ID: id}, secret.NewValue(value), "receipt", never)
		wantEffect(t, err, secret.EffectNone, "")
	}
	for _, name := range []string{"", "a b", "a/b", "ü"} {
		_, err := w.Create(context.Background(), name, secret.NewValue(value), "receipt", never)
		wantEffect(t, err, secret.EffectRefused, "")
	}
	if len(w.store.Counts()) != 0 {
		t.Errorf("requests were sent: %v", w.store.Counts())
	}
}

// The SDK appends each request's options to shared ones. Parallel requests must
// not get each other's comment.
func TestParallelWrites(t *testing.T) {
	w := newWorld(t, options{})
	var all sync.WaitGroup
	for _, name := range strings.Split("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "") {
		all.Go(func() {
			if _, err := w.Create(context.Background(), name, secret.NewValue("value of "+name), "comment of "+name, never); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, s := range w.store.Secrets() {
		if s.Value != "value of "+s.Name || s.Comment != "comment of "+s.Name {
			t.Errorf("secret %s has %q and %q", s.Name, s.Value, s.Comment)
		}
	}
	if n := len(w.store.Secrets()); n != 26 {
		t.Errorf("%d secrets, want 26", n)
	}
}
