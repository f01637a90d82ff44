import { sessionKey } from "~/secrets/sessions"

const encoder = new TextEncoder()

async function hmac(key: string, message: string): Promise<ArrayBuffer> {
  const imported = await crypto.subtle.importKey("raw", encoder.encode(key), { name: "HMAC", hash: "SHA-256" }, false, ["sign"])
  return crypto.subtle.sign("HMAC", imported, encoder.encode(message))
}

export async function sign(user: string): Promise<string> {
  const key = await sessionKey.current()
  const mac = new Uint8Array(await hmac(await key.text(), user))
  return `${user}.${btoa(String.fromCharCode(...mac))}`
}

export async function verify(cookie: string): Promise<string | undefined> {
  const user = cookie.slice(0, cookie.lastIndexOf("."))
  for (const key of await sessionKey.active()) {
    const mac = new Uint8Array(await hmac(await key.text(), user))
    if (cookie === `${user}.${btoa(String.fromCharCode(...mac))}`) return user
  }
}
