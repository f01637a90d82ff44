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

// kill sends a signal to one run of the real program at one of its requests,
// just before or just after the request has its effect. Each run has its own
// servers, which are closed after it, so that no request arrives after the
// process has ended.
type kill struct {
	signal syscall.Signal
	at     int64 // the number of the request, from 1
	after  bool
	each   func() // called before each request

	count  atomic.Int64
	sent   atomic.Bool
	run    *exec.Cmd
	began  chan struct{} // closed when the process has started
	ended  chan struct{} // closed when it has ended
	stderr stderrWatcher
}

// stderrWatcher collects standard error. It closes the channel stopping when
// layer prints that it is stopping.
type stderrWatcher struct {
	text     bytes.Buffer
	stopping chan struct{}
	once     sync.Once
}

func (w *stderrWatcher) Write(p []byte) (int, error) {
	n, err := w.text.Write(p)
	if bytes.Contains(w.text.Bytes(), []byte("layer: stopping")) {
		w.once.Do(func() { close(w.stopping) })
	}
	return n, err
}

// server serves a fake for this run.
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

// send sends the signal. After SIGTERM, it waits until the run has reacted or
// ended.
func (k *kill) send() error {
	<-k.began
	k.sent.Store(true)
	if err := k.run.Process.Signal(k.signal); err != nil {
		return err
	}
	if k.signal == syscall.SIGTERM {
		select {
		case <-k.stderr.stopping:
		case <-k.ended:
		}
	}
	return nil
}

// start runs a command to its end and returns its output.
func (k *kill) start(t *testing.T, cmd *exec.Cmd) (stdout, stderr string) {
	t.Helper()
	var out bytes.Buffer
	k.run, cmd.Stdout, cmd.Stderr = cmd, &out, &k.stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	close(k.began)
	_ = cmd.Wait()
	close(k.ended)
	return out.String(), k.stderr.text.String()
}

func newKill(signal syscall.Signal, at int64, after bool, each func()) *kill {
	return &kill{
		signal: signal, at: at, after: after, each: each,
		began: make(chan struct{}), ended: make(chan struct{}), stderr: stderrWatcher{stopping: make(chan struct{})},
	}
}
