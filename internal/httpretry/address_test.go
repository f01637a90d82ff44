package httpretry_test

import (
	"net/url"
	"testing"

	"github.com/layeron/rotate/internal/httpretry"
)

func TestCheckAddress(t *testing.T) {
	for text, accepted := range map[string]bool{
		"https://api.cloudflare.com/client/v4/": true, "http://127.0.0.1:8787": true, "http://127.9.9.9": true, "http://[::1]": true, "http://localhost:1": true,
		"http://api.cloudflare.com": false, "http://0.0.0.0": false, "http://[::]": false, "http://10.0.0.1": false,
		"http://127.0.0.1.example.com": false, "http://localhost.example.com": false, "ftp://127.0.0.1": false, "https://": false, "/client/v4": false,
	} {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := httpretry.CheckAddress(u); (err == nil) != accepted {
			t.Errorf("%s: %v", text, err)
		}
	}
}
