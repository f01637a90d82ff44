package main

import (
	"bytes"
	"encoding/base64"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/layeron/rotate/internal/contract"
	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/keyring"
	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/secret"
)

const formats = "docs/design/formats.md"

// sequence is n bytes counting up from first.
func sequence(first byte, n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = first + byte(i)
	}
	return out
}

// The test vectors in the document are what the code computes. They are frozen:
// if this fails, the code is wrong.
func TestVectorsInTheDocument(t *testing.T) {
	document := readText(t, formats)
	text, err := rootkey.Generate(bytes.NewReader(sequence(0, 32)))
	if err != nil {
		t.Fatal(err)
	}
	key := parseKey(t, text).First()
	context := rootkey.Context{
		Lineage: rootkey.NewLineage([rootkey.LineageSize]byte(sequence(0xa0, rootkey.LineageSize))), Environment: "production",
		ID: "auth/session-key", StoreName: secret.StoreName("default", "billing", "production", "auth/session-key"), Version: 1,
	}
	value := func(c rootkey.Context) string {
		v, err := key.Value(c, 32)
		if err != nil {
			t.Fatal(err)
		}
		return v.Reveal()
	}
	second := context
	second.Version = 2
	sealed, err := key.Seal(context, secret.NewValue("s3cret"), bytes.NewReader(sequence(0, 12)))
	if err != nil {
		t.Fatal(err)
	}
	mac, err := key.MAC([]byte("entry"))
	if err != nil {
		t.Fatal(err)
	}
	for name, computed := range map[string]string{
		"root key": text.Reveal(), "fingerprint": string(key.Fingerprint()), "lineage": string(context.Lineage),
		"value of version 1": value(context), "value of version 2": value(second),
		"seal of `s3cret` for version 1, nonce `00` to `0b`": string(sealed), "HMAC of the bytes `entry`": mac,
	} {
		if row := "| " + name + " | `" + computed + "` |"; !strings.Contains(document, row) {
			t.Errorf("%s lacks the row %s", formats, row)
		}
	}
	if declarations := readText(t, "docs/design/declarations.md"); !strings.Contains(declarations, "`"+context.StoreName+"`") {
		t.Errorf("declarations.md lacks the store name %s", context.StoreName)
	}
}

// The journal in the document verifies with the root key of the vectors, and the
// receipt and the stored value beside it are its own.
func TestJournalInTheDocument(t *testing.T) {
	document := readText(t, formats)
	block := regexp.MustCompile("(?s)```json\n(\\{\n  \"schema\": 1,.*?\n\\})\n```").FindStringSubmatch(document)
	if block == nil {
		t.Fatalf("%s holds no journal", formats)
	}
	j, err := journal.Parse([]byte(block[1]))
	if err != nil {
		t.Fatal(err)
	}
	if err := contract.Journal([]byte(block[1])); err != nil {
		t.Error(err)
	}
	ring := parseKey(t, secret.NewValue(rootkey.Prefix+base64.RawURLEncoding.EncodeToString(sequence(0, 32))))
	if tampered := slices.Collect(maps.Keys(j.Tampered(ring))); len(tampered) > 0 {
		t.Errorf("entries %v do not verify", tampered)
	}
	state := j.Entries["auth/session-key"].State
	if receipt := j.Receipt(*state, journal.NoCommit).String(); !strings.Contains(document, "```\n"+receipt+"\n```") {
		t.Errorf("%s lacks the receipt %s", formats, receipt)
	}
	stored := keyring.Keyring{Versioned: true, Current: state.Current.String()}
	for _, v := range state.Versions {
		derived, err := ring.First().Value(rootkey.Context{
			Lineage: state.Lineage, Environment: j.Environment, ID: "auth/session-key", StoreName: state.StoreName, Version: v.Number,
		}, v.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		stored.Versions = append(stored.Versions, keyring.Version{
			ID: v.Number.String(), Value: derived, Encoding: keyring.Base64URL, ActiveFrom: v.ActiveFrom, ExpiresAt: v.ExpiresAt,
		})
	}
	encoded, err := keyring.Encode(stored)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(document, "```json\n"+encoded.Reveal()+"\n```") {
		t.Errorf("%s lacks the stored value %s", formats, encoded.Reveal())
	}
}

func parseKey(t *testing.T, text secret.Value) rootkey.Ring {
	t.Helper()
	ring, err := rootkey.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}
