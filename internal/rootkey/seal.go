package rootkey

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/layeron/rotate/internal/secret"
)

// padding is the block size to which sealed values are padded, so that the
// journal shows only roughly how long a value is.
const padding = 64

// Sealed is a value that an operator supplied, encrypted for the journal:
// unpadded base64url of a nonce and an AES-256-GCM ciphertext.
type Sealed string

// Seal encrypts a value for one context, with a key derived with the label
// layer/seal/1. It authenticates the context too, so a sealed value that is
// moved to another secret or version does not open.
func (k Key) Seal(c Context, value secret.Value, random io.Reader) (Sealed, error) {
	aead, context, err := k.sealer(c)
	if err != nil {
		return "", err
	}
	nonce := make([]byte, aead.NonceSize())
	if _, err := io.ReadFull(random, nonce); err != nil {
		return "", fmt.Errorf("read randomness: %w", err)
	}
	return Sealed(base64.RawURLEncoding.EncodeToString(aead.Seal(nonce, nonce, pad(value), context))), nil
}

// Open decrypts what Seal made for the same context.
func (k Key) Open(c Context, sealed Sealed) (secret.Value, error) {
	aead, context, err := k.sealer(c)
	if err != nil {
		return secret.Value{}, err
	}
	raw, err := decode(string(sealed))
	if err != nil || len(raw) < aead.NonceSize() {
		return secret.Value{}, errors.New("sealed value is damaged")
	}
	padded, err := aead.Open(nil, raw[:aead.NonceSize()], raw[aead.NonceSize():], context)
	if err != nil {
		return secret.Value{}, errors.New("sealed value is damaged or belongs to another secret or version")
	}
	return unpad(padded)
}

// sealer returns the cipher for a context, and the context as additional data.
func (k Key) sealer(c Context) (cipher.AEAD, []byte, error) {
	lineage, err := c.Lineage.raw()
	if err != nil {
		return nil, nil, err
	}
	context := info(labelSeal, lineage, c.Environment, string(c.ID), strconv.Itoa(int(c.Version)))
	key, err := k.derive(context, keySize)
	if err != nil {
		return nil, nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, nil, err
	}
	aead, err := cipher.NewGCM(block)
	return aead, []byte(context), err
}

// pad adds the length of the value before it and zeros after it.
func pad(value secret.Value) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(value.Len()))
	out = append(out, value.Reveal()...)
	return append(out, make([]byte, (padding-len(out)%padding)%padding)...)
}

func unpad(padded []byte) (secret.Value, error) {
	if len(padded) < 4 || uint64(binary.BigEndian.Uint32(padded)) > uint64(len(padded)-4) {
		return secret.Value{}, errors.New("sealed value is damaged")
	}
	return secret.NewValue(string(padded[4 : 4+binary.BigEndian.Uint32(padded)])), nil
}
