import { NoLongerRetainedError, NothingCurrentError, UnknownVersionError } from "./errors.js"
import { compare, type Entry, type Ring, wellFormed } from "./ring.js"
import type { Version } from "./version.js"

/** Returns the version with an id. */
export function byId(ring: Ring, id: string, now: number): Version {
  const entry = ring.entries.find((entry) => entry.id === id)
  const { id: current } = ring.current
  if (!wellFormed(id) || (!entry && current !== null && compare(id, current) > 0)) {
    throw new UnknownVersionError(`unknown version ${JSON.stringify(id)}`)
  }
  return usable(entry, now)
}

/** Returns the version that was current at a time. It never returns another one instead. */
export function byTime(ring: Ring, time: number, now: number): Version {
  let found: Entry | undefined
  for (const entry of ring.entries) {
    if (entry.activeFrom <= time && !(found && entry.activeFrom < found.activeFrom)) found = entry
  }
  if (!found && ring.entries.some(({ id, version }) => id === "v1" && version)) {
    throw new NothingCurrentError("nothing was current then")
  }
  return usable(found, now)
}

/** Returns every version that can validate existing data: current, staged, then retained, each newest first. */
export function active(ring: Ring, now: number): Version[] {
  const staged: Version[] = []
  const retained: Version[] = []
  for (const { version, activeFrom, expiresAt } of ring.entries.toReversed()) {
    if (!version || version === ring.current || now >= expiresAt) continue
    const list = Number.isNaN(activeFrom) && Number.isNaN(expiresAt) ? staged : retained
    list.push(version)
  }
  return [ring.current, ...staged, ...retained]
}

function usable(entry: Entry | undefined, now: number): Version {
  if (!entry?.version || now >= entry.expiresAt) throw new NoLongerRetainedError("no longer retained")
  return entry.version
}
