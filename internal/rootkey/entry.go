package rootkey

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
)

// MAC authenticates the canonical bytes of a journal entry (label
// layer/entry/1): unpadded base64url of HMAC-SHA256.
func (k Key) MAC(canonical []byte) (string, error) {
	key, err := k.derive(labelEntry, keySize)
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(canonical)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)), nil
}

// Verify tells whether any of the ring's keys made the MAC, so that entries
// signed before a root key was replaced still verify.
func (r Ring) Verify(canonical []byte, mac string) bool {
	for _, key := range r.keys {
		if want, err := key.MAC(canonical); err == nil && hmac.Equal([]byte(want), []byte(mac)) {
			return true
		}
	}
	return false
}
