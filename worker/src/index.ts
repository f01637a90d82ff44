/**
 * Reads the values that `layer` writes to Secrets Store: versioned ones with
 * every version still promised, and plain ones.
 */
export * from "./errors.js"
export { type Keyring, keyring, type Options, type PendingVersion } from "./keyring.js"
export type { Source } from "./source.js"
export type { Readable, Version } from "./version.js"
