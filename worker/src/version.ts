import { InvalidValueError } from "./errors.js"

/** A value that can be read as text, bytes or JSON. */
export interface Readable {
  /** The stored string; for a generated value its base64url. */
  text(): Promise<string>
  /** The bytes that the value stands for: decoded from base64url when it is marked so, else UTF-8. */
  bytes(): Promise<Uint8Array<ArrayBuffer>>
  /** The stored string parsed as JSON, which is trusted to be a `T`. */
  json<T>(): Promise<T>
}

/** One version of a secret. Logged or serialised it shows its id only. */
export class Version implements Readable {
  /** `v1`, `v2` …; null for a plain value, which has no versions. */
  readonly id: string | null
  readonly #text: string
  readonly #encoding: unknown

  constructor(id: string | null, text: string, encoding: unknown) {
    this.id = id
    this.#text = text
    this.#encoding = encoding
  }

  async text(): Promise<string> {
    return this.#text
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#encoding === "base64url" ? decode(this.#text) : new TextEncoder().encode(this.#text)
  }

  async json<T>(): Promise<T> {
    try {
      return JSON.parse(this.#text)
    } catch {
      // The engine's own error quotes the text.
      throw new InvalidValueError("the value is not JSON")
    }
  }
}

// Unpadded, and without stray bits in the last character: one spelling for the
// same bytes.
const base64url = /^([\w-]{4})*([\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/

function decode(text: string): Uint8Array<ArrayBuffer> {
  if (!base64url.test(text)) throw new InvalidValueError("the value is not base64url")
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"))
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}
