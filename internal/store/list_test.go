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

// fill puts n secrets into the store, the last one first, and returns their
// names, sorted.
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

// A list takes as few requests as there are pages (the SDK's own pager asks for
// one more), and holds what the store tells.
func TestListIsWhole(t *testing.T) {
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

// page makes up a page of a list that never ends.
func page(number, size int) []emulator.Metadata {
	var all []emulator.Metadata
	for i := range size {
		n := number*1000 + i
		all = append(all, emulator.Metadata{ID: fmt.Sprintf("%032x", n), Name: fmt.Sprintf("N%d", n), Status: "active", Created: "2026-06-01T03:00:00Z", Modified: "2026-06-01T03:00:00Z"})
	}
	return all
}

// Fault 31: a run must not take a secret for missing, and create it, because a
// page got lost.
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

// Secrets come and go while a list is read: it is read again.
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

// A server whose list has no end must not keep a run for ever.
func TestListWithoutEnd(t *testing.T) {
	w := newWorld(t, options{
		emulator: func(o *emulator.Options) { o.RateLimit = 1e6 },
		fault: always(fake.KindListSecrets, fake.EditPage(func(p *fake.Page) {
			p.Total, p.Secrets = 1e6, page(p.Number, 1)
		})),
	})
	if _, err := w.List(context.Background()); err == nil {
		t.Error("a list without end was taken for whole")
	}
	if n := w.store.Counts()[fake.KindListSecrets]; n > 4000 {
		t.Errorf("%d requests", n)
	}
}

// A total that is not there proves nothing, nor does an answer of failure.
func TestListThatProvesNothing(t *testing.T) {
	for _, body := range []string{`{"success":false,"result":[],"result_info":{"total_count":0}}`, `{"success":true,"result":[]}`, `{"success":true,"result":[],"result_info":{}}`, `{"success":true,"result":{},"result_info":{"total_count":0}}`} {
		fault := fake.Fault{Status: 200, Body: body, Header: header("Content-Type", "application/json")}
		w := newWorld(t, options{fault: always(fake.KindListSecrets, fault)})
		if list, err := w.List(context.Background()); err == nil {
			t.Errorf("%s was taken for a list of %d", body, len(list))
		}
	}
}

// The SDK's pager drops the context on later pages.
func TestListObeysContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	w := newWorld(t, options{fault: on(fake.KindListSecrets, 2, fake.Fault{Before: func(context.Context) { cancel() }})})
	w.fill(t, 250)
	if _, err := w.List(ctx); err == nil {
		t.Error("the list was read on after the run was cancelled")
	}
	if n := w.store.Counts()[fake.KindListSecrets]; n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
}

// Deletion takes a while: the list shows it, and the name cannot be taken.
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

// A passing fault on one page is no reason to give the list up.
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
