// Records encrypted with a rotated key. The id of the key is stored with the
// ciphertext, because only the id says for certain which key decrypts it.
//
// Declare the secret with 32 bytes and `retain_forever`, or with `retain_for` and
// re-encrypt every record within that time.
import type { Keyring } from "@layeron/rotate-worker"

export interface Sealed {
  keyVersion: string
  /** Base64 of the initialisation vector, 12 bytes in 16 characters, and of the ciphertext. */
  body: string
}

/** Encrypts a record. It can only be decrypted under the same name, such as `invoices/42`. */
export async function encrypt(keys: Keyring, name: string, text: string): Promise<Sealed> {
  const key = await keys.current()
  if (key.id === null) throw new Error("records need a secret with retention, because a plain one keeps no old keys")
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const data = new TextEncoder().encode(text)
  const ciphertext = await crypto.subtle.encrypt(cipher(iv, name), await aes(await key.bytes()), data)
  return { keyVersion: key.id, body: encode(iv) + encode(new Uint8Array(ciphertext)) }
}

/**
 * Decrypts a record. Rejects with a KeyringError when the key is unknown or no
 * longer retained, and with an OperationError when the record was changed or has
 * another name.
 */
export async function decrypt(keys: Keyring, name: string, { keyVersion, body }: Sealed): Promise<string> {
  const key = await aes(await keys.version(keyVersion).bytes())
  const bytes = Uint8Array.from(atob(body), (c) => c.charCodeAt(0))
  const text = await crypto.subtle.decrypt(cipher(bytes.slice(0, 12), name), key, bytes.slice(12))
  return new TextDecoder().decode(text)
}

function cipher(iv: Uint8Array<ArrayBuffer>, name: string): AesGcmParams {
  return { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(name) }
}

function aes(key: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"])
}

function encode(bytes: Uint8Array): string {
  let binary = ""
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}
