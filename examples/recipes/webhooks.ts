// Webhooks signed with a shared secret that is rotated. The sender is told the
// new secret some time after the switch and signs with the old one until then:
// declare it with `retain_for` and as many days as telling everyone takes.
//
// The header is "t=<seconds since 1970>,v1=<hex of HMAC-SHA256 over '<t>.<body>'>".
import type { Keyring, Version } from "@layeron/rotate-worker"

/** How far the sender's clock may be off, and how long a request may be replayed. */
const toleranceSeconds = 300

/** Whether any of the secrets now valid signed the body, and not long ago. */
export async function verify(secrets: Keyring, header: string, body: string, now: number): Promise<boolean> {
  const [, time, mac] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header) ?? []
  if (!time || !mac || Math.abs(now / 1000 - Number(time)) > toleranceSeconds) return false
  for (const secret of await secrets.active()) {
    // verify compares in constant time.
    if (await crypto.subtle.verify("HMAC", await hmac(secret, "verify"), bytes(mac), signed(time, body))) return true
  }
  return false
}

/** The sender's side: the header for a body. */
export async function sign(secret: Version, body: string, now: number): Promise<string> {
  const time = String(Math.floor(now / 1000))
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", await hmac(secret, "sign"), signed(time, body)))
  return `t=${time},v1=${Array.from(mac, (byte) => byte.toString(16).padStart(2, "0")).join("")}`
}

/** The key is the secret's text: that is what people paste into the sender's form. */
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
