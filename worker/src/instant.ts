const rfc3339 = /^(.{19})(\.\d+)?(Z|[+-]\d\d:\d\d)$/

/** Parses an RFC 3339 timestamp with a zone into milliseconds since 1970. Returns NaN for anything else. */
export function instant(text: unknown): number {
  const local = typeof text === "string" && rfc3339.exec(text)?.[1]
  // Date.parse accepts other formats, and reads 30 February as 2 March. Such
  // texts differ from the result of a round trip.
  return local && new Date(`${local}Z`).toJSON()?.startsWith(local) ? Date.parse(text) : Number.NaN
}
