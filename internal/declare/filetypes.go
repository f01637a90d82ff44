package declare

import (
	"path"
	"slices"
	"strings"
)

// isCode reports whether a file is TypeScript or JavaScript.
func isCode(name string) bool {
	return slices.Contains([]string{".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"}, path.Ext(name))
}

// isText reports whether a data file is loaded.
func isText(name string) bool {
	return slices.Contains([]string{".json", ".txt", ".sql", ".md", ".html"}, path.Ext(name))
}

// isInert reports whether an import is data by its name alone. A build step may
// still have to make it, so the file is not looked for.
func isInert(name string) bool {
	return strings.ContainsRune(name, '?') || slices.Contains([]string{
		".wasm", ".css", ".scss", ".sass", ".less", ".svg", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".ico",
		".woff", ".woff2", ".ttf", ".bin", ".pem", ".graphql", ".gql", ".yaml", ".yml", ".toml", ".csv", ".xml",
	}, path.Ext(name))
}
