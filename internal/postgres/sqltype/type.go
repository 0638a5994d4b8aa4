// Package sqltype names the Postgres types that litehaul writes and reads in
// binary COPY, with their modifiers. It is pure data: no connection, no I/O.
package sqltype

import (
	"strconv"
	"strings"
)

// Kind is a Postgres base type.
type Kind uint8

// The base types that have a binary encoder in package pgcopy, and the two kinds
// of types that are made of them.
const (
	Unknown Kind = iota
	Bool
	Int2
	Int4
	Int8
	Float4
	Float8
	Numeric
	Text
	Varchar
	Bpchar
	Citext
	Bytea
	UUID
	JSON
	JSONB
	Date
	Time
	TimeTZ
	Timestamp
	TimestampTZ
	Interval
	Inet
	CIDR
	MacAddr
	Enum  // Type.Name says which
	Array // of Type.Elem
)

var names = [...]string{
	Unknown: "unknown", Bool: "boolean", Int2: "smallint", Int4: "integer", Int8: "bigint",
	Float4: "real", Float8: "double precision", Numeric: "numeric", Text: "text",
	Varchar: "character varying", Bpchar: "character", Citext: "citext", Bytea: "bytea",
	UUID: "uuid", JSON: "json", JSONB: "jsonb", Date: "date", Time: "time without time zone",
	TimeTZ: "time with time zone", Timestamp: "timestamp without time zone",
	TimestampTZ: "timestamp with time zone", Interval: "interval", Inet: "inet", CIDR: "cidr",
	MacAddr: "macaddr", Enum: "enum", Array: "array",
}

// String gives the name that format_type() gives without modifiers.
func (k Kind) String() string { return names[k] }

// Type is a base type with its modifiers. The zero modifiers mean none.
type Type struct {
	Kind Kind
	// Length is n of varchar(n) and char(n).
	Length int
	// Precision and Scale are those of numeric(p,s); Precision 0 means plain
	// numeric.
	Precision, Scale int
	// Schema qualifies types that do not live in pg_catalog (citext), unquoted.
	Schema string
	// Elem is what an Array has as elements, beneath any domain.
	Elem Kind
	// Name is an Enum's or an Array's as format_type writes it, "" where nobody
	// asks for DDL.
	Name string
}

// SQL writes the type as DDL does.
func (t Type) SQL() string {
	switch {
	case t.Name != "":
		return t.Name
	case t.Kind == Numeric && t.Precision > 0:
		return "numeric(" + strconv.Itoa(t.Precision) + "," + strconv.Itoa(t.Scale) + ")"
	case t.Kind == Varchar && t.Length > 0:
		return "varchar(" + strconv.Itoa(t.Length) + ")"
	case t.Kind == Varchar:
		return "varchar"
	case t.Kind == Bpchar && t.Length > 0:
		return "char(" + strconv.Itoa(t.Length) + ")"
	case t.Kind == Timestamp:
		return "timestamp"
	case t.Kind == TimestampTZ:
		return "timestamptz"
	case t.Kind == Time:
		return "time"
	case t.Kind == Citext && t.Schema != "":
		return `"` + strings.ReplaceAll(t.Schema, `"`, `""`) + `".citext`
	}
	return t.Kind.String()
}

// Format writes the type as format_type() does, but for a type that lies in no
// schema of its own: the schema of citext is always named.
func (t Type) Format() string {
	switch {
	case t.Name != "":
		return t.Name
	case t.Kind == Varchar && t.Length > 0, t.Kind == Bpchar && t.Length > 0:
		return t.Kind.String() + "(" + strconv.Itoa(t.Length) + ")"
	case t.Kind == Numeric, t.Kind == Citext:
		return t.SQL()
	}
	return t.Kind.String()
}

// IsText tells whether values are character strings.
func (t Type) IsText() bool {
	switch t.Kind {
	case Text, Varchar, Bpchar, Citext:
		return true
	}
	return false
}

// IsNumber tells whether values are numbers.
func (t Type) IsNumber() bool {
	switch t.Kind {
	case Int2, Int4, Int8, Float4, Float8, Numeric:
		return true
	}
	return false
}
