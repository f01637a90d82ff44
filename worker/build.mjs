// `node build.mjs` builds the library into dist/. `node build.mjs test` builds
// the tests, and the Worker that they start, into .build/; they use the built
// library.
import { readdirSync, rmSync } from "node:fs"
import { build } from "esbuild"

const library = {
  entryPoints: ["src/index.ts"],
  outdir: "dist",
  target: "es2023",
  minify: true,
}
const tests = {
  entryPoints: readdirSync("test")
    .filter((name) => name.endsWith(".test.ts") || name === "worker.ts")
    .map((name) => `test/${name}`),
  outdir: ".build",
  target: "es2023",
  platform: "neutral",
  external: ["node:*", "miniflare"],
  alias: { "@layeron/rotate-worker": "./dist/index.js" },
}

const options = process.argv[2] === "test" ? tests : library
rmSync(options.outdir, { recursive: true, force: true })
await build({ ...options, bundle: true, format: "esm", logLevel: "warning" })
