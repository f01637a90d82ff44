// Package secret is the vocabulary of layer: what a secret is called, how it
// is declared, what the store tells about it, and how instants and diagnostics
// are written. It imports nothing but the standard library, so that every
// other package can speak in its terms.
//
// It promises that a [Value] never shows what it holds: formatted, logged or
// marshalled it reads "[redacted]".
package secret

import (
	"strings"
	"time"
)

// ID names one secret within a project and environment: "namespace/name".
// Neither part contains a slash, so an ID has one reading.
type ID string

// NewID joins a namespace and a name.
func NewID(namespace, name string) ID { return ID(namespace + "/" + name) }

// Namespace is the part before the slash.
func (id ID) Namespace() string {
	namespace, _, _ := strings.Cut(string(id), "/")
	return namespace
}

// Name is the part after the slash.
func (id ID) Name() string {
	_, name, _ := strings.Cut(string(id), "/")
	return name
}

// Kind says where the value of a secret comes from.
type Kind string

const (
	// Static values are supplied by an operator.
	Static Kind = "static"
	// Random values are derived from the root key.
	Random Kind = "random"
	// Generated values are derived like random ones, unless a product owns
	// their shape.
	Generated Kind = "generated"
)

// Mode says what becomes of the versions a rotation supersedes.
type Mode string

const (
	// RetainNone keeps the current version only, stored as a plain value.
	RetainNone Mode = "none"
	// RetainFor keeps a superseded version readable for a number of days.
	RetainFor Mode = "retain_for"
	// RetainForever keeps every version.
	RetainForever Mode = "retain_forever"
)

// Modes are the retention modes in the order in which messages list them.
var Modes = []Mode{RetainNone, RetainFor, RetainForever}

// Limits of a declaration's numbers (DESIGN §3).
const (
	MinEveryDays  = 7
	MaxEveryDays  = 3650
	MinRetainDays = 1
	MaxRetainDays = 3650
	MinBytes      = 16
	MaxBytes      = 1024
	DefaultBytes  = 32
)

// Defaults of a declaration and of a project (DESIGN §3).
const (
	DefaultNamespace  = "default"
	ReservedNamespace = "layeron"
	DefaultWorkspace  = "default"
)

// Day is the unit of everyDays and of retention: always 24 hours, in UTC.
const Day = 24 * time.Hour

// Retention is what a rotation keeps. Days is zero unless Mode is RetainFor.
type Retention struct {
	Mode Mode
	Days int
}

// Versioned tells whether the stored value carries versions or is plain
// (DESIGN §4).
func (r Retention) Versioned() bool { return r.Mode == RetainFor || r.Mode == RetainForever }

// Window is how long a superseded version stays readable under RetainFor.
func (r Retention) Window() time.Duration { return time.Duration(r.Days) * Day }

// Rotation is a secret's schedule and what a rotation keeps. A zero StartAt
// means that the schedule is anchored at the instant the first version became
// current.
type Rotation struct {
	EveryDays int       `json:"everyDays"`
	StartAt   Instant   `json:"startAt"`
	Retain    Retention `json:"retain"`
}

// Interval is the time between two slots.
func (r Rotation) Interval() time.Duration { return time.Duration(r.EveryDays) * Day }

// Format is how a Worker is expected to read the value. It never changes what
// is stored.
type Format string

// The formats of a value.
const (
	FormatText  Format = "text"
	FormatBytes Format = "bytes"
	FormatJSON  Format = "json"
)

// Formats are the valid formats in the order in which messages list them.
var Formats = []Format{FormatText, FormatBytes, FormatJSON}

// ValueOptions are the `value` options of a declaration.
type ValueOptions struct {
	Format Format `json:"format"`
}

// Expose is how a consumer is given the secret.
type Expose string

// The ways of exposing a secret.
const (
	ExposeCurrent   Expose = "current"
	ExposeVersioned Expose = "versioned"
)

// Exposes are the valid ways in the order in which messages list them.
var Exposes = []Expose{ExposeCurrent, ExposeVersioned}

// Consume is where and how the secret is read.
type Consume struct {
	Address string `json:"address"`
	Expose  Expose `json:"expose"`
}

// Ownership names the product whose own flow makes the value.
type Ownership struct {
	OwnerProduct    string `json:"ownerProduct"`
	OwnerInstanceID string `json:"ownerInstanceId"`
	Purpose         string `json:"purpose"`
}

// Declaration is one secret as its TypeScript declares it, defaults filled in.
// Bytes is zero for a static secret; Rotation, Value, Consume and Ownership
// are nil where the declaration says nothing of them.
type Declaration struct {
	ID        ID
	Kind      Kind
	Bytes     int
	StoreName string
	Rotation  *Rotation
	Value     *ValueOptions
	Consume   *Consume
	Ownership *Ownership
	Source    Position
}

// Retain is what the declaration keeps of superseded versions: RetainNone
// where no rotation is declared.
func (d Declaration) Retain() Retention {
	if d.Rotation == nil {
		return Retention{Mode: RetainNone}
	}
	return d.Rotation.Retain
}

// External tells that the value is supplied by an operator.
func (d Declaration) External() bool { return d.Kind == Static }

// ProductOwned tells that a product's own flow makes the value, because only
// the product knows its shape.
func (d Declaration) ProductOwned() bool {
	return d.Kind == Generated && d.Ownership != nil && d.Ownership.OwnerProduct != ""
}
