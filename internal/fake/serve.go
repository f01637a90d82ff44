package fake

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/layeron/rotate/internal/emulator"
)

// Serve serves a GitHub on loopback until the test ends.
func Serve(t testing.TB, o Options) (*GitHub, *httptest.Server) {
	t.Helper()
	g, err := New(o)
	return serve(t, g, err)
}

// ServeStore serves a Secrets Store on loopback until the test ends. The API is
// below the path /client/v4.
func ServeStore(t testing.TB, o emulator.Options) (*Store, *httptest.Server) {
	t.Helper()
	s, err := NewStore(o)
	return serve(t, s, err)
}

func serve[H http.Handler](t testing.TB, handler H, err error) (H, *httptest.Server) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return handler, server
}
