package sim_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/journalfile"
)

// Between a run and the world there is a wire: each request to a server and each
// use of the journal's file is an effect, at which the scenario may let things go
// wrong.

var errKilled = errors.New("killed")

// latency is how long each effect takes.
const latency = 100 * time.Millisecond

// wire is a run's.
type wire struct {
	w      *world
	p      *process
	fault  *fault
	count  int  // effects so far
	turns  int  // those that count for the fault
	struck bool // the fault happened
	dead   bool
	cancel context.CancelFunc
	until  time.Time // of being rate limited
}

// effect is one of a run's.
type effect struct {
	server string // store, github or file
	writes bool
	method string // of a request
	do     func() error
}

// perform lets an effect happen, or go wrong. It returns what to answer in place
// of what the server says, if anything.
func (x *wire) perform(e effect) error {
	if x.dead {
		return errKilled
	}
	x.count++
	x.w.advance(latency)
	if f := x.fault; f != nil && (!f.Writing || e.writes || x.turns > 0) {
		x.turns++
		if x.turns == f.At || x.turns > f.At && lasting[f.Kind] {
			return x.strike(e)
		}
	}
	return e.do()
}

// lasting faults go on once they began.
var lasting = map[string]bool{limited: true, denied: true, forbidden: true, down: true}

// refused is what a server answers in place of its own answer.
type refused struct{ status int }

func (r refused) Error() string { return fmt.Sprintf("answered %d", r.status) }

func (x *wire) strike(e effect) error {
	x.struck = true
	x.w.say("! effect %d: %s %s", x.count, x.fault.Kind, e.server)
	switch x.fault.Kind {
	case killBefore:
		return x.die()
	case killAfter:
		_ = e.do()
		return x.die()
	case stopBefore:
		x.cancel()
		return e.do()
	case stopAfter:
		err := e.do()
		x.cancel()
		return err
	case stallBefore:
		x.stall()
		return e.do()
	case stallAfter:
		err := e.do()
		x.stall()
		return err
	}
	return x.strikeServer(e)
}

// strikeServer is for faults that only a server can have.
func (x *wire) strikeServer(e effect) error {
	if e.server == "file" {
		x.struck = lasting[x.fault.Kind] && x.struck
		return e.do()
	}
	switch x.fault.Kind {
	case dropBefore:
		x.w.advance(30 * time.Second)
		return io.ErrUnexpectedEOF
	case dropAfter:
		_ = e.do()
		return io.ErrUnexpectedEOF
	case failBefore:
		return refused{500}
	case failAfter:
		_ = e.do()
		return refused{502}
	case delay:
		land := x.p.late(e, x.w.now)
		x.w.held = append(x.w.held, delivery{x.w.now.Add(minutes(x.fault.Wait)), land})
		x.w.advance(30 * time.Second)
		return io.ErrUnexpectedEOF
	case limited:
		if x.until.IsZero() {
			x.until = x.w.now.Add(minutes(x.fault.Wait))
		}
		if x.w.now.Before(x.until) {
			return refused{429}
		}
	case denied:
		return refused{401}
	case forbidden:
		return refused{403}
	case down:
		return refused{503}
	}
	return x.strikeStore(e)
}

// strikeStore is for what only the store is known to do.
func (x *wire) strikeStore(e effect) error {
	if e.server == "store" {
		switch x.fault.Kind {
		case hollow:
			x.w.storeFault = fake.Unsuccessful()
		case mistaken:
			if e.method == http.MethodPost { // which names no id that the answer could be held against
				break
			}
			x.w.storeFault = fake.AnotherID("0123456789abcdef0123456789abcdef")
		case partial:
			x.w.storeFault = fake.EditPage(func(p *fake.Page) { p.Secrets = p.Secrets[:len(p.Secrets)/2] })
		case tooLong:
			if e.writes {
				x.p.env.refused = true
				x.w.storeFault = fake.StoreRefuses(http.StatusBadRequest, 1001, "secret_value_too_long")
			}
		}
	}
	err := e.do()
	x.w.storeFault = fake.Fault{}
	return err
}

func (x *wire) die() error {
	x.dead = true
	return errKilled
}

// stall holds the process while the scenario goes on.
func (x *wire) stall() {
	half := minutes(x.fault.Wait) / 2
	x.w.advance(half)
	x.w.depth++
	for _, e := range x.fault.Inside {
		x.w.advance(minutes(e.At))
		x.w.act(e)
	}
	x.w.depth--
	x.w.advance(half)
}

// transport is the wire to a server.
func (x *wire) transport(server string, next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		body, request, err := copied(r)
		if err != nil {
			return nil, err
		}
		var answer *http.Response
		writes := r.Method != http.MethodGet && r.Header.Get("X-Reads") == ""
		began, turn := x.w.now, map[string]int(nil)
		if server == "store" && writes {
			turn = x.p.turn()
		}
		err = x.perform(effect{server, writes, r.Method, func() error {
			answer, err = next.RoundTrip(request())
			x.p.arrived(server, r.Method, body, began, turn)
			return err
		}})
		var instead refused
		if errors.As(err, &instead) {
			return x.refusal(r, instead.status), nil
		}
		if err != nil {
			return nil, err
		}
		return answer, nil
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// copied makes requests that can be sent at any time.
func copied(r *http.Request) (body []byte, request func() *http.Request, err error) {
	if r.Body != nil {
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, nil, err
		}
	}
	return body, func() *http.Request {
		sent := r.WithContext(context.Background())
		sent.Body = io.NopCloser(bytes.NewReader(body))
		return sent
	}, nil
}

// refusal is an answer that both servers could give.
func (x *wire) refusal(r *http.Request, status int) *http.Response {
	text := http.StatusText(status)
	body, _ := json.Marshal(map[string]any{"success": false, "message": text, "errors": []any{}})
	h := http.Header{"Date": {x.w.now.UTC().Format(http.TimeFormat)}, "Content-Type": {"application/json"}}
	if status == http.StatusTooManyRequests {
		h.Set("Retry-After", fmt.Sprint(int(x.until.Sub(x.w.now).Seconds())+1))
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", status, text), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h, Body: io.NopCloser(strings.NewReader(string(body))), ContentLength: int64(len(body)), Request: r,
	}
}

// fileHome is a journal's file on the wire.
type fileHome struct {
	*journalfile.File
	wire *wire
}

// Read reads the file.
func (h fileHome) Read(ctx context.Context) (now journal.Snapshot, err error) {
	struck := h.wire.perform(effect{"file", false, "", func() error { now, err = h.File.Read(ctx); return err }})
	if struck != nil {
		return journal.Snapshot{}, struck
	}
	return now, nil
}

// Write writes the file.
func (h fileHome) Write(ctx context.Context, revision string, j journal.Journal, message string) (next string, err error) {
	struck := h.wire.perform(effect{"file", true, "", func() error {
		next, err = h.File.Write(ctx, revision, j, message)
		h.wire.p.sawFile(message)
		return err
	}})
	return next, struck
}

// clock is a run's.
type clock struct{ x *wire }

// Now is the world's time as the machine's clock has it.
func (c clock) Now() time.Time { return c.x.w.now.Add(c.x.p.skew) }

// Sleep passes the world's time.
func (c clock) Sleep(ctx context.Context, d time.Duration) error {
	if c.x.dead {
		return errKilled
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	c.x.w.advance(d)
	return nil
}
