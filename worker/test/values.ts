/** A stored value as `layer` writes it: v1 until its expiry on 15 June, v2 since 1 June. */
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

/** The value before the switch to v2. */
export const before = JSON.stringify({
  current: "v1",
  versions: { v1: { value: "AAEC", encoding: "base64url", activeFrom: "2026-05-02T03:00:00.000Z" } },
})

/** A clock that stands until time is made to pass. */
export function clockAt(instant: string): { now: () => number; pass: (seconds: number) => void } {
  let at = Date.parse(instant)
  return {
    now: () => at,
    pass: (seconds) => {
      at += seconds * 1000
    },
  }
}
