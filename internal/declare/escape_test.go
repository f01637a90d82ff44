package declare_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// esbuild finds the files of some imports by itself, without calling the resolver.
// None of them may put text into a pull request's comment that is not from the
// repository.
func TestFault37_NoImportLeavesTheRepository(t *testing.T) {
	const marked = "marked-and-not-for-reading"
	for name, index := range map[string]string{
		"a template import":               "const n = \"creds\"\nexport const t = await import(`../../outside/${n}.json`)",
		"a template require":              "declare const require: (s: string) => unknown\nconst n = \"creds\"\nexport const t = require(`../../outside/${n}.json`)",
		"a template import as text":       "const n = \"environ\"\nexport const t = await import(`../../outside/${n}`, { with: { type: \"text\" } })",
		"a template import of layer's":    "const n = \"secrets-store\"\nexport const t = await import(`../.layeron/local/${n}.json`)",
		"a template import of git's":      "const n = \"config\"\nexport const t = await import(`../.git/${n}.txt`)",
		"an import as bytes":              "import x from \"../../outside/environ\" with { type: \"bytes\" }\nexport const t = x",
		"a link out of the repository":    "import x from \"./link.json\"\nexport const t = x",
		"a source map out of it":          "export const t = 1\nthrow new Error(\"x\")\n//# sourceMappingURL=../../outside/a.map",
		"a template import through links": "const n = \"link\"\nexport const t = await import(`./${n}.json`)",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			for path, text := range map[string]string{
				"outside/creds.json":                      `{"token": "` + marked + `"}`,
				"outside/environ":                         marked,
				"outside/a.map":                           `{"version": 3, "sources": ["` + marked + `"], "mappings": "AAAA;AACA", "names": []}`,
				"repo/.git/config.txt":                    marked,
				"repo/.layeron/local/secrets-store.json":  `{"value": "` + marked + `"}`,
				"repo/src/index.ts":                       escaping(index),
				"repo/src/there-is-something-to-match.ts": "export {}\n",
			} {
				path = filepath.Join(root, filepath.FromSlash(path))
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Symlink(filepath.Join(root, "outside", "creds.json"), filepath.Join(root, "repo", "src", "link.json")); err != nil {
				t.Fatal(err)
			}
			o := project(t, "")
			o.Project = filepath.Join(root, "repo")
			d := compile(t, o)
			for _, diagnostic := range d.Diagnostics {
				if strings.Contains(diagnostic.Message+diagnostic.Position.File, marked) {
					t.Errorf("shown in a diagnostic: %+v", diagnostic)
				}
			}
			for _, s := range d.Secrets {
				if strings.Contains(string(s.ID), "marked") {
					t.Errorf("shown in a name: %s", s.ID)
				}
			}
			if len(d.Diagnostics) == 0 && len(d.Secrets) == 0 {
				t.Error("nothing came of the compile: this tests nothing")
			}
		})
	}
}

// escaping is an entry that declares secrets with the names of all it read.
func escaping(index string) string {
	return `import { secret } from "@layeron/modules"
import { backend } from "@layeron/core"
` + index + `
const all = String(JSON.stringify(t)).replace(/[^a-z-]/g, "").slice(0, 100)
export default backend({ project: "billing" }).use(secret.random({ name: "k" + all }))
`
}
