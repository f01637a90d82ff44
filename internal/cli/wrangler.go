package cli

import (
	"cmp"
	"strings"

	"github.com/layeron/rotate/internal/report"
	"github.com/layeron/rotate/internal/run"
	"github.com/layeron/rotate/internal/secret"
)

// wranglerJSON is the part of wrangler.jsonc that binds a Worker to secrets.
type wranglerJSON struct {
	Bindings []bindingJSON `json:"secrets_store_secrets"`
}

type bindingJSON struct {
	Binding    string `json:"binding"`
	StoreID    string `json:"store_id"`
	SecretName string `json:"secret_name"`
}

// unknownStore is printed where the user has to fill in the store's id.
const unknownStore = "<your store id>"

// wranglerDocument prints the bindings of a Worker that reads the secrets.
func (a App) wranglerDocument(doc secret.Document) error {
	out := wranglerJSON{Bindings: []bindingJSON{}}
	taken := map[string]secret.ID{}
	for _, d := range doc.Secrets {
		name := binding(d.ID)
		if other, is := taken[name]; is {
			return run.Fail("binding_conflict", "%q and %q would both be the binding %s\nrename one of them", other, d.ID, name)
		}
		taken[name] = d.ID
		out.Bindings = append(out.Bindings, bindingJSON{name, cmp.Or(a.Getenv(run.EnvStore), unknownStore), d.StoreName})
	}
	return report.Document(a.Stdout, out)
}

// binding is a secret's name in a Worker's env: namespace and name in capitals,
// the default namespace left out.
func binding(id secret.ID) string {
	name := string(id)
	if id.Namespace() == secret.DefaultNamespace {
		name = id.Name()
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, name)
	if name[0] >= '0' && name[0] <= '9' {
		name = "_" + name
	}
	return name
}
