// Webhooks signed with a rotated secret. A sender signs with the old secret until
// it gets the new one, so declare the secret with `retain_for` and as many days as
// it takes to give the new one to all senders.
//
// The header is "t=<seconds since 1970>,v1=<hex of HMAC-SHA256 over '<t>.<body>'>".
import type { Keyring, Version } from "@layeron/rotate-worker"

/** How wrong the sender's clock may be, and how long a request can be replayed. */
const toleranceSeconds = 300

/** Reports whether the body was signed recently, with a secret that is still valid. */
export async function verify(secrets: Keyring, header: string, body: string, now: number): Promise<boolean> {
  const [, time, mac] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header) ?? []
  if (!time || !mac || Math.abs(now / 1000 - Number(time)) > toleranceSeconds) return false
  for (const secret of await secrets.active()) {
    // verify compares in constant time.
    if (await crypto.subtle.verify("HMAC", await hmac(secret, "verify"), bytes(mac), signed(time, body))) return true
  }
  return false
}

/** Returns the header that a sender makes for a body. */
export async function sign(secret: Version, body: string, now: number): Promise<string> {
  const time = String(Math.floor(now / 1000))
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", await hmac(secret, "sign"), signed(time, body)))
  return `t=${time},v1=${Array.from(mac, (byte) => byte.toString(16).padStart(2, "0")).join("")}`
}

/** Imports the text of the secret as the key, because people paste that text into the sender's settings. */
async function hmac(secret: Version, use: "sign" | "verify"): Promise<CryptoKey> {
  const key = new TextEncoder().encode(await secret.text())
  return crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, [use])
}

function signed(time: string, body: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${time}.${body}`)
}

function bytes(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}
