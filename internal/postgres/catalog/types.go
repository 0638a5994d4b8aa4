package catalog

import "github.com/litehaul/litehaul/internal/postgres/sqltype"

// Class is how a type is made.
type Class uint8

// The classes of types.
const (
	Other  Class = iota // composite, range, pseudo: only its input function knows
	Scalar              // a base type
	Enum
	Array
	Domain
)

// Type is the type of a column, or what such a type is made of.
type Type struct {
	OID          uint32
	Schema, Name string // as in pg_type
	Text         string // with modifiers, as format_type writes it with an empty search_path
	Class        Class
	// Base is a Scalar's with its modifiers, Unknown where litehaul has no
	// binary encoder for it. The time types' precision is in Fraction.
	Base sqltype.Type
	// Fraction is the number of fractional digits that time, timestamp and
	// interval types keep, rounding the rest: 6 unless the column says less.
	Fraction int
	// Fields tells an interval that is cut down to some fields, as in INTERVAL
	// DAY TO MINUTE: the server cuts values silently. Text names the fields.
	Fields bool
	Labels []string // of an Enum, in order
	// Of is what an Array has as elements, or a Domain is over, with the
	// modifiers that the array or domain gives it.
	Of *Type
	// DomainNotNull, DomainDefault and DomainChecks are a Domain's own; those
	// of a domain beneath are with Of. Checks are expressions over VALUE.
	DomainNotNull bool
	DomainDefault string
	DomainChecks  []string
}

// Plain is the type beneath the domains: what values look like.
func (t *Type) Plain() *Type {
	for t.Class == Domain {
		t = t.Of
	}
	return t
}

// Binary tells whether litehaul writes values of the type in binary: base types
// that it knows, enums, arrays of both, and domains over all of these. An array
// names the OID of its elements' type, which may be a domain's.
func (t *Type) Binary() bool {
	switch p := t.Plain(); p.Class {
	case Scalar:
		return p.Base.Kind != sqltype.Unknown
	case Enum:
		return true
	case Array:
		return p.Of.Plain().Class != Array && p.Of.Binary()
	}
	return false
}

// Default gives the default of the outermost domain that has one, or "".
func (t *Type) Default() string {
	for ; t.Class == Domain; t = t.Of {
		if t.DomainDefault != "" {
			return t.DomainDefault
		}
	}
	return ""
}

// Checked tells whether a domain on the way refuses some values.
func (t *Type) Checked() bool {
	for ; t.Class == Domain; t = t.Of {
		if len(t.DomainChecks) > 0 || t.DomainNotNull {
			return true
		}
	}
	return t.Class == Array && t.Of.Checked()
}

// refusesNull tells whether a domain on the way does.
func (t *Type) refusesNull() bool {
	for ; t.Class == Domain; t = t.Of {
		if t.DomainNotNull {
			return true
		}
	}
	return false
}
