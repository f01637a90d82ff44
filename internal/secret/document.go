package secret

// DocumentSchema is the number of the document's form; it changes only when a
// field is renamed or changes its meaning.
const DocumentSchema = 1

// Document is the result of a compile, and the deployment record: the secrets
// of one project in one environment, sorted by id. Nothing else is handed to
// the planner.
type Document struct {
	Schema      int           `json:"schema"`
	Project     string        `json:"project"`
	Workspace   string        `json:"workspace"`
	Environment string        `json:"environment"`
	Secrets     []Declaration `json:"secrets"`
	Diagnostics []Diagnostic  `json:"diagnostics"`
}

// HasErrors tells whether any diagnostic forbids to go on.
func (d Document) HasErrors() bool { return HasErrors(d.Diagnostics) }
