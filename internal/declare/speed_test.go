package declare_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/layeron/rotate/internal/declare"
)

// manySecrets writes a project that declares files × each secrets.
func manySecrets(b *testing.B, files, each int) declare.Options {
	b.Helper()
	dir := b.TempDir()
	var index strings.Builder
	index.WriteString("import { backend } from \"@layeron/core\"\nconst app = backend({ project: \"billing\" })\n")
	for f := range files {
		var text strings.Builder
		text.WriteString("import { secret } from \"@layeron/modules\"\n")
		for s := range each {
			fmt.Fprintf(&text, "export const key%d = secret.random({\n  name: \"key-%d\", namespace: \"file-%d\",\n", s, s, f)
			text.WriteString("  rotation: { everyDays: 30, startAt: \"2026-06-01T00:00:00Z\", retain: { mode: \"retain_for\", days: 14 } },\n})\n")
		}
		write(b, dir, fmt.Sprintf("src/secrets%d.ts", f), text.String())
		fmt.Fprintf(&index, "import * as file%d from \"./secrets%d\"\napp.use(file%d)\n", f, f, f)
	}
	index.WriteString("export default app\n")
	write(b, dir, "src/index.ts", index.String())
	return declare.Options{Project: dir, Environment: "production"}
}

func benchmark(b *testing.B, files, each int) {
	o := manySecrets(b, files, each)
	for b.Loop() {
		if d := compile(b, o); len(d.Secrets) != files*each {
			b.Fatalf("got %d secrets: %+v", len(d.Secrets), d.Diagnostics)
		}
	}
}

// The whole check of 100 secrets in 20 files takes less than 150 ms.
func BenchmarkCompile100In20Files(b *testing.B) { benchmark(b, 20, 5) }

// Compile and plan of 10,000 secrets take less than 3 s.
func BenchmarkCompile10000(b *testing.B) { benchmark(b, 100, 100) }
