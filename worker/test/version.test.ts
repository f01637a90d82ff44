import assert from "node:assert/strict"
import { test } from "node:test"
import { inspect } from "node:util"
import { InvalidTimeError, InvalidValueError, KeyringError, keyring } from "@layeron/rotate-worker"
import { overlap } from "./values.js"

const options = { now: () => Date.parse("2026-06-02T00:00:00Z") }

test("a value can be read without awaiting its version first", async () => {
  const ring = keyring(overlap, options)
  assert.deepEqual(await ring.at("2026-05-20T00:00:00Z").bytes(), new Uint8Array([0, 1, 2]))
  assert.equal(await ring.current().text(), "BAUG")
  const version = await ring.version("v1")
  assert.equal(version.id, "v1")
  assert.equal(await version.text(), "AAEC")
})

test("a failed read rejects in every form, and leaves no rejection unhandled", async () => {
  const ring = keyring(overlap, options)
  await assert.rejects(ring.version("v9"), { code: "unknown_version", message: 'unknown version "v9"' })
  await assert.rejects(ring.version("v9").text(), KeyringError)
  await assert.rejects(ring.version("v9").bytes(), KeyringError)
  await assert.rejects(ring.version("v9").json(), KeyringError)
})

test("an instant is a Date, milliseconds or RFC 3339 with a zone", async () => {
  const ring = keyring(overlap, options)
  const instant = "2026-05-20T02:00:00+02:00"
  for (const time of [instant, new Date(instant), Date.parse(instant)]) {
    assert.equal((await ring.at(time)).id, "v1")
  }
  for (const time of [
    "2026-05-20",
    "2026-05-20T00:00:00",
    "2026-02-30T00:00:00Z",
    "2026-05-20T24:00:00Z",
    "",
    Number.NaN,
    new Date("x"),
  ]) {
    await assert.rejects(ring.at(time), InvalidTimeError, `${time}`)
  }
})

test("json", async () => {
  assert.deepEqual(await keyring('{"user":"u"}').current().json<{ user: string }>(), { user: "u" })
  await assert.rejects(keyring("hunter2").current().json(), InvalidValueError)
})

test("the same bytes have only one base64url text", async () => {
  const read = (text: string) => keyring(text, { encoding: "base64url" }).current().bytes()
  assert.deepEqual(await read("_-8"), new Uint8Array([255, 239]))
  assert.deepEqual(await read(""), new Uint8Array())
  for (const text of ["AAE=", "A", "AAECA", "AAEC\n", " AAEC", "+/8", "AB", "AAF", "AAEC!"]) {
    await assert.rejects(read(text), InvalidValueError, text)
  }
})

test("callers may overwrite the bytes", async () => {
  const version = await keyring(overlap, options).current()
  const bytes = await version.bytes()
  bytes.fill(0)
  assert.deepEqual(await version.bytes(), new Uint8Array([4, 5, 6]))
})

// Many people can read a log.
test("neither a version nor an error shows a value", async () => {
  const value = "hunter2-hunter2"
  const failing = () => keyring(value, { encoding: "base64url" }).current()
  const errors = await Promise.all([failing().bytes(), failing().json()].map((read) => read.catch((error) => error)))
  const ring = keyring(value)
  for (const thing of [...errors, await ring.current(), ring.current(), await ring.active(), ring]) {
    const shown = [
      inspect(thing, { depth: 9, showHidden: true }),
      JSON.stringify(thing),
      `${thing}`,
      inspect(Object(thing).stack),
    ]
    assert.ok(!shown.join().includes("hunter2"), shown.join())
  }
})
