package rootkey

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
)

// MAC authenticates the canonical bytes of a journal entry. It returns the
// HMAC-SHA256, under a key derived with the label layer/entry/1, as unpadded
// base64url.
func (k Key) MAC(canonical []byte) (string, error) {
	key, err := k.derive(labelEntry, keySize)
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(canonical)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)), nil
}

// Verify reports whether any key of the ring made the MAC. Entries that were
// authenticated with an old root key still verify when that key is given too.
func (r Ring) Verify(canonical []byte, mac string) bool {
	for _, key := range r.keys {
		if want, err := key.MAC(canonical); err == nil && hmac.Equal([]byte(want), []byte(mac)) {
			return true
		}
	}
	return false
}
