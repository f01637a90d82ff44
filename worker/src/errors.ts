/** Why a read failed. Programs can rely on the codes. Messages are for people and may change. */
export type ErrorCode =
  | "unknown_version"
  | "no_longer_retained"
  | "nothing_current"
  | "invalid_time"
  | "invalid_value"
  | "unavailable"

/** The error of every failed read. It never contains a value. */
export abstract class KeyringError extends Error {
  override readonly name = "KeyringError"
  abstract readonly code: ErrorCode
}

/** The id is malformed, or higher than any version so far: a mistake, or data that we did not write. */
export class UnknownVersionError extends KeyringError {
  readonly code = "unknown_version"
}

/** The version has expired or was removed, so the data is too old. */
export class NoLongerRetainedError extends KeyringError {
  readonly code = "no_longer_retained"
}

/** The time is before the first version, so the data is older than the secret. */
export class NothingCurrentError extends KeyringError {
  readonly code = "nothing_current"
}

/** The argument of `at` is not a valid time. */
export class InvalidTimeError extends KeyringError {
  readonly code = "invalid_time"
}

/** `bytes()` of a value that is marked as base64url but is not, or `json()` of a value that is not JSON. */
export class InvalidValueError extends KeyringError {
  readonly code = "invalid_value"
}

/** The binding returned no value, and no earlier one is recent enough to use. */
export class UnavailableError extends KeyringError {
  readonly code = "unavailable"
}
