/**
 * Reads the secrets that `layer` writes to Secrets Store: plain values, and
 * versioned ones with every version that is still retained.
 */
export * from "./errors.js"
export { type Keyring, keyring, type Options, type PendingVersion } from "./keyring.js"
export type { Source } from "./source.js"
export type { Readable, Version } from "./version.js"
