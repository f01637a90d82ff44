/** A stored value with v2, current since 1 June, and v1, which expires on 15 June. */
export const overlap = JSON.stringify({
  current: "v2",
  versions: {
    v1: {
      value: "AAEC",
      encoding: "base64url",
      activeFrom: "2026-05-02T03:00:00.000Z",
      expiresAt: "2026-06-15T03:00:00.000Z",
    },
    v2: { value: "BAUG", encoding: "base64url", activeFrom: "2026-06-01T03:00:00.000Z" },
  },
})

/** The stored value before v2. */
export const before = JSON.stringify({
  current: "v1",
  versions: { v1: { value: "AAEC", encoding: "base64url", activeFrom: "2026-05-02T03:00:00.000Z" } },
})

/** A clock that the test moves. */
export function clockAt(instant: string): { now: () => number; advance: (seconds: number) => void } {
  let at = Date.parse(instant)
  return {
    now: () => at,
    advance: (seconds) => {
      at += seconds * 1000
    },
  }
}
