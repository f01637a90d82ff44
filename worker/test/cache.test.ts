import assert from "node:assert/strict"
import { mock, test } from "node:test"
import { keyring, UnavailableError } from "@layeron/rotate-worker"
import { before, clockAt, overlap } from "./values.js"

/** A binding whose answer the test controls. */
class Binding {
  calls = 0
  answer: () => Promise<string> = async () => before

  async get(): Promise<string> {
    this.calls++
    return this.answer()
  }
}

test("a rotation is seen after refreshSeconds, by default 60", async () => {
  for (const [options, seconds] of [
    [{}, 60],
    [{ refreshSeconds: 5 }, 5],
  ] as const) {
    const clock = clockAt("2026-06-02T00:00:00Z")
    const binding = new Binding()
    const ring = keyring(binding, { now: clock.now, ...options })
    assert.equal((await ring.current()).id, "v1")
    binding.answer = async () => overlap
    clock.advance(seconds - 0.001)
    assert.equal((await ring.current()).id, "v1")
    assert.equal(binding.calls, 1)
    clock.advance(0.001)
    assert.equal((await ring.current()).id, "v2")
    assert.equal(binding.calls, 2)
  }
})

test("a value is read again after the clock was set back", async () => {
  const clock = clockAt("2026-06-02T00:00:00Z")
  const binding = new Binding()
  const ring = keyring(binding, clock)
  await ring.current()
  binding.answer = async () => overlap
  clock.advance(-3600)
  assert.equal((await ring.current()).id, "v2")
})

test("a value is parsed once, even for several keyrings or when an unchanged value is read again", async () => {
  const clock = clockAt("2026-06-02T00:00:00Z")
  const binding = new Binding()
  const first = await keyring(binding, clock).current()
  assert.equal(await keyring(binding, clock).current(), first)
  assert.equal(binding.calls, 1)
  clock.advance(60)
  assert.equal(await keyring(binding, clock).current(), first)
  assert.equal(binding.calls, 2)
})

test("one binding can be read with two encodings", async () => {
  const binding = { get: async () => "AAEC" }
  assert.equal((await keyring(binding).current().bytes()).length, 4)
  assert.equal((await keyring(binding, { encoding: "base64url" }).current().bytes()).length, 3)
})

test("a source can be a function, synchronous or not", async () => {
  assert.equal((await keyring(() => before).current()).id, "v1")
  assert.equal((await keyring(async () => before).current()).id, "v1")
})

test("concurrent reads share one get", async () => {
  const binding = new Binding()
  const ring = keyring(binding, clockAt("2026-06-02T00:00:00Z"))
  await Promise.all([ring.current(), ring.active(), ring.version("v1"), ring.at("2026-06-01T00:00:00Z")])
  assert.equal(binding.calls, 1)
})

test("an expired version is not active, even before layer removes it and without reading again", async () => {
  const clock = clockAt("2026-06-15T02:59:59.999Z")
  const ring = keyring(overlap, { now: clock.now, refreshSeconds: 1e9 })
  const ids = async () => (await ring.active()).map(({ id }) => id)
  assert.deepEqual(await ids(), ["v2", "v1"])
  clock.advance(0.001)
  assert.deepEqual(await ids(), ["v2"])
})

test("a failed get is not cached", async () => {
  const binding = new Binding()
  const ring = keyring(binding, clockAt("2026-06-02T00:00:00Z"))
  binding.answer = () => Promise.reject(new Error("store is down"))
  const error = await ring.current().catch((error) => error)
  assert.ok(error instanceof UnavailableError && error.cause instanceof Error)
  assert.equal(error.cause.message, "store is down")
  binding.answer = async () => before
  assert.equal((await ring.current()).id, "v1")
})

test("while the store is down, cached keys are used for staleSeconds, by default an hour", async () => {
  for (const [options, seconds] of [
    [{}, 3600],
    [{ staleSeconds: 90 }, 90],
    [{ staleSeconds: 0 }, 60],
  ] as const) {
    const clock = clockAt("2026-06-02T00:00:00Z")
    const binding = new Binding()
    const ring = keyring(binding, { now: clock.now, ...options })
    await ring.current()
    binding.answer = () => Promise.reject(new Error("store is down"))
    clock.advance(seconds - 0.001)
    assert.equal((await ring.current()).id, "v1")
    clock.advance(0.001)
    await assert.rejects(ring.current(), UnavailableError)
    binding.answer = async () => overlap
    assert.equal((await ring.current()).id, "v2")
  }
})

test("a missing or wrong binding is unavailable", async () => {
  const env: { MISSING: Binding } = JSON.parse("{}")
  await assert.rejects(keyring(() => env.MISSING.get()).current(), UnavailableError)
  await assert.rejects(keyring(JSON.parse('{"get":1}')).current(), UnavailableError)
  await assert.rejects(keyring(JSON.parse("null")).current(), UnavailableError)
  await assert.rejects(keyring(env.MISSING).current(), UnavailableError)
  await assert.rejects(keyring(() => JSON.parse("7")).current(), UnavailableError)
})

// Another Worker may have read the new value up to a minute before this one.
test("for an unknown id the value is read again, at most every 5 seconds", async () => {
  const clock = clockAt("2026-06-02T00:00:00Z")
  const binding = new Binding()
  const ring = keyring(binding, clock)
  await ring.current()
  binding.answer = async () => overlap
  clock.advance(4.999)
  await assert.rejects(ring.version("v2"), { code: "unknown_version" })
  assert.equal(binding.calls, 1)
  clock.advance(0.001)
  assert.equal((await ring.version("v2")).id, "v2")
  assert.equal(binding.calls, 2)
  await assert.rejects(ring.version("v3"), { code: "unknown_version" })
  assert.equal(binding.calls, 2)
})

// In a Worker, a promise never settles once its request has ended.
test("a get that never ends delays other reads once, by one second", async (t) => {
  mock.timers.enable({ apis: ["setTimeout"] })
  t.after(() => mock.timers.reset())
  const binding = new Binding()
  let late: (stored: string) => void = () => {}
  binding.answer = () => new Promise((resolve) => (late = resolve))
  const ring = keyring(binding, clockAt("2026-06-02T00:00:00Z"))
  const abandoned = ring.current()
  const waiting = [ring.current(), ring.current()]
  await pendingTasks()
  binding.answer = async () => overlap
  mock.timers.tick(999)
  await pendingTasks()
  assert.equal(binding.calls, 1)
  mock.timers.tick(1)
  assert.deepEqual(
    (await Promise.all(waiting)).map(({ id }) => id),
    ["v2", "v2"],
  )
  assert.equal(binding.calls, 2)

  late(before)
  assert.equal((await abandoned).id, "v1")
  assert.equal((await ring.current()).id, "v2", "a late answer replaces a newer one")
})

/** Runs all tasks that are ready. */
function pendingTasks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
