package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// BenchmarkCheck measures a whole process that checks with the local store:
// start, compile, plan and print. The budget is 150 ms and 150 MB for 100
// secrets in 20 files, and 3 s for 10,000 secrets. Both must grow in proportion
// to the number of secrets.
func BenchmarkCheck(b *testing.B) {
	for _, size := range []struct{ files, each int }{{20, 5}, {20, 50}, {100, 100}} {
		b.Run(fmt.Sprintf("%dsecrets", size.files*size.each), func(b *testing.B) {
			project := manySecrets(b, size.files, size.each)
			var peak int64
			for b.Loop() {
				cmd := exec.Command(layer, "secret", "rotate", "--local", "--project", project, "--env", "production")
				out, err := cmd.Output()
				if err != nil || !strings.Contains(string(out), fmt.Sprintf("%d to create", size.files*size.each)) {
					b.Fatalf("%v\n%s", err, out)
				}
				peak = max(peak, cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)
			}
			b.ReportMetric(float64(peak)/1000, "peak-MB")
		})
	}
}

// manySecrets writes a project with the secrets in several files, all used by
// one backend, and returns its folder.
func manySecrets(b *testing.B, files, each int) string {
	b.Helper()
	project := b.TempDir()
	var index strings.Builder
	index.WriteString("import { backend } from \"@layeron/core\"\n")
	var use strings.Builder
	for f := range files {
		var text strings.Builder
		text.WriteString("import { secret } from \"@layeron/modules\"\n")
		for s := range each {
			fmt.Fprintf(&text, `
export const key%d = secret.random({
  name: "key-%d",
  namespace: "subject-%d",
  rotation: { everyDays: 30, startAt: "2026-06-01T00:00:00.000Z", retain: { mode: "retain_for", days: 14 } },
})
`, s, s, f)
		}
		write(b, filepath.Join(project, "src", fmt.Sprintf("subject%d.ts", f)), text.String())
		fmt.Fprintf(&index, "import * as subject%d from \"./subject%d\"\n", f, f)
		fmt.Fprintf(&use, "app.use(Object.values(subject%d))\n", f)
	}
	index.WriteString("const app = backend({ project: \"many\", name: \"api\" })\n" + use.String() + "export default app\n")
	write(b, filepath.Join(project, "src", "index.ts"), index.String())
	return project
}

func write(b *testing.B, path, text string) {
	b.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		b.Fatal(err)
	}
}
