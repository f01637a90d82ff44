const rfc3339 = /^(.{19})(\.\d+)?(Z|[+-]\d\d:\d\d)$/

/** Milliseconds since 1970 of an RFC 3339 instant with a zone; NaN for all else. */
export function instant(text: unknown): number {
  const local = typeof text === "string" && rfc3339.exec(text)?.[1]
  // Date.parse takes other forms too, and 30 February for 2 March: such do not
  // come back as they were.
  return local && new Date(`${local}Z`).toJSON()?.startsWith(local) ? Date.parse(text) : Number.NaN
}
