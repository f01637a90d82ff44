import assert from "node:assert/strict"
import { test } from "node:test"
import { keyring } from "@layeron/rotate-worker"
import * as cookies from "../../examples/recipes/cookies.js"
import * as records from "../../examples/recipes/records.js"
import * as webhooks from "../../examples/recipes/webhooks.js"
import { before, clockAt, overlap } from "./values.js"

const now = Date.parse("2026-06-02T00:00:00Z")
const day = 86_400_000
const clock = { now: () => now }

/** Replaces one character of a text. */
function changed(text: string, at: number): string {
  return `${text.slice(0, at)}${text[at] === "A" ? "B" : "A"}${text.slice(at + 1)}`
}

test("a cookie signed before a switch is valid until the cookie or its key expires", async () => {
  const cookie = await cookies.sign(keyring(before, clock), { user: "ada", expiresAt: now + day })
  const ring = keyring(overlap, clock)
  assert.equal((await cookies.verify(ring, cookie, now + day - 1))?.user, "ada")
  assert.equal(await cookies.verify(ring, cookie, now + day), undefined)

  const endless = await cookies.sign(keyring(before, clock), { user: "ada", expiresAt: now + 1000 * day })
  const time = clockAt("2026-06-15T02:59:59.999Z")
  assert.equal((await cookies.verify(keyring(overlap, time), endless, time.now()))?.user, "ada")
  time.advance(0.001)
  assert.equal(await cookies.verify(keyring(overlap, time), endless, time.now()), undefined)
})

test("a cookie is valid in a Worker that has not read its key yet", async () => {
  const time = clockAt("2026-06-02T00:00:00Z")
  let stored = before
  const behind = keyring(() => stored, time)
  await behind.current()
  stored = overlap
  time.advance(30)
  const cookie = await cookies.sign(keyring(overlap, time), { user: "ada", expiresAt: now + day })
  assert.equal((await cookies.verify(behind, cookie, time.now()))?.user, "ada")
})

test("a cookie that we did not sign is invalid", async () => {
  const ring = keyring(overlap, clock)
  const cookie = await cookies.sign(ring, { user: "ada", expiresAt: now + day })
  for (let at = 0; at < cookie.length - 1; at++) {
    assert.equal(await cookies.verify(ring, changed(cookie, at), now), undefined, `changed at ${at}`)
  }
  for (const forged of ["", "..", "v2..", "v2.e30.", "v2.e30.!", `${cookie}.`, "__proto__.e30.e30", "v2.e30"]) {
    assert.equal(await cookies.verify(ring, forged, now), undefined, forged)
  }
})

test("with a plain secret, cookies are valid until the next rotation", async () => {
  const cookie = await cookies.sign(keyring("one", clock), { user: "ada", expiresAt: now + day })
  assert.equal((await cookies.verify(keyring("one", clock), cookie, now))?.user, "ada")
  assert.equal(await cookies.verify(keyring("two", clock), cookie, now), undefined)
})

const aes = JSON.stringify({
  current: "v2",
  versions: {
    v1: { value: "A".repeat(43), encoding: "base64url", activeFrom: "2026-01-01T00:00:00.000Z" },
    v2: { value: `${"B".repeat(42)}A`, encoding: "base64url", activeFrom: "2026-06-01T00:00:00.000Z" },
  },
})

test("a record is decrypted with the key that encrypted it", async () => {
  const old = keyring(JSON.stringify({ ...JSON.parse(aes), current: "v1" }), clock)
  const sealed = await records.encrypt(old, "invoices/42", "1 000 €")
  assert.equal(sealed.keyVersion, "v1")
  assert.equal(await records.decrypt(keyring(aes, clock), "invoices/42", sealed), "1 000 €")
  const large = "x".repeat(1 << 20)
  const ring = keyring(aes, clock)
  assert.equal(await records.decrypt(ring, "big", await records.encrypt(ring, "big", large)), large)
})

test("a record with a changed body, name or key id is not decrypted", async () => {
  const ring = keyring(aes, clock)
  const sealed = await records.encrypt(ring, "invoices/42", "1 000 €")
  const bad = { name: "OperationError" }
  await assert.rejects(records.decrypt(ring, "invoices/43", sealed), bad)
  await assert.rejects(records.decrypt(ring, "invoices/42", { ...sealed, keyVersion: "v1" }), bad)
  await assert.rejects(records.decrypt(ring, "invoices/42", { ...sealed, body: changed(sealed.body, 20) }), bad)
  await assert.rejects(records.decrypt(ring, "invoices/42", { ...sealed, keyVersion: "v3" }), {
    code: "unknown_version",
  })
  await assert.rejects(records.encrypt(keyring("plain"), "a", "b"), /needs? a secret with retention/)
})

test("webhooks signed with either secret are valid during the overlap", async () => {
  const newSecret = await keyring(overlap, clock).current()
  const oldSecret = await keyring(before, clock).current()
  for (const secret of [newSecret, oldSecret]) {
    const header = await webhooks.sign(secret, "{}", now)
    assert.equal(await webhooks.verify(keyring(overlap, clock), header, "{}", now), true)
    assert.equal(await webhooks.verify(keyring(overlap, clock), header, "{ }", now), false)
  }
  const later = Date.parse("2026-06-15T03:00:00Z")
  const header = await webhooks.sign(oldSecret, "{}", later)
  assert.equal(await webhooks.verify(keyring(overlap, { now: () => later }), header, "{}", later), false)
})

test("an old webhook is invalid", async () => {
  const ring = keyring(overlap, clock)
  const header = await webhooks.sign(await ring.current(), "{}", now)
  for (const [seconds, want] of [
    [300, true],
    [-300, true],
    [301, false],
    [-301, false],
  ] as const) {
    assert.equal(await webhooks.verify(ring, header, "{}", now + seconds * 1000), want, `${seconds}`)
  }
  for (const bad of ["", "t=,v1=", header.replace("t=", "t=0"), header.toUpperCase(), `${header},v1=00`]) {
    assert.equal(await webhooks.verify(ring, bad, "{}", now), false, bad)
  }
})
