package emulator

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
)

// Transport returns a transport that calls a handler instead of a server. If
// the handler aborts, the client gets an error, as from a lost connection. If
// the context ends, the client gets its error, and the handler goes on, as a
// server does.
func Transport(h http.Handler) http.RoundTripper { return transport{h} }

type transport struct{ handler http.Handler }

// RoundTrip returns the handler's answer to one request.
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
	if ctx.Done() == nil { // it never ends: only the handler can
		return t.serve(served).response(r)
	}
	done := make(chan outcome, 1)
	go func() { done <- t.serve(served) }()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case o := <-done:
		if err := ctx.Err(); err != nil { // both had happened, and select took either
			return nil, err
		}
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

// outcome is how a handler ended.
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

// recorder is an http.ResponseWriter that keeps the answer.
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
