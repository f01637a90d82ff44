package secret

import (
	"encoding/json"
)

// These JSON formats are part of `layer compile --json` and of the plan, which
// other programs read: a missing value is null, and its field is always there.

// MarshalJSON writes days as null unless the mode is retain_for.
func (r Retention) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Mode Mode `json:"mode"`
		Days *int `json:"days"`
	}{r.Mode, orNull(r.Days)})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (r *Retention) UnmarshalJSON(data []byte) error {
	var read struct {
		Mode Mode `json:"mode"`
		Days *int `json:"days"`
	}
	if err := json.Unmarshal(data, &read); err != nil {
		return err
	}
	*r = Retention{Mode: read.Mode, Days: orZero(read.Days)}
	return nil
}

// declarationJSON is a Declaration in JSON.
type declarationJSON struct {
	ID        ID            `json:"id"`
	Kind      Kind          `json:"kind"`
	Bytes     *int          `json:"bytes"`
	StoreName string        `json:"storeName"`
	Rotation  *Rotation     `json:"rotation"`
	Value     *ValueOptions `json:"value"`
	Consume   *Consume      `json:"consume"`
	Ownership *Ownership    `json:"ownership"`
	Source    Position      `json:"source"`
}

// MarshalJSON writes bytes as null for a static secret.
func (d Declaration) MarshalJSON() ([]byte, error) {
	return json.Marshal(declarationJSON{d.ID, d.Kind, orNull(d.Bytes), d.StoreName, d.Rotation, d.Value, d.Consume, d.Ownership, d.Source})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (d *Declaration) UnmarshalJSON(data []byte) error {
	var read declarationJSON
	if err := json.Unmarshal(data, &read); err != nil {
		return err
	}
	*d = Declaration{read.ID, read.Kind, orZero(read.Bytes), read.StoreName, read.Rotation, read.Value, read.Consume, read.Ownership, read.Source}
	return nil
}

// positionJSON is a Position in JSON, and the last fields of a Diagnostic.
type positionJSON struct {
	File   *string `json:"file"`
	Line   *int    `json:"line"`
	Column *int    `json:"column"`
}

func (p Position) json() positionJSON {
	return positionJSON{orNull(p.File), orNull(p.Line), orNull(p.Column)}
}

func (p positionJSON) position() Position {
	return Position{orZero(p.File), orZero(p.Line), orZero(p.Column)}
}

// MarshalJSON writes unknown fields as null.
func (p Position) MarshalJSON() ([]byte, error) { return json.Marshal(p.json()) }

// UnmarshalJSON reads what MarshalJSON writes.
func (p *Position) UnmarshalJSON(data []byte) error {
	var read positionJSON
	if err := json.Unmarshal(data, &read); err != nil {
		return err
	}
	*p = read.position()
	return nil
}

type diagnosticJSON struct {
	Severity Severity `json:"severity"`
	Code     string   `json:"code"`
	Message  string   `json:"message"`
	positionJSON
}

// MarshalJSON writes the fields of the position next to those of the
// diagnostic.
func (d Diagnostic) MarshalJSON() ([]byte, error) {
	return json.Marshal(diagnosticJSON{d.Severity, d.Code, d.Message, d.Position.json()})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (d *Diagnostic) UnmarshalJSON(data []byte) error {
	var read diagnosticJSON
	if err := json.Unmarshal(data, &read); err != nil {
		return err
	}
	*d = Diagnostic{read.Severity, read.Code, read.Message, read.position()}
	return nil
}
