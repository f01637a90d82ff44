package cli_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// kill sends a signal to a run of the real program at one of its requests, just
// before the request has its effect or just after it. Each run has servers of
// its own, which end with it: nothing that a dead process sent arrives later.
type kill struct {
	signal syscall.Signal
	at     int64 // the request, of all the run's; the first is 1
	after  bool
	each   func() // called before each request

	count atomic.Int64
	sent  atomic.Bool
	run   *exec.Cmd
	began chan struct{} // the process runs
	ended chan struct{}
	said  ear
}

// ear is a run's standard error, and notices when it says that it stops.
type ear struct {
	text  bytes.Buffer
	heard chan struct{}
	once  sync.Once
}

func (e *ear) Write(p []byte) (int, error) {
	n, err := e.text.Write(p)
	if bytes.Contains(e.text.Bytes(), []byte("layer: stopping")) {
		e.once.Do(func() { close(e.heard) })
	}
	return n, err
}

// server puts a fake behind a server of this run.
func (k *kill) server(t *testing.T, fake http.Handler) *httptest.Server {
	t.Helper()
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		k.each()
		if k.count.Add(1) != k.at {
			fake.ServeHTTP(w, r)
			return
		}
		if k.after {
			fake.ServeHTTP(w, r)
		}
		if err := k.send(); err != nil {
			t.Error(err)
		}
		switch {
		case k.after:
		case k.signal == syscall.SIGKILL:
			panic(http.ErrAbortHandler)
		default:
			fake.ServeHTTP(w, r)
		}
	}))
}

// send sends the signal, and waits until a run that can has taken notice.
func (k *kill) send() error {
	<-k.began
	k.sent.Store(true)
	if err := k.run.Process.Signal(k.signal); err != nil {
		return err
	}
	if k.signal == syscall.SIGTERM {
		select {
		case <-k.said.heard:
		case <-k.ended:
		}
	}
	return nil
}

// start runs a command to its end, and returns what it printed.
func (k *kill) start(t *testing.T, cmd *exec.Cmd) (stdout, stderr string) {
	t.Helper()
	var out bytes.Buffer
	k.run, cmd.Stdout, cmd.Stderr = cmd, &out, &k.said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	close(k.began)
	_ = cmd.Wait()
	close(k.ended)
	return out.String(), k.said.text.String()
}

func newKill(signal syscall.Signal, at int64, after bool, each func()) *kill {
	return &kill{
		signal: signal, at: at, after: after, each: each,
		began: make(chan struct{}), ended: make(chan struct{}), said: ear{heard: make(chan struct{})},
	}
}
