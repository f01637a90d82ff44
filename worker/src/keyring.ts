import { InvalidTimeError, UnknownVersionError } from "./errors.js"
import { instant } from "./instant.js"
import { active, byId, byTime } from "./read.js"
import { Reading } from "./reading.js"
import type { Ring } from "./ring.js"
import type { Source } from "./source.js"
import type { Readable, Version } from "./version.js"

export interface Options {
  /** The encoding of a plain value; versioned ones say their own. Default: UTF-8 text. */
  readonly encoding?: "base64url"
  /** How long a value is used before it is read again: a rotation arrives within this time. Default: 60. */
  readonly refreshSeconds?: number
  /** How old a value may be that serves on while it cannot be read again. Default: 3600. */
  readonly staleSeconds?: number
  /** The clock, in milliseconds since 1970. Default: `Date.now`. */
  readonly now?: () => number
}

/** A version on its way: await it for the version, or read its value without awaiting it first. */
export type PendingVersion = Promise<Version> & Readable

/** A secret and its versions. Every failed read rejects with a `KeyringError`. */
export interface Keyring {
  /** The version to sign or encrypt with. It never expires. */
  current(): PendingVersion
  /** The version of that id, which was stored beside the data. */
  version(id: string): PendingVersion
  /** The version that was current at an instant: a Date, milliseconds since 1970, or RFC 3339 with a zone. */
  at(time: Date | number | string): PendingVersion
  /** Every version that can validate existing data, the current one first. */
  active(): Promise<Version[]>
}

/**
 * An id that is not known may have become current since the value was read, in
 * a Worker that read it later. It is read again for that, but no more often.
 */
const missSeconds = 5

/** Keyrings of one binding share what was read, so that one may be made wherever it is needed. */
const readings = { text: new WeakMap<object, Reading>(), base64url: new WeakMap<object, Reading>() }

/** The versions of a secret, read from a binding, a function that gives the stored value, or the value itself. */
export function keyring(source: Source, options: Options = {}): Keyring {
  const { encoding, refreshSeconds = 60, staleSeconds = 3600, now = Date.now } = options
  const reading = shared(source, encoding)

  async function read<T>(find: (ring: Ring, now: number) => T, fresh = refreshSeconds): Promise<T> {
    const ring = await reading.ring(now(), fresh * 1000, staleSeconds * 1000)
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

function shared(source: Source, encoding: Options["encoding"]): Reading {
  const known = readings[encoding ?? "text"]
  const reading = known.get(source as object) ?? new Reading(source, encoding)
  // A binding that is missing fails when it is read, not here.
  if (source && typeof source !== "string") known.set(source, reading)
  return reading
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
