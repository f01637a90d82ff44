import { InvalidValueError } from "./errors.js"

/** A value that can be read as text, bytes or JSON. */
export interface Readable {
  /** The stored string. A generated value is stored as base64url. */
  text(): Promise<string>
  /** The bytes of the value: decoded if it is marked as base64url, else its UTF-8 bytes. */
  bytes(): Promise<Uint8Array<ArrayBuffer>>
  /** The stored string, parsed as JSON. The type is not checked. */
  json<T>(): Promise<T>
}

/** One version of a secret. When logged or serialised, it shows only its id. */
export class Version implements Readable {
  /** `v1`, `v2` …; null for a plain value. */
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
      // The error of JSON.parse contains the text.
      throw new InvalidValueError("the value is not JSON")
    }
  }
}

// Unpadded, and without extra bits in the last character, so that the same bytes
// always have the same text.
const base64url = /^([\w-]{4})*([\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/

function decode(text: string): Uint8Array<ArrayBuffer> {
  if (!base64url.test(text)) throw new InvalidValueError("the value is not base64url")
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"))
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}
