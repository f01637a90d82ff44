import { UnavailableError } from "./errors.js"
import { parse, type Ring } from "./ring.js"
import type { Source } from "./source.js"

/** How many milliseconds a read waits for a `get()` that another read started. */
const maxWait = 1000

/**
 * Caches the value of one source. Reads at the same time share one `get()`, and
 * a value is parsed once.
 */
export class Cache {
  readonly #source: Source
  readonly #encoding: string | undefined
  #cached: { stored: string; ring: Ring; readAt: number } | undefined
  #pending: Promise<Ring> | undefined
  #attempt = 0

  constructor(source: Source, encoding: string | undefined) {
    this.#source = source
    this.#encoding = encoding
  }

  /**
   * Returns the value, and reads it again when the cached one is `fresh`
   * milliseconds old. If that fails, the cached value is used until it is
   * `stale` milliseconds old, so that an outage of the store is no outage of
   * the Worker.
   */
  async ring(now: number, fresh: number, stale: number): Promise<Ring> {
    const cached = this.#cached
    const age = Math.abs(now - (cached?.readAt ?? Number.NaN))
    if (cached && age < fresh) return cached.ring
    try {
      return await this.#shared(now)
    } catch (error) {
      if (cached && age < stale) return cached.ring
      throw error
    }
  }

  async #shared(now: number): Promise<Ring> {
    while (this.#pending) {
      const pending = this.#pending
      // In Workers a promise never settles once the request that made it has
      // ended. Without a limit this request, and every later one, would hang.
      if (await settles(pending, maxWait)) return pending
      if (this.#pending === pending) this.#pending = undefined
    }
    this.#pending = this.#read(now)
    return this.#pending
  }

  async #read(now: number): Promise<Ring> {
    const attempt = ++this.#attempt
    try {
      const stored = await get(this.#source)
      const ring = this.#cached?.stored === stored ? this.#cached.ring : parse(stored, this.#encoding)
      // If a later attempt has started, its answer is newer than this one.
      if (attempt === this.#attempt) this.#cached = { stored, ring, readAt: now }
      return ring
    } finally {
      if (attempt === this.#attempt) this.#pending = undefined
    }
  }
}

async function get(source: Source): Promise<string> {
  if (typeof source === "string") return source
  let cause: unknown
  try {
    const stored: unknown = typeof source === "function" ? await source() : await source.get()
    if (typeof stored === "string") return stored
  } catch (error) {
    cause = error
  }
  throw new UnavailableError("the secret cannot be read", { cause })
}

/** Reports whether a promise settles within a time. */
function settles(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds, false)
    const settled = () => {
      clearTimeout(timer)
      resolve(true)
    }
    promise.then(settled, settled)
  })
}
