import { Cache } from "./cache.js"
import { InvalidTimeError, UnknownVersionError } from "./errors.js"
import { active, byId, byTime } from "./find.js"
import { instant } from "./instant.js"
import type { Ring } from "./ring.js"
import type { Source } from "./source.js"
import type { Readable, Version } from "./version.js"

export interface Options {
  /** The encoding of a plain value. A versioned value states its own. Default: UTF-8 text. */
  readonly encoding?: "base64url"
  /** How long a value is cached. The Worker sees a rotation within this time. Default: 60. */
  readonly refreshSeconds?: number
  /** How old a cached value may be while the source cannot be read. Default: 3600. */
  readonly staleSeconds?: number
  /** The clock, in milliseconds since 1970. Default: `Date.now`. */
  readonly now?: () => number
}

/** A promise of a version whose value can be read without awaiting the version first. */
export type PendingVersion = Promise<Version> & Readable

/** A secret with its versions. Every failed read rejects with a `KeyringError`. */
export interface Keyring {
  /** The version to sign or encrypt with. It never expires. */
  current(): PendingVersion
  /** The version with the id that was stored with the data. */
  version(id: string): PendingVersion
  /** The version that was current at a time: a Date, milliseconds since 1970, or RFC 3339 with a zone. */
  at(time: Date | number | string): PendingVersion
  /** Every version that can validate existing data, the current one first. */
  active(): Promise<Version[]>
}

/**
 * Another Worker may already have used a version that became current after this
 * one read the value. So for an unknown id the value is read again, unless it is
 * younger than this.
 */
const missSeconds = 5

/** All keyrings of one binding share a cache, so that a handler can make a keyring for each request. */
const caches = { text: new WeakMap<object, Cache>(), base64url: new WeakMap<object, Cache>() }

/** Reads a secret from a binding, a function that returns the stored value, or the value itself. */
export function keyring(source: Source, options: Options = {}): Keyring {
  const { encoding, refreshSeconds = 60, staleSeconds = 3600, now = Date.now } = options
  const cache = cacheOf(source, encoding)

  async function read<T>(find: (ring: Ring, now: number) => T, fresh = refreshSeconds): Promise<T> {
    const ring = await cache.ring(now(), fresh * 1000, staleSeconds * 1000)
    return find(ring, now())
  }

  async function version(id: string): Promise<Version> {
    const find = (ring: Ring, now: number) => byId(ring, id, now)
    try {
      return await read(find)
    } catch (error) {
      if (!(error instanceof UnknownVersionError)) throw error
      return read(find, Math.min(refreshSeconds, missSeconds))
    }
  }

  return {
    current: () => readable(read((ring) => ring.current)),
    version: (id) => readable(version(id)),
    at: (time) => readable(read((ring, now) => byTime(ring, milliseconds(time), now))),
    active: () => read(active),
  }
}

function cacheOf(source: Source, encoding: Options["encoding"]): Cache {
  const known = caches[encoding ?? "text"]
  const cache = known.get(source as object) ?? new Cache(source, encoding)
  // A missing binding fails when it is read, not here.
  if (source && typeof source !== "string") known.set(source, cache)
  return cache
}

function readable(version: Promise<Version>): PendingVersion {
  return Object.assign(version, {
    text: () => version.then((v) => v.text()),
    bytes: () => version.then((v) => v.bytes()),
    json: <T>() => version.then((v) => v.json<T>()),
  })
}

function milliseconds(time: Date | number | string): number {
  const at = typeof time === "string" ? instant(time) : Number(time)
  if (Number.isNaN(at)) throw new InvalidTimeError("not a Date, milliseconds, or RFC 3339 with a zone")
  return at
}
