// Package secret defines the types that all packages share: ids, declarations,
// versions, instants, diagnostics, and what the store says about a secret. It
// imports only the standard library.
//
// A [Value] never shows the text it holds: formatted, logged or marshalled, it
// reads "[redacted]".
package secret

import (
	"strings"
	"time"
)

// ID names one secret within a project and environment: "namespace/name".
// Neither part contains a slash.
type ID string

// NewID joins a namespace and a name.
func NewID(namespace, name string) ID { return ID(namespace + "/" + name) }

// Namespace returns the part before the slash.
func (id ID) Namespace() string {
	namespace, _, _ := strings.Cut(string(id), "/")
	return namespace
}

// Name returns the part after the slash.
func (id ID) Name() string {
	_, name, _ := strings.Cut(string(id), "/")
	return name
}

// Kind says where the value of a secret comes from.
type Kind string

const (
	// Static: an operator supplies the value.
	Static Kind = "static"
	// Random: the value is derived from the root key.
	Random Kind = "random"
	// Generated: the value is derived from the root key, unless a product makes
	// it.
	Generated Kind = "generated"
)

// Mode says what happens to a version that a rotation supersedes.
type Mode string

const (
	// RetainNone keeps the current version only, stored as a plain value.
	RetainNone Mode = "none"
	// RetainFor keeps a superseded version readable for a number of days.
	RetainFor Mode = "retain_for"
	// RetainForever keeps every version.
	RetainForever Mode = "retain_forever"
)

// Modes lists the retention modes in the order in which messages show them.
var Modes = []Mode{RetainNone, RetainFor, RetainForever}

// Limits of the numbers in a declaration.
const (
	MinEveryDays  = 7
	MaxEveryDays  = 3650
	MinRetainDays = 1
	MaxRetainDays = 3650
	MinBytes      = 16
	MaxBytes      = 1024
	DefaultBytes  = 32
)

// Defaults of a declaration and of a project, and the namespace that users may
// not declare in.
const (
	DefaultNamespace  = "default"
	ReservedNamespace = "layeron"
	DefaultWorkspace  = "default"
)

// Day is the unit of everyDays and of retention: always 24 hours.
const Day = 24 * time.Hour

// Retention is what a rotation keeps. Days is zero unless Mode is RetainFor.
type Retention struct {
	Mode Mode
	Days int
}

// Versioned reports whether the stored value lists versions, rather than being
// the plain value.
func (r Retention) Versioned() bool { return r.Mode == RetainFor || r.Mode == RetainForever }

// Window returns how long RetainFor keeps a superseded version readable.
func (r Retention) Window() time.Duration { return time.Duration(r.Days) * Day }

// Rotation is a secret's schedule and what a rotation keeps. When StartAt is
// none, the schedule starts when the first version becomes current.
type Rotation struct {
	EveryDays int       `json:"everyDays"`
	StartAt   Instant   `json:"startAt"`
	Retain    Retention `json:"retain"`
}

// Interval returns the time between two slots.
func (r Rotation) Interval() time.Duration { return time.Duration(r.EveryDays) * Day }

// Format says how a Worker reads the value. It never changes what is stored.
type Format string

// The formats of a value.
const (
	FormatText  Format = "text"
	FormatBytes Format = "bytes"
	FormatJSON  Format = "json"
)

// Formats lists the formats in the order in which messages show them.
var Formats = []Format{FormatText, FormatBytes, FormatJSON}

// ValueOptions are the `value` options of a declaration.
type ValueOptions struct {
	Format Format `json:"format"`
}

// Expose says how much of a secret its consumer gets.
type Expose string

// The values of Expose.
const (
	ExposeCurrent   Expose = "current"
	ExposeVersioned Expose = "versioned"
)

// Exposes lists the values of Expose in the order in which messages show them.
var Exposes = []Expose{ExposeCurrent, ExposeVersioned}

// Consume says where and how the secret is read.
type Consume struct {
	Address string `json:"address"`
	Expose  Expose `json:"expose"`
}

// Ownership names the product that makes the value.
type Ownership struct {
	OwnerProduct    string `json:"ownerProduct"`
	OwnerInstanceID string `json:"ownerInstanceId"`
	Purpose         string `json:"purpose"`
}

// Declaration is one secret as the TypeScript declares it, with defaults filled
// in. Bytes is zero for a static secret. Rotation, Value, Consume and Ownership
// are nil when the declaration leaves them out.
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

// Retain returns the declared retention, or RetainNone without a rotation.
func (d Declaration) Retain() Retention {
	if d.Rotation == nil {
		return Retention{Mode: RetainNone}
	}
	return d.Rotation.Retain
}

// External reports whether an operator supplies the value.
func (d Declaration) External() bool { return d.Kind == Static }

// ProductOwned reports whether a product makes the value, because only the
// product knows what a valid one looks like.
func (d Declaration) ProductOwned() bool {
	return d.Kind == Generated && d.Ownership != nil && d.Ownership.OwnerProduct != ""
}
