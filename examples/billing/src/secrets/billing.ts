import { secret } from "@layeron/modules"

// Comes from the payment provider's dashboard: `layer secret set` writes it.
export const paymentKey = secret.static({ name: "payment-key", namespace: "billing" })

// Our own callers send it with each request, and are told of a new one within a
// week.
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

// Signs links that are valid for minutes: nothing older than the current key is
// needed.
export const linkKey = secret.random({
  name: "link-key",
  namespace: "billing",
  rotation: { everyDays: 7, retain: { mode: "none" } },
})

// Shuffles invoice numbers; the module that uses it says when to change it.
export const numberSeed = secret.generated({ name: "number-seed", namespace: "billing", bytes: 16 })
