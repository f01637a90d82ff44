import { instant } from "./instant.js"
import { Version } from "./version.js"

/** A version as it is held: with its dates, NaN where it has none. The current one never expires. */
export interface Held {
  readonly id: string
  readonly activeFrom: number
  readonly expiresAt: number
  /** Undefined when the version is gone and only its time is kept. */
  readonly version: Version | undefined
}

/** A stored value taken apart. A plain one holds no versions but the current one. */
export interface Ring {
  readonly current: Version
  /** Ascending by id, the current one among them. */
  readonly held: readonly Held[]
}

type Fields = Record<string, unknown>

/**
 * Takes a stored value apart. It is versioned if and only if it is a JSON
 * object with a string `current`, an object `versions` and a string
 * `versions[current].value`; all else is plain and read with the encoding.
 */
export function parse(stored: string, encoding: string | undefined): Ring {
  const { current, versions } = object(json(stored))
  const held: Held[] = []
  for (const [id, fields] of Object.entries(object(versions))) {
    if (id !== current && !wellFormed(id)) continue
    const entry = hold(id, object(fields), id === current)
    if (entry) held.push(entry)
  }
  const found = held.find(({ id }) => id === current)?.version
  if (!found) return { current: new Version(null, stored, encoding), held: [] }
  return { current: found, held: held.sort((a, b) => compare(a.id, b.id)) }
}

/** Whether an id is `v` and a positive integer without leading zero. */
export function wellFormed(id: string): boolean {
  return /^v[1-9]\d*$/.test(id)
}

/**
 * Orders ids by number, whatever its size: without leading zeros the longer
 * one is the larger. What others wrote that is no version id comes first.
 */
export function compare(a: string, b: string): number {
  return Number(wellFormed(a)) - Number(wellFormed(b)) || a.length - b.length || (a < b ? -1 : 1)
}

function hold(id: string, fields: Fields, current: boolean): Held | undefined {
  const gone = fields.gone === true && !current
  const version = typeof fields.value === "string" && !gone ? new Version(id, fields.value, fields.encoding) : undefined
  if (!version && !gone) return undefined
  const expiresAt = current ? Number.NaN : instant(fields.expiresAt)
  return { id, version, activeFrom: instant(fields.activeFrom), expiresAt }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The fields of a JSON object; none for all else. */
function object(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}
