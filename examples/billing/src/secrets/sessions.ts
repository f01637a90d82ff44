import { secret } from "@layeron/modules"

// Cookies are valid for 13 days. A key stays valid for 14 days after it is
// replaced, because some Workers still sign with it for a short time.
export const sessionKey = secret.random({
  name: "session-key",
  namespace: "auth",
  rotation: {
    everyDays: 30,
    startAt: "2026-06-01T00:00:00.000Z",
    retain: { mode: "retain_for", days: 14 },
  },
})
