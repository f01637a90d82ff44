// Stored values that the shared test vectors do not cover.
import assert from "node:assert/strict"
import { test } from "node:test"
import { keyring } from "@layeron/rotate-worker"

const options = { now: () => Date.parse("2026-06-02T00:00:00Z") }

test("an array is not an object of versions", async () => {
  const stored = '{"current":"0","versions":[{"value":"x"}]}'
  assert.equal(await keyring(stored, options).current().text(), stored)
})

test("without a v1, a time before the first version is no longer retained", async () => {
  const stored = JSON.stringify({
    current: "v2",
    versions: {
      v1: { activeFrom: "2026-01-01T00:00:00.000Z", gone: true },
      v2: { value: "b", activeFrom: "2026-05-01T00:00:00.000Z" },
    },
  })
  await assert.rejects(keyring(stored, options).at("2025-01-01T00:00:00Z"), { code: "no_longer_retained" })
})

// Returning an empty key instead would let anyone forge signatures.
test("a current version that is marked as gone still has its value", async () => {
  const stored = '{"current":"v1","versions":{"v1":{"value":"x","gone":true}}}'
  assert.equal(await keyring(stored, options).current().text(), "x")
})
