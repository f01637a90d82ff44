package emulator_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/emulator"
)

const body = `[{"name":"NAME","value":"v","scopes":["workers"]}]`

// post creates a secret and returns the answer as it is.
func post(ctx context.Context, c *http.Client, base string) (int, string, error) {
	request, err := http.NewRequestWithContext(ctx, "POST", base+"/client/v4"+secrets, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("Authorization", "Bearer token")
	response, err := c.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

// Each fault shows to the client as it would from afar, over a socket and
// inside the process, and has its effect or not.
func TestFaults(t *testing.T) {
	for name, test := range map[string]struct {
		fault   emulator.Fault
		status  int // 0: no answer
		says    string
		applied bool
	}{
		"none":                  {emulator.Fault{}, 200, `"success":true`, true},
		"refused":               {emulator.Refuse(400, 7, "some_word"), 400, `"errors":[{"code":7,"message":"some_word"}]`, false},
		"failed after effect":   {emulator.Fail(500, 7, "some_word"), 500, "some_word", true},
		"page of a proxy":       {emulator.Fault{Skip: true, Status: 502, Body: "<html>"}, 502, "<html>", false},
		"lost after effect":     {emulator.Fault{Drop: true}, 0, "", true},
		"lost before effect":    {emulator.Fault{Skip: true, Drop: true}, 0, "", false},
		"another id":            {emulator.Fault{ID: "other"}, 200, `"id":"other"`, true},
		"success that is false": {emulator.Fault{Unsuccessful: true}, 200, `"success":false`, true},
	} {
		t.Run(name, func(t *testing.T) {
			once := func(o *emulator.Options) {
				o.Fault = func(emulator.Request) emulator.Fault { return test.fault }
			}
			inside, over := newWorld(t, once), newWorld(t, once)
			server := httptest.NewServer(over)
			defer server.Close()
			for w, client := range map[*world]*http.Client{inside: inside.client, over: server.Client()} {
				status, text, err := post(context.Background(), client, server.URL)
				if status != test.status || (err != nil) != (test.status == 0) || !strings.Contains(text, test.says) {
					t.Errorf("got %d %q, %v, want %d %q", status, text, err, test.status, test.says)
				}
				if applied := len(w.Secrets()) == 1; applied != test.applied {
					t.Errorf("applied: %v, want %v", applied, test.applied)
				}
			}
		})
	}
}

// A fault is chosen by what the request is about.
func TestFaultSeesRequest(t *testing.T) {
	var seen []emulator.Request
	w := newWorld(t, func(o *emulator.Options) {
		o.Fault = func(r emulator.Request) emulator.Fault {
			seen = append(seen, r)
			return emulator.Fault{}
		}
	})
	id := w.create(t, "NAME").first().ID
	w.do(t, "PATCH", secrets+"/"+id, `{"value":"w"}`)
	w.do(t, "GET", secrets, "")
	w.do(t, "GET", secrets+"/"+id, "")
	w.do(t, "GET", root+"/stores", "")
	w.do(t, "GET", root+"/quota", "")
	w.do(t, "DELETE", secrets+"/"+id, "")
	want := []emulator.Request{
		{Number: 1, Method: "POST", Kind: "create", Name: "NAME"},
		{Number: 2, Method: "PATCH", Kind: "change", Name: "NAME"},
		{Number: 3, Method: "GET", Kind: "list"},
		{Number: 4, Method: "GET", Kind: "get", Name: "NAME"},
		{Number: 5, Method: "GET", Kind: "stores"},
		{Number: 6, Method: "GET", Kind: "quota"},
		{Number: 7, Method: "DELETE", Kind: "delete", Name: "NAME"},
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestFaultEditsPage(t *testing.T) {
	w := newWorld(t, func(o *emulator.Options) {
		o.Fault = func(emulator.Request) emulator.Fault {
			return emulator.Fault{Page: func(p *emulator.Page) { p.Secrets, p.Total = p.Secrets[:1], 7 }}
		}
	})
	w.create(t, "A")
	w.create(t, "B")
	if got := w.do(t, "GET", secrets+"?order=name", ""); got.names() != "A" || got.Info.Total != 7 || got.Info.Count != 1 {
		t.Errorf("got %q, %+v", got.names(), got.Info)
	}
}

// The hooks run around the effect.
func TestFaultHooks(t *testing.T) {
	var w *world
	var counts []int
	count := func(context.Context) { counts = append(counts, len(w.Secrets())) }
	w = newWorld(t, func(o *emulator.Options) {
		o.Fault = func(emulator.Request) emulator.Fault { return emulator.Fault{Before: count, After: count} }
	})
	w.create(t, "NAME")
	if diff := cmp.Diff([]int{0, 1}, counts); diff != "" {
		t.Errorf("secrets before and after (-want +got):\n%s", diff)
	}
}

// A client that gave up does not undo its request: it may land late.
func TestRequestLandsAfterItsClientLeft(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	landed := make(chan struct{})
	w := newWorld(t, func(o *emulator.Options) {
		o.Fault = func(emulator.Request) emulator.Fault {
			return emulator.Fault{
				Before: func(ctx context.Context) { cancel(); <-ctx.Done() },
				After:  func(context.Context) { close(landed) },
			}
		}
	})
	if _, _, err := post(ctx, w.client, "http://emulator"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	<-landed
	if len(w.Secrets()) != 1 {
		t.Error("the request was lost with its client")
	}
	if _, _, err := post(ctx, w.client, "http://emulator"); !errors.Is(err, context.Canceled) || w.Counts()["create"] != 1 {
		t.Errorf("a request was sent by a client that had left: %v", err)
	}
}

// People edit the store by hand.
func TestEditsByHand(t *testing.T) {
	w := newWorld(t, nil)
	put := func(value, comment string) emulator.Secret {
		t.Helper()
		if err := w.Put("NAME", value, comment); err != nil {
			t.Fatal(err)
		}
		return w.Secrets()[0]
	}
	made := put("v", "c")
	w.clock.pass(time.Minute)
	edited := put("w", "d")
	if edited.ID != made.ID || edited.Value != "w" || edited.Comment != "d" || !edited.Modified.After(made.Modified) || !edited.Created.Equal(made.Created) {
		t.Errorf("made %+v, edited %+v", made, edited)
	}
	if err := w.Remove("NAME"); err != nil || len(w.Secrets()) != 0 {
		t.Errorf("holds %v, %v", w.Secrets(), err)
	}
	if again := put("w", "d"); again.ID == made.ID {
		t.Error("a recreated secret kept its id")
	}
	if len(w.Counts()) != 0 {
		t.Errorf("edits counted as requests: %v", w.Counts())
	}
}
