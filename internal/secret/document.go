package secret

// DocumentSchema is the version of the document's format. It changes only when
// a field is renamed or changes its meaning.
const DocumentSchema = 1

// Document is what a compile produces: the secrets of one project in one
// environment, sorted by id. It is all that the planner knows of the source.
type Document struct {
	Schema      int           `json:"schema"`
	Project     string        `json:"project"`
	Workspace   string        `json:"workspace"`
	Environment string        `json:"environment"`
	Secrets     []Declaration `json:"secrets"`
	Diagnostics []Diagnostic  `json:"diagnostics"`
}

// HasErrors reports whether any diagnostic is an error.
func (d Document) HasErrors() bool { return HasErrors(d.Diagnostics) }
