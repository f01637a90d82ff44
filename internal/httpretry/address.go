package httpretry

import (
	"errors"
	"net"
	"net/http"
	"net/url"
)

// CheckAddress refuses an address that a credential must not be sent to:
// anything but https, and http on this machine.
func CheckAddress(u *url.URL) error {
	switch {
	case u.Host == "":
		return errors.New("has no host")
	case u.Scheme == "https", u.Scheme == "http" && (u.Hostname() == "localhost" || LoopbackAddress(u)):
		return nil
	}
	return errors.New("is not https, nor http on a loopback address")
}

// LoopbackAddress reports whether a URL names this machine by address. The
// unspecified address 0.0.0.0 does not: what listens there may be reached from
// outside.
func LoopbackAddress(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return ip != nil && ip.IsLoopback()
}

// NoRedirect is the CheckRedirect of a client whose requests carry a
// credential: a redirect would carry it to another address.
func NoRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
