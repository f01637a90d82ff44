import { instant } from "./instant.js"
import { Version } from "./version.js"

/** A version in a stored value. Missing dates are NaN. The current version never expires. */
export interface Entry {
  readonly id: string
  readonly activeFrom: number
  readonly expiresAt: number
  /** Undefined when the version was removed and only its dates remain. */
  readonly version: Version | undefined
}

/** A parsed value. */
export interface Ring {
  readonly current: Version
  /** All versions, in ascending order. Empty for a plain value. */
  readonly entries: readonly Entry[]
}

type Fields = Record<string, unknown>

/**
 * Parses a stored value. It is versioned if and only if it is a JSON object
 * with a string `current`, an object `versions` and a string
 * `versions[current].value`. Any other value is plain and has the encoding given.
 */
export function parse(stored: string, encoding: string | undefined): Ring {
  const { current, versions } = object(json(stored))
  const entries: Entry[] = []
  for (const [id, fields] of Object.entries(object(versions))) {
    if (id !== current && !wellFormed(id)) continue
    const entry = parseEntry(id, object(fields), id === current)
    if (entry) entries.push(entry)
  }
  const found = entries.find(({ id }) => id === current)?.version
  if (!found) return { current: new Version(null, stored, encoding), entries: [] }
  return { current: found, entries: entries.sort((a, b) => compare(a.id, b.id)) }
}

/** Reports whether an id is `v` and a positive integer without a leading zero. */
export function wellFormed(id: string): boolean {
  return /^v[1-9]\d*$/.test(id)
}

/**
 * Compares ids by number. Numbers can be too large for a JavaScript number, but
 * without leading zeros the longer one is the larger one. Malformed ids come first.
 */
export function compare(a: string, b: string): number {
  return Number(wellFormed(a)) - Number(wellFormed(b)) || a.length - b.length || (a < b ? -1 : 1)
}

function parseEntry(id: string, fields: Fields, current: boolean): Entry | undefined {
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

/** Returns the fields of a JSON object, and no fields for any other value. */
function object(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}
