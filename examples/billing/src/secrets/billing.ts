import { secret } from "@layeron/modules"

// The payment provider's dashboard shows this key. `layer secret set` writes it.
export const paymentKey = secret.static({ name: "payment-key", namespace: "billing" })

// Our callers send this secret with each request. We give them a new one within a
// week after a rotation.
export const webhookSecret = secret.random({
  name: "webhook-secret",
  namespace: "billing",
  bytes: 48,
  rotation: {
    everyDays: 60,
    startAt: "2026-06-15T04:00:00+02:00",
    retain: { mode: "retain_for", days: 7 },
  },
})

// Signs links that are valid for a few minutes, so no key older than the current
// one is needed.
export const linkKey = secret.random({
  name: "link-key",
  namespace: "billing",
  rotation: { everyDays: 7, retain: { mode: "none" } },
})

// Shuffles invoice numbers. Without a rotation, it never changes.
export const numberSeed = secret.generated({ name: "number-seed", namespace: "billing", bytes: 16 })
