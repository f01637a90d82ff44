package emulator

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
)

// Transport calls a handler in place of a server, without a socket. A handler
// that hangs up gives an error, as a lost connection does, and a context that
// ends gives up waiting while the handler goes on, as a server would.
func Transport(h http.Handler) http.RoundTripper { return transport{h} }

type transport struct{ handler http.Handler }

// RoundTrip serves one request.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := readBody(r)
	if err != nil {
		return nil, err
	}
	ctx := r.Context()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	served := r.Clone(ctx)
	served.Body = io.NopCloser(bytes.NewReader(body))
	if ctx.Done() == nil { // it never ends, so there is nothing to wait for beside the handler
		return t.serve(served).response(r)
	}
	done := make(chan outcome, 1)
	go func() { done <- t.serve(served) }()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case o := <-done:
		return o.response(r)
	}
}

func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	defer r.Body.Close()
	return io.ReadAll(r.Body)
}

// outcome is what a handler did.
type outcome struct {
	recorder *recorder
	hungUp   bool
}

func (o outcome) response(r *http.Request) (*http.Response, error) {
	if o.hungUp {
		return nil, io.ErrUnexpectedEOF
	}
	return o.recorder.response(r), nil
}

func (t transport) serve(r *http.Request) (o outcome) {
	o.recorder = &recorder{header: http.Header{}}
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			o.hungUp = true
		default:
			panic(p)
		}
	}()
	t.handler.ServeHTTP(o.recorder, r)
	return o
}

// recorder is the http.ResponseWriter of a request without a socket.
type recorder struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorder) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(p)
}

func (r *recorder) response(request *http.Request) *http.Response {
	r.WriteHeader(http.StatusOK)
	return &http.Response{
		Status:        fmt.Sprintf("%d %s", r.status, http.StatusText(r.status)),
		StatusCode:    r.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        r.header,
		Body:          io.NopCloser(&r.body),
		ContentLength: int64(r.body.Len()),
		Request:       request,
	}
}
