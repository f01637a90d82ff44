import { UnavailableError } from "./errors.js"
import { parse, type Ring } from "./ring.js"
import type { Source } from "./source.js"

/** How long a read trusts that a `get()` which another one began comes to an end. */
const patience = 1000

/**
 * What one source gave last. However many read at once, the source is asked
 * once, and a value is taken apart once.
 */
export class Reading {
  readonly #source: Source
  readonly #encoding: string | undefined
  #held: { stored: string; ring: Ring; readAt: number } | undefined
  #asking: Promise<Ring> | undefined
  #turn = 0

  constructor(source: Source, encoding: string | undefined) {
    this.#source = source
    this.#encoding = encoding
  }

  /**
   * The value, asked for again when what is held is `fresh` milliseconds old.
   * When that fails, what is held serves until it is `stale` milliseconds old:
   * known keys are better than none.
   */
  async ring(now: number, fresh: number, stale: number): Promise<Ring> {
    const held = this.#held
    const age = Math.abs(now - (held?.readAt ?? Number.NaN))
    if (held && age < fresh) return held.ring
    try {
      return await this.#shared(now)
    } catch (error) {
      if (held && age < stale) return held.ring
      throw error
    }
  }

  async #shared(now: number): Promise<Ring> {
    while (this.#asking) {
      const asking = this.#asking
      // In Workers a promise never settles once the request that made it has
      // ended: waiting for it would hang this request and every later one.
      if (await settles(asking, patience)) return asking
      if (this.#asking === asking) this.#asking = undefined
    }
    this.#asking = this.#ask(now)
    return this.#asking
  }

  async #ask(now: number): Promise<Ring> {
    const turn = ++this.#turn
    try {
      const stored = await get(this.#source)
      const ring = this.#held?.stored === stored ? this.#held.ring : parse(stored, this.#encoding)
      // One that was given up and answers after all is older than what is held.
      if (turn === this.#turn) this.#held = { stored, ring, readAt: now }
      return ring
    } finally {
      if (turn === this.#turn) this.#asking = undefined
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
  throw new UnavailableError("the secret could not be read", { cause })
}

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
