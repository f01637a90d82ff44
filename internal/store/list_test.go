package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/emulator"
	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/secret"
)

// fill adds n secrets to the store, the last one first, and returns their
// sorted names.
func (w *world) fill(t *testing.T, n int) []string {
	t.Helper()
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("S%03d", i))
	}
	for _, name := range slices.Backward(names) {
		w.clock.Advance(time.Second)
		w.put(t, name)
	}
	return names
}

func names(list []secret.Stored) []string {
	var all []string
	for _, s := range list {
		all = append(all, s.Name)
	}
	return all
}

// A list takes one request for each page (the SDK's own pager sends one more),
// and is complete.
func TestListIsComplete(t *testing.T) {
	for _, test := range []struct{ secrets, pageLimit, requests int }{
		{0, 100, 1}, {1, 100, 1}, {99, 100, 1}, {100, 100, 1}, {101, 100, 2}, {250, 100, 3}, {20, 7, 3}, {21, 7, 3},
	} {
		w := newWorld(t, options{emulator: func(o *emulator.Options) { o.PageLimit = test.pageLimit }})
		want := w.fill(t, test.secrets)
		got, err := w.List(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, names(got)); diff != "" {
			t.Errorf("%d secrets (-want +got):\n%s", test.secrets, diff)
		}
		if n := w.store.Counts()[fake.KindListSecrets]; n != test.requests {
			t.Errorf("%d secrets, %d on a page: %d requests, want %d", test.secrets, test.pageLimit, n, test.requests)
		}
	}
}

func TestListShowsMetadata(t *testing.T) {
	w := newWorld(t, options{emulator: func(o *emulator.Options) { o.PendingReads = 1 }})
	made, err := w.create("NAME")
	if err != nil {
		t.Fatal(err)
	}
	list, err := w.List(context.Background())
	want := []secret.Stored{{ID: made.ID, Name: "NAME", Comment: "receipt", Status: "pending", Created: secret.At(start), Modified: secret.At(start)}}
	if err != nil || cmp.Diff(want, list) != "" {
		t.Errorf("got %v, %v, want %v", list, err, want)
	}
}

// flaws are the ways in which a list of 150 secrets does not add up.
var flaws = map[string]func(*fake.Page){
	"a secret is missing":        func(p *fake.Page) { p.Secrets = p.Secrets[min(1, len(p.Secrets)):] },
	"a page is empty":            func(p *fake.Page) { p.Secrets = nil },
	"the total is too small":     func(p *fake.Page) { p.Total = 120 },
	"the total is zero":          func(p *fake.Page) { p.Total = 0 },
	"the total is too large":     func(p *fake.Page) { p.Total = 160 },
	"the total moves":            func(p *fake.Page) { p.Total += max(0, 2-p.Number) },
	"a secret is repeated":       func(p *fake.Page) { p.Secrets[1] = p.Secrets[0] },
	"an id is repeated":          func(p *fake.Page) { p.Secrets[1].ID = p.Secrets[0].ID },
	"a name is repeated":         func(p *fake.Page) { p.Secrets[1].Name = p.Secrets[0].Name },
	"an id could be a path":      func(p *fake.Page) { p.Secrets[0].ID = fmt.Sprint("../stores/", p.Number) },
	"the first page is repeated": func(p *fake.Page) { p.Secrets = page(1, 100) },
}

// page returns a page of a list that never ends.
func page(number, size int) []emulator.Metadata {
	var all []emulator.Metadata
	for i := range size {
		n := number*1000 + i
		all = append(all, emulator.Metadata{ID: fmt.Sprintf("%032x", n), Name: fmt.Sprintf("N%d", n), Status: "active", Created: "2026-06-01T03:00:00Z", Modified: "2026-06-01T03:00:00Z"})
	}
	return all
}

// Fault 31: a secret that is on a lost page must not count as missing, and be
// created again.
func TestListThatDoesNotAddUp(t *testing.T) {
	for name, flaw := range flaws {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, options{fault: always(fake.KindListSecrets, fake.EditPage(flaw))})
			w.fill(t, 150)
			list, err := w.List(context.Background())
			if err == nil || list != nil || !strings.Contains(err.Error(), "does not add up") {
				t.Errorf("got %d secrets, %v", len(list), err)
			}
			if n := w.store.Counts()[fake.KindListSecrets]; n < 4 || n > 12 {
				t.Errorf("%d requests, want the list to be read four times", n)
			}
		})
	}
}

// Secrets are created and deleted while a list is read: it is read again.
func TestListAddsUpWhenReadAgain(t *testing.T) {
	for name, flaw := range flaws {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, options{fault: func(r fake.Request) fake.Fault {
				if r.Number <= 2 {
					return fake.EditPage(flaw)
				}
				return fake.Fault{}
			}})
			want := w.fill(t, 150)
			list, err := w.List(context.Background())
			if err != nil || !slices.Equal(want, names(list)) {
				t.Errorf("got %d secrets, %v", len(list), err)
			}
		})
	}
}

// A list without an end must not keep a run forever.
func TestListWithoutEnd(t *testing.T) {
	w := newWorld(t, options{
		emulator: func(o *emulator.Options) { o.RateLimit = 1e6 },
		fault: always(fake.KindListSecrets, fake.EditPage(func(p *fake.Page) {
			p.Total, p.Secrets = 1e6, page(p.Number, 1)
		})),
	})
	if _, err := w.List(context.Background()); err == nil {
		t.Error("a list without an end counted as complete")
	}
	if n := w.store.Counts()[fake.KindListSecrets]; n > 4000 {
		t.Errorf("%d requests", n)
	}
}

// A list without a total is not known to be complete, nor is one in a failed
// answer.
func TestListThatProvesNothing(t *testing.T) {
	for _, body := range []string{`{"success":false,"result":[],"result_info":{"total_count":0}}`, `{"success":true,"result":[]}`, `{"success":true,"result":[],"result_info":{}}`, `{"success":true,"result":{},"result_info":{"total_count":0}}`} {
		fault := fake.Fault{Status: 200, Body: body, Header: header("Content-Type", "application/json")}
		w := newWorld(t, options{fault: always(fake.KindListSecrets, fault)})
		if list, err := w.List(context.Background()); err == nil {
			t.Errorf("%s counted as a list of %d", body, len(list))
		}
	}
}

// The SDK's own pager ignores ctx after the first page.
func TestListObeysContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	w := newWorld(t, options{fault: on(fake.KindListSecrets, 2, fake.Fault{Before: func(context.Context) { cancel() }})})
	w.fill(t, 250)
	if _, err := w.List(ctx); err == nil {
		t.Error("the rest of the list was read after the run was cancelled")
	}
	if n := w.store.Counts()[fake.KindListSecrets]; n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
}

// A deletion takes a while. Meanwhile the list shows the secret, and its name
// is not free.
func TestDeletedSecretIsShown(t *testing.T) {
	w := newWorld(t, options{fault: always(fake.KindListSecrets, fake.EditPage(func(p *fake.Page) {
		gone := p.Secrets[0]
		gone.ID, gone.Status = strings.Repeat("f", 32), "deleted"
		p.Secrets, p.Total = append(p.Secrets, gone), p.Total+1
	}))})
	w.put(t, "NAME")
	list, err := w.List(context.Background())
	if err != nil || len(list) != 2 || list[1].Status != "deleted" {
		t.Errorf("got %v, %v", list, err)
	}
}

// The list is read to its end after a temporary fault on one page.
func TestListSurvivesFaults(t *testing.T) {
	for name, fault := range lost {
		w := newWorld(t, options{fault: on(fake.KindListSecrets, 2, fault)})
		want := w.fill(t, 150)
		list, err := w.List(context.Background())
		if err != nil || !slices.Equal(want, names(list)) {
			t.Errorf("%s: got %d secrets, %v", name, len(list), err)
		}
		if w.clock.Slept() > time.Second {
			t.Errorf("%s: waited %s", name, w.clock.Slept())
		}
	}
}
