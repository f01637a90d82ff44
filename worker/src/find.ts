import { NoLongerRetainedError, NothingCurrentError, UnknownVersionError } from "./errors.js"
import { compare, type Held, type Ring, wellFormed } from "./ring.js"
import type { Version } from "./version.js"

/** The version of that id, at the reader's instant. */
export function byId(ring: Ring, id: string, now: number): Version {
  const held = ring.held.find((entry) => entry.id === id)
  const { id: current } = ring.current
  if (!wellFormed(id) || (!held && current !== null && compare(id, current) > 0)) {
    throw new UnknownVersionError(`unknown version ${JSON.stringify(id)}`)
  }
  return usable(held, now)
}

/** The version that was current at an instant; never another one in its place. */
export function byTime(ring: Ring, time: number, now: number): Version {
  let found: Held | undefined
  for (const held of ring.held) {
    if (held.activeFrom <= time && !(found && held.activeFrom < found.activeFrom)) found = held
  }
  if (!found && ring.held.some(({ id, version }) => id === "v1" && version)) {
    throw new NothingCurrentError("nothing was current then")
  }
  return usable(found, now)
}

/** Every version that can validate existing data: current, staged, then the others, newest first. */
export function active(ring: Ring, now: number): Version[] {
  const staged: Version[] = []
  const retained: Version[] = []
  for (const { version, activeFrom, expiresAt } of ring.held.toReversed()) {
    if (!version || version === ring.current || now >= expiresAt) continue
    const list = Number.isNaN(activeFrom) && Number.isNaN(expiresAt) ? staged : retained
    list.push(version)
  }
  return [ring.current, ...staged, ...retained]
}

function usable(held: Held | undefined, now: number): Version {
  if (!held?.version || now >= held.expiresAt) throw new NoLongerRetainedError("no longer retained")
  return held.version
}
