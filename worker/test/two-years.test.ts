// `layer` runs every day for two years and rotates the secrets of
// examples/billing. A Worker with the recipes reads them through the bindings
// that `layer` prints.
import assert from "node:assert/strict"
import { test } from "node:test"
import { keyring } from "@layeron/rotate-worker"
import * as webhooks from "../../examples/recipes/webhooks.js"
import { Project } from "./project.js"
import { type Binding, Workerd } from "./workerd.js"

const minute = 60_000
const day = 1440 * minute
const days = 730
const start = Date.parse("2026-05-20T03:00:00Z")

/** Returns when the run of a day starts, up to 50 minutes late. */
function runAt(index: number): number {
  return start + index * day + ((index * 37) % 50) * minute
}

interface Cookie {
  cookie: string
  expiresAt: number
}

/** A version in a stored value, as far as the test reads it. */
interface Dates {
  expiresAt?: string
}

class Simulation {
  readonly project = new Project()
  readonly worker: Workerd
  readonly #bindings: Binding[]
  /** Cookies that never expire, by the id of the key that signed them. */
  readonly #endless = new Map<string, string>()
  readonly #sealed: { name: string; keyVersion: string; body: string; at: number }[] = []
  #cookies: Cookie[] = []
  #stored = new Map<string, string>()
  #senderSecret = ""
  readonly seen = { keysExpired: 0, cookiesExpired: 0, recordKeys: new Set<string>(), oldWebhooks: 0 }

  constructor() {
    this.#bindings = this.project.bindings()
    this.worker = new Workerd(this.#bindings)
  }

  async day(index: number): Promise<void> {
    const [now, next] = [runAt(index), runAt(index + 1)]
    this.project.rotate(now)
    this.#stored = this.project.stored()
    await this.worker.put(this.#stored)
    await this.#checkCookies(now)
    await this.#checkRecords(now, index)
    await this.#checkWebhooks(now)
    await this.#checkExpiries(now, next)
  }

  /** A login is valid for 13 days, even when its key is replaced meanwhile. */
  async #checkCookies(now: number): Promise<void> {
    const got = await this.worker.ask("verify", now, { cookies: this.#cookies.map(({ cookie }) => cookie) })
    const want = this.#cookies.map(({ expiresAt }) => (now < expiresAt ? "ada" : null))
    assert.deepEqual(got, want, `cookies on ${new Date(now).toISOString()}`)
    this.seen.cookiesExpired += want.filter((user) => user === null).length
    this.#cookies = this.#cookies.filter(({ expiresAt }) => now < expiresAt)

    const expiresAt = now + 13 * day
    const cookie = await this.worker.ask("sign", now, { session: { user: "ada", expiresAt } })
    this.#cookies.push({ cookie, expiresAt })
    const [newest] = await this.worker.ask("active", now, {})
    assert.ok(newest)
    if (!this.#endless.has(newest)) {
      const session = { user: "ada", expiresAt: Number.MAX_SAFE_INTEGER }
      this.#endless.set(newest, await this.worker.ask("sign", now, { session }))
    }
  }

  /** A key is invalid from the millisecond of its expiry, before a run removes it. */
  async #checkExpiries(now: number, next: number): Promise<void> {
    const versions: Record<string, Dates> = JSON.parse(this.#value("AUTH_SESSION_KEY")).versions
    for (const [id, dates] of Object.entries(versions)) {
      const expiresAt = Date.parse(dates.expiresAt ?? "")
      const cookie = this.#endless.get(id)
      if (!cookie || !(now < expiresAt && expiresAt < next)) continue
      assert.deepEqual(await this.worker.ask("verify", expiresAt - 1, { cookies: [cookie] }), ["ada"], id)
      assert.deepEqual(await this.worker.ask("verify", expiresAt, { cookies: [cookie] }), [null], id)
      assert.ok(!(await this.worker.ask("active", expiresAt, {})).includes(id))
      this.seen.keysExpired++
    }
  }

  /** Each day one record is written, and seven older ones are read. */
  async #checkRecords(now: number, index: number): Promise<void> {
    const name = `invoices/${index}`
    const sealed = await this.worker.ask("encrypt", now, { name, text: name })
    this.seen.recordKeys.add(sealed.keyVersion)
    this.#sealed.push({ ...sealed, name, at: now })
    const from = (index * 101) % this.#sealed.length
    await this.readRecords(now, this.#sealed.slice(from, from + 7))
  }

  /** Every record can be decrypted, and `at` returns the key that it was written with. */
  async readRecords(now: number, records = this.#sealed): Promise<void> {
    const texts = await this.worker.ask("decrypt", now, { records })
    assert.deepEqual(
      texts,
      records.map(({ name }) => name),
    )
    const ids = await this.worker.ask("at", now, { times: records.map(({ at }) => at) })
    assert.deepEqual(
      ids,
      records.map(({ keyVersion }) => keyVersion),
    )
  }

  /** The sender gets a new secret six days after the switch. */
  async #checkWebhooks(now: number): Promise<void> {
    const stored = this.#value("BILLING_WEBHOOK_SECRET")
    const ring = keyring(stored, { now: () => now })
    const current = await ring.current()
    const { activeFrom } = JSON.parse(stored).versions[`${current.id}`]
    if (now - Date.parse(activeFrom) >= 6 * day || !this.#senderSecret) this.#senderSecret = stored
    const secret = await keyring(this.#senderSecret).current()
    if (secret.id !== current.id) this.seen.oldWebhooks++
    const header = await webhooks.sign(secret, "{}", now)
    assert.equal(
      await this.worker.ask("webhook", now, { header, body: "{}" }),
      true,
      `${secret.id} on ${new Date(now).toISOString()}`,
    )
  }

  #value(binding: string): string {
    const name = this.#bindings.find((known) => known.binding === binding)?.secret_name
    const value = name && this.#stored.get(name)
    assert.ok(value, `no value for ${binding}`)
    return value
  }

  async end(): Promise<void> {
    await this.worker.dispose()
    this.project.remove()
  }
}

test("two years of daily runs", async (t) => {
  const simulation = new Simulation()
  t.after(() => simulation.end())
  for (let index = 0; index < days; index++) await simulation.day(index)
  await simulation.readRecords(runAt(days - 1))

  const { keysExpired, cookiesExpired, recordKeys, oldWebhooks } = simulation.seen
  t.diagnostic(
    `${keysExpired} session keys expired, ${recordKeys.size} record keys, ${oldWebhooks} webhooks with the old secret`,
  )
  assert.ok(keysExpired >= 23, "session keys rotate every 30 days")
  assert.ok(cookiesExpired >= days - 14, "one cookie expires every day")
  assert.ok(recordKeys.size >= 8, "record keys rotate every 90 days")
  assert.ok(oldWebhooks >= 11 * 6, "webhook secrets rotate every 60 days")
})
