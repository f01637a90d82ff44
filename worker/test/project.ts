import { execFileSync } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import type { Binding } from "./workerd.js"

/** A copy of examples/billing with a local store, and the `layer` command. */
export class Project {
  readonly #folder = mkdtempSync(join(tmpdir(), "rotate-worker-"))
  readonly #layer: string

  constructor() {
    const { LAYER, INIT_CWD = "." } = process.env
    this.#layer = LAYER ? resolve(INIT_CWD, LAYER) : join(this.#folder, "layer")
    if (!LAYER) execFileSync("go", ["build", "-o", this.#layer, "."], { cwd: ".." })
    cpSync("../examples/billing", this.#project, { recursive: true, filter: (path) => !path.includes(".layeron") })
  }

  get #project(): string {
    return join(this.#folder, "billing")
  }

  /** Rotates the secrets that are due at a time. */
  rotate(at: number): void {
    this.#run("secret", "rotate", "--local", "--at", new Date(at).toISOString(), "--apply", "--yes")
  }

  /** Returns the bindings that `layer` prints for wrangler.jsonc. */
  bindings(): Binding[] {
    return JSON.parse(this.#run("compile", "--wrangler")).secrets_store_secrets
  }

  /** Returns the values in the local store by name. */
  stored(): Map<string, string> {
    const file = readFileSync(join(this.#project, ".layeron/local/secrets-store.json"), "utf8")
    const { secrets }: { secrets: Record<string, { value: string }> } = JSON.parse(file)
    return new Map(Object.entries(secrets).map(([name, { value }]) => [name, value]))
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true })
  }

  #run(...command: string[]): string {
    const where = ["--project", this.#project, "--env", "production"]
    return execFileSync(this.#layer, [...command, ...where], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] })
  }
}
