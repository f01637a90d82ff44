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

// isText reports whether a file is data that is loaded as text or JSON.
func isText(name string) bool {
	return slices.Contains([]string{".json", ".txt", ".sql", ".md", ".html"}, path.Ext(name))
}

// isInert reports whether the name of an import shows that it is data. A build
// step may create the file later, so it need not exist.
func isInert(name string) bool {
	return strings.ContainsRune(name, '?') || slices.Contains([]string{
		".wasm", ".css", ".scss", ".sass", ".less", ".svg", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".ico",
		".woff", ".woff2", ".ttf", ".bin", ".pem", ".graphql", ".gql", ".yaml", ".yml", ".toml", ".csv", ".xml",
	}, path.Ext(name))
}
