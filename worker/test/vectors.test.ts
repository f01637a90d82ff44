// The test vectors that the Go package internal/keyring passes, too.
import assert from "node:assert/strict"
import { readdirSync, readFileSync } from "node:fs"
import { test } from "node:test"
import { type Keyring, KeyringError, keyring, type Version } from "@layeron/rotate-worker"

type Read = { op: "current" | "active" } | { op: "version"; id: string } | { op: "at"; at: string }
type Shown = { id: string | null; text: string; bytes: string }
type Want = Shown | Shown[] | { error: string } | "the value itself"

interface VectorFile {
  value?: string
  values?: { title: string; value: string }[]
  encoding?: "base64url"
  cases: { title: string; now: string; read: Read; want: Want }[]
}

const folder = "../testdata/keyring"
const files = readdirSync(folder).filter((name) => name.endsWith(".json"))

test("there are vectors", () => assert.ok(files.length > 0))

for (const file of files) {
  const { value, values = [], encoding, cases }: VectorFile = JSON.parse(readFileSync(`${folder}/${file}`, "utf8"))
  if (value !== undefined) values.push({ title: "", value })
  for (const { title, value } of values) {
    for (const { title: name, now, read, want } of cases) {
      test(`${file}/${title}/${name}`, async () => {
        const ring = keyring(value, { now: () => Date.parse(now), ...(encoding && { encoding }) })
        assert.deepEqual(await result(ring, read), want === "the value itself" ? plain(value) : want)
      })
    }
  }
}

async function result(ring: Keyring, read: Read): Promise<Shown | Shown[] | { error: string }> {
  try {
    const got = await run(ring, read)
    return Array.isArray(got) ? await Promise.all(got.map(shown)) : await shown(got)
  } catch (error) {
    if (error instanceof KeyringError) return { error: error.code }
    throw error
  }
}

function run(ring: Keyring, read: Read): Promise<Version | Version[]> {
  switch (read.op) {
    case "version":
      return ring.version(read.id)
    case "at":
      return ring.at(read.at)
    default:
      return ring[read.op]()
  }
}

async function shown(version: Version): Promise<Shown> {
  return { id: version.id, text: await version.text(), bytes: hex(await version.bytes()) }
}

function plain(value: string): Shown {
  return { id: null, text: value, bytes: hex(new TextEncoder().encode(value)) }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex")
}
