package declare

import (
	"math"
	"slices"

	"github.com/layeron/rotate/internal/secret"
)

// declaration validates a call of a member of secret. The result is complete
// except for its store name, and counts only if the checker reported nothing.
func (c *checker) declaration() secret.Declaration {
	d := secret.Declaration{Kind: secret.Kind(c.record.name), Source: c.call}
	options, ok := c.options()
	if !ok {
		return d
	}
	known := []string{"name", "namespace", "rotation", "value", "consume", "ownership"}
	if d.Kind != secret.Static {
		known = append(known, "bytes")
		d.Bytes = c.bytes(options)
	}
	c.known(options, nil, known...)
	d.ID = secret.NewID(c.namespace(options), c.name(options))
	if rotation, ok := c.field(options, objectValue, "rotation"); ok {
		d.Rotation = c.rotation(rotation)
	}
	if v, ok := c.field(options, objectValue, "value"); ok {
		c.known(v, []string{"value"}, "format")
		d.Value = &secret.ValueOptions{Format: word(c, v, secret.Formats, codeValueFormat, "value", "format")}
	}
	if v, ok := c.field(options, objectValue, "consume"); ok {
		c.known(v, []string{"consume"}, "address", "expose")
		d.Consume = &secret.Consume{
			Address: c.text(v, "consume", "address"),
			Expose:  word(c, v, secret.Exposes, codeConsumeExpose, "consume", "expose"),
		}
	}
	if v, ok := c.field(options, objectValue, "ownership"); ok {
		d.Ownership = c.ownership(v)
	}
	return d
}

func (c *checker) name(options value) string {
	if options.fields["name"].kind == undefinedValue {
		c.report(nil, codeNameMissing, "has no name: add name: \"…\"")
		return ""
	}
	v, ok := c.field(options, stringValue, "name")
	if !ok {
		return ""
	}
	if v.text == "" {
		c.report([]string{"name"}, codeNameEmpty, "is empty: %s", secret.NameRule)
	} else if err := secret.CheckName(v.text); err != nil {
		c.report([]string{"name"}, codeNameInvalid, "is %s: it %s; %s", v.shown(), err, secret.NameRule)
	}
	return v.text
}

func (c *checker) namespace(options value) string {
	if options.fields["namespace"].kind == undefinedValue {
		return secret.DefaultNamespace
	}
	v, ok := c.field(options, stringValue, "namespace")
	if !ok {
		return ""
	}
	if v.text == secret.ReservedNamespace {
		c.report([]string{"namespace"}, codeNamespaceReserved, "is %q, which is reserved: choose another namespace", v.text)
	} else if err := secret.CheckName(v.text); err != nil {
		c.report([]string{"namespace"}, codeNamespaceInvalid, "is %s: it %s; %s", v.shown(), err, secret.NameRule)
	}
	return v.text
}

func (c *checker) bytes(options value) int {
	v := options.fields["bytes"]
	path := []string{"bytes"}
	n, whole := v.integer()
	switch {
	case v.kind == undefinedValue:
		return secret.DefaultBytes
	case v.kind == standInValue:
		c.isKind(path, v, numberValue)
	case !whole:
		c.report(path, codeBytesInvalid, "is %s: use a whole number from %d to %d", v.shown(), secret.MinBytes, secret.MaxBytes)
	case n < secret.MinBytes || n > secret.MaxBytes:
		c.report(path, codeBytesOutOfRange, "is %s: use a whole number from %d to %d", v.shown(), secret.MinBytes, secret.MaxBytes)
	}
	return n
}

func (c *checker) rotation(options value) *secret.Rotation {
	c.known(options, []string{"rotation"}, "everyDays", "startAt", "retain")
	r := &secret.Rotation{EveryDays: c.everyDays(options), Retain: secret.Retention{Mode: secret.RetainNone}}
	path := []string{"rotation", "startAt"}
	if v, ok := c.field(options, stringValue, path...); ok {
		startAt, err := secret.ParseInstant(v.text)
		if err != nil || startAt.IsZero() {
			c.report(path, codeStartAtInvalid, "is %s: use an RFC 3339 instant with a zone, such as \"2026-06-01T00:00:00Z\"", v.shown())
		}
		r.StartAt = startAt
	}
	if v, ok := c.field(options, objectValue, "rotation", "retain"); ok {
		r.Retain = c.retain(v)
	}
	return r
}

func (c *checker) everyDays(options value) int {
	v := options.fields["everyDays"]
	path := []string{"rotation", "everyDays"}
	n, whole := v.integer()
	code := Code("")
	switch {
	case v.kind == undefinedValue:
		c.report(path[:1], codeOptionMissing, "has no everyDays: add a whole number of days from %d to %d", secret.MinEveryDays, secret.MaxEveryDays)
	case v.kind == standInValue:
		c.isKind(path, v, numberValue)
	case v.kind == numberValue && v.number < secret.MinEveryDays && !math.IsInf(v.number, 0):
		code = codeIntervalTooShort
	case !whole:
		code = codeIntervalInvalid
	case n > secret.MaxEveryDays:
		code = codeIntervalTooLong
	}
	if code != "" {
		c.report(path, code, "is %s: use a whole number of days from %d to %d", v.shown(), secret.MinEveryDays, secret.MaxEveryDays)
	}
	return n
}

func (c *checker) retain(options value) secret.Retention {
	path := []string{"rotation", "retain"}
	c.known(options, path, "mode", "days")
	if options.fields["mode"].kind == undefinedValue {
		c.report(path, codeOptionMissing, "has no mode: use %s", oneOf(secret.Modes))
		return secret.Retention{}
	}
	r := secret.Retention{Mode: word(c, options, secret.Modes, codeRetainMode, "rotation", "retain", "mode")}
	if slices.Contains(secret.Modes, r.Mode) {
		r.Days = c.retainDays(options, r.Mode)
	}
	return r
}

func (c *checker) retainDays(options value, mode secret.Mode) int {
	v := options.fields["days"]
	path := []string{"rotation", "retain", "days"}
	n, whole := v.integer()
	switch {
	case mode != secret.RetainFor && v.kind != undefinedValue:
		c.report(path, codeRetainDaysSurplus, "is given with mode %q: leave it out, or use mode %q", mode, secret.RetainFor)
	case mode != secret.RetainFor:
	case v.kind == undefinedValue:
		c.report(path[:2], codeRetainDaysMissing, "has no days: add a whole number of days from %d to %d", secret.MinRetainDays, secret.MaxRetainDays)
	case v.kind == standInValue:
		c.isKind(path, v, numberValue)
	case !whole || n < secret.MinRetainDays || n > secret.MaxRetainDays:
		c.report(path, codeRetainDaysInvalid, "is %s: use a whole number of days from %d to %d", v.shown(), secret.MinRetainDays, secret.MaxRetainDays)
	}
	return n
}

func (c *checker) ownership(options value) *secret.Ownership {
	path := []string{"ownership"}
	c.known(options, path, "ownerProduct", "ownerInstanceId", "purpose")
	o := &secret.Ownership{
		OwnerProduct:    c.text(options, "ownership", "ownerProduct"),
		OwnerInstanceID: c.text(options, "ownership", "ownerInstanceId"),
		Purpose:         c.text(options, "ownership", "purpose"),
	}
	switch v := options.fields["ownerProduct"]; {
	case v.kind == undefinedValue:
		c.report(path, codeOwnerMissing, "has no ownerProduct: add the product that creates the value")
	case v.kind == stringValue && v.text == "":
		c.report(append(path, "ownerProduct"), codeOwnerMissing, "is empty: add the product that creates the value")
	}
	return o
}
