package declare

import "encoding/json"

// Names that resolver, bundle and sandbox share.
const (
	// firstModule imports the entries of a bundle.
	firstModule = "<entries>"
	// bundleName is what the engine calls the bundle.
	bundleName = "layer-bundle.js"
	// hostSymbol is the registered symbol under which a bundle finds the sandbox.
	hostSymbol = "layer"
	// The namespaces of modules that are not files.
	standInNamespace = "stand-in"
	layerNamespace   = "layer"
)

// quoteJS writes a string literal of JavaScript.
func quoteJS(s string) string {
	quoted, _ := json.Marshal(s) // a string can always be marshalled
	return string(quoted)
}
