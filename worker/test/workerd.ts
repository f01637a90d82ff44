import { readFileSync } from "node:fs"
import { Miniflare } from "miniflare"
import type { Routes } from "./worker.js"

/** A binding as in wrangler.jsonc and the output of `layer compile --wrangler`. */
export interface Binding {
  binding: string
  store_id: string
  secret_name: string
}

type Body<R extends keyof Routes> = Parameters<Routes[R]> extends [infer B] ? B : Record<string, never>

/** The test Worker in workerd, and the Secrets Store that its bindings read. */
export class Workerd {
  readonly #miniflare: Miniflare
  readonly #bindings: Binding[]
  readonly #stored = new Map<string, { id: string; value: string }>()

  constructor(bindings: Binding[]) {
    this.#bindings = bindings
    this.#miniflare = new Miniflare({
      host: "127.0.0.1",
      modules: true,
      script: readFileSync(".build/worker.js", "utf8"),
      compatibilityDate: "2026-04-01",
      cf: false,
      telemetry: { enabled: false },
      secretsStoreSecrets: Object.fromEntries(
        bindings.map(({ binding, store_id, secret_name }) => [binding, { store_id, secret_name }]),
      ),
    })
  }

  /** Writes values to the store, by store name. It skips unchanged ones. */
  async put(values: Map<string, string>): Promise<void> {
    for (const { binding, secret_name } of this.#bindings) {
      const value = values.get(secret_name)
      const known = this.#stored.get(secret_name)
      if (value === undefined || value === known?.value) continue
      const admin = (await this.#miniflare.getSecretsStoreSecretAPI(binding))()
      const id = known ? await admin.update(value, known.id) : await admin.create(value)
      this.#stored.set(secret_name, { id: known?.id ?? id, value })
    }
  }

  /** Requests a route of the Worker at a time. Rejects with the code of the Worker's error. */
  async ask<R extends keyof Routes>(route: R, now: number, body: Body<R>): Promise<Awaited<ReturnType<Routes[R]>>> {
    const init = { method: "POST", body: JSON.stringify({ now, body }) }
    const response = await this.#miniflare.dispatchFetch(`http://worker/${route}`, init)
    const { answer, code }: { answer: Awaited<ReturnType<Routes[R]>>; code?: string } = JSON.parse(
      await response.text(),
    )
    if (code) throw new Error(code)
    return answer
  }

  dispose(): Promise<void> {
    return this.#miniflare.dispose()
  }
}
