// The Worker that the tests run in workerd. It has a route for each recipe. The
// request body sets the time.
import { type Keyring, KeyringError, keyring, type Source } from "@layeron/rotate-worker"
import * as cookies from "../../examples/recipes/cookies.js"
import * as records from "../../examples/recipes/records.js"
import * as webhooks from "../../examples/recipes/webhooks.js"

interface Env {
  AUTH_SESSION_KEY: Source
  STORAGE_ENCRYPTION_KEY: Source
  BILLING_WEBHOOK_SECRET: Source
  BILLING_PAYMENT_KEY: Source
}

interface Keys {
  session: Keyring
  encryption: Keyring
  webhook: Keyring
  payment: Keyring
}

type Named = records.Sealed & { name: string }

/** The body that each route takes and the answer that it gives. */
export interface Routes {
  sign: (body: { session: cookies.Session }) => Promise<string>
  verify: (body: { cookies: string[] }) => Promise<(string | undefined)[]>
  active: () => Promise<(string | null)[]>
  encrypt: (body: { name: string; text: string }) => Promise<records.Sealed>
  decrypt: (body: { records: Named[] }) => Promise<string[]>
  at: (body: { times: number[] }) => Promise<(string | null)[]>
  webhook: (body: { header: string; body: string }) => Promise<boolean>
  payment: () => Promise<string>
  abandon: () => Promise<string>
  read: (body: { id: string; times: number }) => Promise<number>
}

function routes(keys: Keys, now: number): Routes {
  return {
    sign: ({ session }) => cookies.sign(keys.session, session),
    verify: ({ cookies: all }) =>
      Promise.all(all.map(async (cookie) => (await cookies.verify(keys.session, cookie, now))?.user)),
    active: async () => (await keys.session.active()).map(({ id }) => id),
    encrypt: ({ name, text }) => records.encrypt(keys.encryption, name, text),
    decrypt: ({ records: all }) =>
      Promise.all(all.map((sealed) => records.decrypt(keys.encryption, sealed.name, sealed))),
    at: ({ times }) => Promise.all(times.map(async (time) => (await keys.encryption.at(time)).id)),
    webhook: ({ header, body }) => webhooks.verify(keys.webhook, header, body, now),
    payment: () => keys.payment.current().text(),
    abandon: async () => {
      keys.session.current().catch(() => {})
      return "answered before the read has ended"
    },
    read: async ({ id, times }) => {
      for (let i = 0; i < times; i++) await keys.session.version(id)
      return times
    },
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { now, body }: { now: number; body: unknown } = await request.json()
    const options = { now: () => now }
    const keys = {
      session: keyring(env.AUTH_SESSION_KEY, options),
      encryption: keyring(env.STORAGE_ENCRYPTION_KEY, options),
      webhook: keyring(env.BILLING_WEBHOOK_SECRET, options),
      payment: keyring(env.BILLING_PAYMENT_KEY, options),
    }
    const route: (body: unknown) => Promise<unknown> = Reflect.get(
      routes(keys, now),
      new URL(request.url).pathname.slice(1),
    )
    try {
      return Response.json({ answer: await route(body) })
    } catch (error) {
      return Response.json({ code: error instanceof KeyringError ? error.code : String(error) }, { status: 500 })
    }
  },
}
