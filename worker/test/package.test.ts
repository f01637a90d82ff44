import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { gzipSync } from "node:zlib"

test("the library is under 2 kB gzipped", (t) => {
  const size = gzipSync(readFileSync("dist/index.js")).length
  t.diagnostic(`${size} bytes`)
  assert.ok(size < 2000, `${size} bytes`)
})

test("the package contains the library, its types and its README, and has no dependencies", () => {
  const packed = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { encoding: "utf8" })
  const [{ files }]: [{ files: { path: string }[] }] = JSON.parse(packed)
  const types = ["errors", "index", "keyring", "source", "version"].map((name) => `dist/${name}.d.ts`)
  const want = ["README.md", ...types, "dist/index.js", "package.json"]
  assert.deepEqual(files.map(({ path }) => path).sort(), want.sort())

  const imported = types.flatMap((path) => [...readFileSync(path, "utf8").matchAll(/from "\.\/(.*)\.js"/g)])
  for (const [, name] of imported) assert.ok(types.includes(`dist/${name}.d.ts`), `${name} is imported but not packed`)

  const manifest = JSON.parse(readFileSync("package.json", "utf8"))
  assert.equal(manifest.dependencies ?? manifest.peerDependencies, undefined)
})
