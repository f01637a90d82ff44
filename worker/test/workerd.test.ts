import assert from "node:assert/strict"
import { test } from "node:test"
import { before, overlap } from "./values.js"
import { Workerd } from "./workerd.js"

const bindings = ["AUTH_SESSION_KEY", "BILLING_PAYMENT_KEY"].map((binding) => ({
  binding,
  store_id: "store",
  secret_name: binding.toLowerCase(),
}))
const stored = (value: string) => new Map([["auth_session_key", value]])
const now = Date.parse("2026-06-02T00:00:00Z")

test("the library with a real binding", async (t) => {
  const worker = new Workerd(bindings)
  t.after(() => worker.dispose())
  await worker.put(stored(before))

  // The promise that the first request made never settles, because that request
  // has ended.
  await t.test("a request that ends before its read does not block the next", { timeout: 20_000 }, async () => {
    await worker.ask("abandon", now, {})
    assert.deepEqual(await worker.ask("active", now, {}), ["v1"])
  })

  await t.test("a Worker sees a rotation without a deployment", async () => {
    await worker.put(stored(overlap))
    assert.deepEqual(await worker.ask("active", now + 59_999, {}), ["v1"])
    assert.deepEqual(await worker.ask("active", now + 60_000, {}), ["v2", "v1"])
  })

  await t.test("a secret without a value is unavailable", async () => {
    await assert.rejects(worker.ask("payment", now, {}), { message: "unavailable" })
  })

  await t.test("a read of a cached value takes a few microseconds", async (t) => {
    const times = 100_000
    const rounds: number[] = []
    for (let round = 0; round < 5; round++) {
      const start = performance.now()
      await worker.ask("read", now + 60_000, { id: "v1", times })
      rounds.push(((performance.now() - start) * 1000) / times)
    }
    const fastest = Math.min(...rounds)
    t.diagnostic(`${fastest.toFixed(2)} µs a read`)
    assert.ok(fastest < 5, `${fastest} µs`)
  })
})
