package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/layeron/rotate/internal/secret"
)

// A value printed in any of these ways would end up in a log.
func TestValueNeverShows(t *testing.T) {
	const plain = "hunter2-hunter2"
	v := secret.NewValue(plain)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("write", "value", v, "in", struct{ V secret.Value }{v})
	encoded, err := json.Marshal(map[string]any{"v": v, "p": &v})
	if err != nil {
		t.Fatal(err)
	}
	shown := []string{
		fmt.Sprint(v), fmt.Sprintf("%s %v %+v %#v %q %x %d %T", v, v, v, v, v, v, v, v),
		fmt.Sprintf("%v %+v %#v", struct{ V secret.Value }{v}, &v, []secret.Value{v}),
		fmt.Sprintf("%v %+v %#v %v", struct{ v secret.Value }{v}, struct{ v *secret.Value }{&v}, struct{ v []secret.Value }{[]secret.Value{v}}, struct{ v secret.Value }{v}),
		fmt.Errorf("wrap: %v", v).Error(), log.String(), string(encoded),
	}
	for _, s := range shown {
		if strings.Contains(s, plain) || strings.Contains(s, fmt.Sprintf("%x", plain)) {
			t.Errorf("the value is shown: %s", s)
		}
	}
	if v.Reveal() != plain {
		t.Error("Reveal does not return the value")
	}
}

func TestStoreNameVector(t *testing.T) {
	got := secret.StoreName("default", "billing", "production", secret.NewID("auth", "session-key"))
	if want := "lo_a494b5a896c5b7b352b5ffef"; got != want {
		t.Errorf("got %s, want %s: every store name in production would change", got, want)
	}
}

func TestCheckName(t *testing.T) {
	for _, name := range []string{"session-key", "Ünïcode", "a b", "<b>|`x`", "::set-output name=x::y", "🔑"} {
		if err := secret.CheckName(name); err != nil {
			t.Errorf("%q refused: %v", name, err)
		}
	}
	for _, name := range []string{"", " a", "a ", "a\nb", "a\tb", "a/b", "../x", `a\b`, "a\u202eb", "a\u200bb", "\x1b[31m", "a\xffb", "a\u00a0b", strings.Repeat("x", 129)} {
		if err := secret.CheckName(name); err == nil {
			t.Errorf("%q accepted", name)
		}
	}
}

func TestCheckEnvironment(t *testing.T) {
	for _, name := range []string{"production", "p", "eu-1.blue_2", strings.Repeat("a", 64)} {
		if err := secret.CheckEnvironment(name); err != nil {
			t.Errorf("%q refused: %v", name, err)
		}
	}
	for _, name := range []string{"", "Prod", "-a", ".a", "a..b", "a.", "a.lock", "a/b", "a b", strings.Repeat("a", 65)} {
		if err := secret.CheckEnvironment(name); err == nil {
			t.Errorf("%q accepted", name)
		}
	}
}

func TestInstant(t *testing.T) {
	for in, want := range map[string]string{
		"2026-06-01T00:00:00Z":           `"2026-06-01T00:00:00.000Z"`,
		"2026-06-01T02:00:00+02:00":      `"2026-06-01T00:00:00.000Z"`,
		"2026-06-01T00:00:00.123456789Z": `"2026-06-01T00:00:00.123Z"`,
	} {
		i, err := secret.ParseInstant(in)
		if err != nil {
			t.Fatal(err)
		}
		encoded, _ := json.Marshal(i)
		if string(encoded) != want {
			t.Errorf("%s: got %s, want %s", in, encoded, want)
		}
		var back secret.Instant
		if err := json.Unmarshal(encoded, &back); err != nil || !back.Equal(i) {
			t.Errorf("%s changes in a round trip: %v, %v", in, back, err)
		}
	}
	for _, in := range []string{"", "2026-06-01", "2026-06-01T00:00:00", "yesterday", "2026-13-01T00:00:00Z"} {
		if _, err := secret.ParseInstant(in); err == nil {
			t.Errorf("%q accepted", in)
		}
	}
	encoded, _ := json.Marshal(secret.Instant{})
	if string(encoded) != "null" {
		t.Errorf("got %s for none, want null", encoded)
	}
}

func TestParseVersion(t *testing.T) {
	if v, err := secret.ParseVersion("v12"); err != nil || v != 12 || v.String() != "v12" {
		t.Errorf("v12 is parsed as %v, %v", v, err)
	}
	for _, in := range []string{"", "v", "v0", "v01", "12", "V1", "v1 ", "v-1", "v1x", "v99999999999999999999"} {
		if _, err := secret.ParseVersion(in); err == nil {
			t.Errorf("%q accepted", in)
		}
	}
}

func TestDeclarationJSONHasNoAbsentFields(t *testing.T) {
	d := secret.Declaration{ID: "a/b", Kind: secret.Static, StoreName: "X", Rotation: &secret.Rotation{EveryDays: 7, Retain: secret.Retention{Mode: secret.RetainNone}}}
	got, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"id":"a/b","kind":"static","bytes":null,"storeName":"X","rotation":{"everyDays":7,"startAt":null,"retain":{"mode":"none","days":null}},"value":null,"consume":null,"ownership":null,"source":{"file":null,"line":null,"column":null}}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	var back secret.Declaration
	if err := json.Unmarshal(got, &back); err != nil || back.ID != d.ID || *back.Rotation != *d.Rotation {
		t.Errorf("it changes in a round trip: %+v, %v", back, err)
	}
}
