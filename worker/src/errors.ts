/** Why a read failed. Codes are stable and may be relied on; messages are for people. */
export type ErrorCode =
  | "unknown_version"
  | "no_longer_retained"
  | "nothing_current"
  | "invalid_time"
  | "invalid_value"
  | "unavailable"

/** What every failed read rejects with. It never holds a value. */
export abstract class KeyringError extends Error {
  override readonly name = "KeyringError"
  abstract readonly code: ErrorCode
}

/** The id is malformed, or above every version that was ever current: a mistake, or not our data. */
export class UnknownVersionError extends KeyringError {
  readonly code = "unknown_version"
}

/** The version existed, as far as can be told, and may no longer be used: the data is too old. */
export class NoLongerRetainedError extends KeyringError {
  readonly code = "no_longer_retained"
}

/** The instant lies before the first version: the data is older than the secret. */
export class NothingCurrentError extends KeyringError {
  readonly code = "nothing_current"
}

/** The argument of `at` is not an instant. */
export class InvalidTimeError extends KeyringError {
  readonly code = "invalid_time"
}

/** `bytes()` of a text that is not the base64url it is marked as, or `json()` of one that is not JSON. */
export class InvalidValueError extends KeyringError {
  readonly code = "invalid_value"
}

/** The binding gave no value, and none that may still be used was read before. */
export class UnavailableError extends KeyringError {
  readonly code = "unavailable"
}
