import { secret } from "@layeron/modules"

// Records are encrypted with the key that is current when they are written, and
// have to be read for as long as they exist: no version may ever go.
export const encryptionKey = secret.random({
  name: "encryption-key",
  namespace: "storage",
  bytes: 32,
  rotation: { everyDays: 90, retain: { mode: "retain_forever" } },
  value: { format: "bytes" },
})

// Only R2 can make a pair of keys that R2 accepts.
export const bucketToken = secret.generated({
  name: "bucket-token",
  namespace: "storage",
  ownership: { ownerProduct: "r2", ownerInstanceId: "invoices", purpose: "presigned uploads" },
  rotation: { everyDays: 90 },
})
