import { secret } from "@layeron/modules"

// Each record is encrypted with the key that is current when it is written. We
// keep records forever, so we keep every key, too.
export const encryptionKey = secret.random({
  name: "encryption-key",
  namespace: "storage",
  bytes: 32,
  rotation: { everyDays: 90, retain: { mode: "retain_forever" } },
  value: { format: "bytes" },
})

// Only R2 can make the access keys that it accepts.
export const bucketToken = secret.generated({
  name: "bucket-token",
  namespace: "storage",
  ownership: { ownerProduct: "r2", ownerInstanceId: "invoices", purpose: "presigned uploads" },
  rotation: { everyDays: 90 },
})
