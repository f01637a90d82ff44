package declare_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/layeron/rotate/internal/declare"
	"github.com/layeron/rotate/internal/secret"
)

// project writes a project of one file and returns its options.
func project(t testing.TB, index string) declare.Options {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "index.ts", index)
	return declare.Options{Project: dir, ProjectName: "billing", Environment: "production"}
}

// only returns the single diagnostic of a document, which must have no secrets.
func only(t *testing.T, d secret.Document) secret.Diagnostic {
	t.Helper()
	if len(d.Diagnostics) != 1 || len(d.Secrets) != 0 {
		t.Fatalf("got %+v, want one diagnostic and no secrets", d)
	}
	return d.Diagnostics[0]
}

func TestFault37_EndlessCodeEndsAtTheTimeLimit(t *testing.T) {
	for name, c := range map[string]struct {
		index string
		line  int
	}{
		"loop":          {"const x = 1\nfor (;;) { void x }", 2},
		"in a function": {"function f(n: number) {\n  while (true) { n++ }\n}\nf(1)", 2},
		"await":         {"async function f(n: number) {\n  for (;;) await n++\n}\nawait f(1)", 2},
		"native code":   {`Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := project(t, c.index)
			o.Timeout = 6 * time.Second
			d := only(t, compile(t, o))
			if d.Code != "compile_timeout" || c.line != 0 && d.Position.Line != c.line {
				t.Errorf("got %s at %s, want compile_timeout in line %d", d.Code, d.Position, c.line)
			}
		})
	}
}

func TestFault37_CodeThatUsesTooMuchMemoryEndsAtTheMemoryLimit(t *testing.T) {
	for name, index := range map[string]string{
		"slowly":         `const all: unknown[] = []; for (;;) all.push({ a: [1, 2, 3], b: "x" + all.length })`,
		"doubling":       `let s = "x\u1234"; for (;;) s += s`,
		"at once":        `const s = "x".repeat(2 ** 31 - 2); export const t = s + s`,
		"array buffers":  `const all = []; for (;;) all.push(new ArrayBuffer(64 * 1024 * 1024))`,
		"await for more": `const all: unknown[] = []; for (;;) all.push(await [all.length])`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := project(t, index)
			o.Memory = 64 << 20
			o.Timeout = 2 * time.Minute // memory fills slowly on a busy machine
			if d := only(t, compile(t, o)); d.Code != "compile_out_of_memory" {
				t.Errorf("got %s: %s", d.Code, d.Message)
			}
		})
	}
}

func TestFault37_EnvironmentAndGoAreNotReachable(t *testing.T) {
	t.Setenv("LAYER_TEST_SECRET", "visible")
	o := project(t, `
import { secret } from "@layeron/modules"
import { env } from "node:process"
import * as fs from "node:fs"
const found: string[] = []
const walk = (o: any, depth: number) => {
  if (o === null || (typeof o !== "object" && typeof o !== "function") || depth > 3) { if (String(o).includes("visible")) found.push(String(o)); return }
  for (const key of Reflect.ownKeys(o)) { try { walk(o[key], depth + 1) } catch { } }
}
walk(globalThis, 0)
if (JSON.stringify([process.env, env]).includes("visible") || found.length) throw new Error("the environment shows")
if (fs.readFileSync("/etc/hostname") + "" === "" ) throw new Error("a file shows")
for (const name of ["require", "module", "__dirname", "Deno", "Bun"]) if (name in globalThis) throw new Error(name + " is there")
export const key = secret.random({ name: "key" })
`)
	if d := compile(t, o); d.HasErrors() || len(d.Secrets) != 1 {
		t.Errorf("got %+v", d.Diagnostics)
	}
}

func TestFault37_SymlinksDoNotLeadOutOfTheRepository(t *testing.T) {
	outside := t.TempDir()
	write(t, outside, "stolen.ts", `export const name = "stolen"`)
	write(t, outside, "stolen.txt", "stolen")
	write(t, outside, "tsconfig.json", "top secret words")
	root := t.TempDir()
	write(t, root, ".git/config", "top secret")
	write(t, root, "app/index.ts", `
import { secret } from "@layeron/modules"
import { name } from "./link"
import text from "./link.txt"
import git from "../.git/config"
import { shared } from "../lib/shared"
import { again } from "./linked-lib/shared"
export const used = name
if (shared !== again) throw new Error("one file was evaluated twice")
export const key = secret.random({ name: text + git })
`)
	write(t, root, "lib/shared.ts", `export const shared = {}, again = shared`)
	for link, target := range map[string]string{
		"app/link.ts": filepath.Join(outside, "stolen.ts"), "app/link.txt": filepath.Join(outside, "stolen.txt"),
		"app/linked-lib": filepath.Join(root, "lib"),
	} {
		if err := os.Symlink(target, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	o := declare.Options{Project: filepath.Join(root, "app"), ProjectName: "billing", Environment: "production"}
	if d := only(t, compile(t, o)); d.Code != "import_outside_project" || d.Position.String() != "index.ts:3:22" {
		t.Errorf("code: got %s %s", d.Position, d.Code)
	}
	if err := os.Remove(filepath.Join(root, "app/link.ts")); err != nil {
		t.Fatal(err)
	}
	write(t, root, "app/link.ts", "export const name = 1")
	d := only(t, compile(t, o))
	if d.Code != "option_from_stand_in" || strings.Contains(d.Message, "stolen") {
		t.Errorf("data: got %s %s", d.Position, d)
	}
}

func TestResultDoesNotDependOnWhatIsInstalled(t *testing.T) {
	o := project(t, `
import { name } from "@acme/shared"
import { secret } from "@layeron/modules"
export const key = secret.random({ name: typeof name })
`)
	before := compile(t, o)
	write(t, o.Project, "packages/shared/index.ts", `export const name = "loaded"`)
	if err := os.MkdirAll(filepath.Join(o.Project, "node_modules/@acme"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../../packages/shared", filepath.Join(o.Project, "node_modules/@acme/shared")); err != nil {
		t.Fatal(err)
	}
	after := compile(t, o)
	if summary(before) != summary(after) || before.HasErrors() {
		t.Errorf("before install:\n%safter:\n%s", summary(before), summary(after))
	}
}

func TestMissingProject(t *testing.T) {
	o := declare.Options{Project: filepath.Join(t.TempDir(), "nowhere"), Environment: "production"}
	if d := only(t, compile(t, o)); d.Code != "project_not_found" {
		t.Errorf("got %s", d.Code)
	}
}

// A program that runs as the child may print anything.
func TestChildWithoutAResult(t *testing.T) {
	for name, script := range map[string]string{
		"nothing":    "exit 0",
		"junk":       "echo '{\"schema\":1}'",
		"a panic":    "echo 'panic: oh' >&2; exit 2",
		"hostile":    "printf '\\033[31m\\n::error::' >&2; exit 1",
		"killed":     "kill -9 $$",
		"other JSON": "echo '[]'; echo '{}'",
	} {
		t.Run(name, func(t *testing.T) {
			o := project(t, "")
			self := filepath.Join(o.Project, "child")
			write(t, o.Project, "child", "#!/bin/sh\ncat >/dev/null\n"+script+"\n")
			if err := os.Chmod(self, 0o755); err != nil {
				t.Fatal(err)
			}
			document, err := declare.Compile(context.Background(), self, o)
			if err != nil {
				t.Fatal(err)
			}
			if d := only(t, document); d.Code != "compile_crashed" || strings.ContainsAny(d.Message, "\x1b\n") {
				t.Errorf("got %s: %q", d.Code, d.Message)
			}
		})
	}
}

func TestErrorsOfTheCaller(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	o := project(t, "")
	if _, err := declare.Compile(context.Background(), filepath.Join(o.Project, "no-program"), o); err == nil {
		t.Error("a program that is not there: no error")
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := declare.Compile(ended, self, o); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that ended: got %v", err)
	}
	o.Environment = "../x"
	if _, err := declare.Compile(context.Background(), self, o); err == nil {
		t.Error("an environment that is none: no error")
	}
}
