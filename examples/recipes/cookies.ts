// Session cookies signed with a rotated key. A cookie is "<key id>.<payload>.<mac>".
//
// Declare the secret with `retain_for`, for longer than cookies are valid: a
// Worker may still sign with the outgoing key for a minute after a switch.
import type { Keyring, Version } from "@layeron/rotate-worker"

export interface Session {
  user: string
  /** Milliseconds since 1970. */
  expiresAt: number
}

export async function sign(keys: Keyring, session: Session): Promise<string> {
  const key = await keys.current()
  const signed = `${key.id ?? ""}.${encode(new TextEncoder().encode(JSON.stringify(session)))}`
  const mac = await crypto.subtle.sign("HMAC", await hmac(key), new TextEncoder().encode(signed))
  return `${signed}.${encode(new Uint8Array(mac))}`
}

/** Returns the session of a cookie that we signed, unless it or its key has expired. */
export async function verify(keys: Keyring, cookie: string, now: number): Promise<Session | undefined> {
  const [id, payload, mac, more] = cookie.split(".")
  if (id === undefined || payload === undefined || mac === undefined || more !== undefined) return undefined
  const key = await signer(keys, id)
  if (!key || !(await matches(key, `${id}.${payload}`, mac))) return undefined
  const session: Session = JSON.parse(new TextDecoder().decode(decode(payload)))
  return now < session.expiresAt ? session : undefined
}

/** Returns the key with an id, if cookies signed with it are still valid. */
async function signer(keys: Keyring, id: string): Promise<Version | undefined> {
  const active = await keys.active()
  // Another Worker may have signed with a key that became current a moment ago.
  // For an unknown id, the keyring reads the binding again.
  return active.find((key) => (key.id ?? "") === id) ?? keys.version(id).catch(() => undefined)
}

async function matches(key: Version, signed: string, mac: string): Promise<boolean> {
  const bytes = decode(mac)
  // verify compares in constant time.
  return crypto.subtle.verify("HMAC", await hmac(key), bytes, new TextEncoder().encode(signed))
}

async function hmac(key: Version): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", await key.bytes(), { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"])
}

function encode(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "")
}

/** Decodes base64url. For invalid text it returns no bytes, which match no signature. */
function decode(text: string): Uint8Array<ArrayBuffer> {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) return new Uint8Array()
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0))
}
