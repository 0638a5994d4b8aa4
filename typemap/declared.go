package typemap

import (
	"strconv"
	"strings"

	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// Family is what a declared type promises.
type Family uint8

// The families of declared types. FamilyNone is a column whose type promises
// nothing: it has none, or one that nobody knows.
const (
	FamilyNone Family = iota
	FamilyBool
	FamilyInt2
	FamilyInt4
	FamilyInt8
	FamilyFloat
	FamilyDecimal
	FamilyText
	FamilyChar // CHAR(n), VARCHAR(n) and their kin
	FamilyUUID
	FamilyJSON
	FamilyDate
	FamilyTime
	FamilyTimestamp
	FamilyTimestampTZ
	FamilyBlob
)

// Declared is a declared type, understood.
type Declared struct {
	Family Family
	// A and B are the numbers in its parentheses, 0 where there are none.
	A, B int
	// Tiny tells that it is TINYINT(1): a boolean in most applications, a
	// smallint where the values are not.
	Tiny bool
}

// words maps declared types, as applications write them, to families: first
// the whole name is looked up, then its first word.
var words = map[string]Family{
	"BOOL": FamilyBool, "BOOLEAN": FamilyBool, "BIT": FamilyBool, "LOGICAL": FamilyBool,
	"TINYINT": FamilyInt2, "SMALLINT": FamilyInt2, "INT2": FamilyInt2, "SHORT": FamilyInt2,
	"YEAR": FamilyInt2, "BYTE": FamilyInt2, "SMALLSERIAL": FamilyInt2,
	"MEDIUMINT": FamilyInt4, "INT4": FamilyInt4, "SERIAL": FamilyInt4,
	"INT": FamilyInt8, "INTEGER": FamilyInt8, "BIGINT": FamilyInt8, "INT8": FamilyInt8,
	"LONG": FamilyInt8, "BIGSERIAL": FamilyInt8, "UINT": FamilyInt8, "BIG INT": FamilyInt8,
	"REAL": FamilyFloat, "FLOAT": FamilyFloat, "DOUBLE": FamilyFloat, "FLOAT4": FamilyFloat,
	"FLOAT8": FamilyFloat, "SINGLE": FamilyFloat, "FLOATING POINT": FamilyFloat,
	"DECIMAL": FamilyDecimal, "DEC": FamilyDecimal, "NUMERIC": FamilyDecimal, "NUMBER": FamilyDecimal,
	"MONEY": FamilyDecimal, "CURRENCY": FamilyDecimal, "SMALLMONEY": FamilyDecimal, "FIXED": FamilyDecimal,
	"TEXT": FamilyText, "CLOB": FamilyText, "STRING": FamilyText, "TINYTEXT": FamilyText,
	"MEDIUMTEXT": FamilyText, "LONGTEXT": FamilyText, "NTEXT": FamilyText, "CITEXT": FamilyText,
	"LONGVARCHAR": FamilyText, "LONG VARCHAR": FamilyText, "XML": FamilyText, "ENUM": FamilyText, "SET": FamilyText,
	"CHAR": FamilyChar, "CHARACTER": FamilyChar, "VARCHAR": FamilyChar, "NCHAR": FamilyChar,
	"NVARCHAR": FamilyChar, "VARCHAR2": FamilyChar, "NVARCHAR2": FamilyChar, "BPCHAR": FamilyChar,
	"VARYING CHARACTER": FamilyChar, "NATIVE CHARACTER": FamilyChar, "NATIONAL CHAR": FamilyChar,
	"NATIONAL CHARACTER": FamilyChar, "NATIONAL VARCHAR": FamilyChar, "NATIONAL CHARACTER VARYING": FamilyChar,
	"UUID": FamilyUUID, "GUID": FamilyUUID, "UNIQUEIDENTIFIER": FamilyUUID,
	"JSON": FamilyJSON, "JSONB": FamilyJSON,
	"DATE": FamilyDate, "TIME": FamilyTime,
	// A time of day with a zone has no day to take the zone's rules from: its
	// text says more than timetz could.
	"TIMETZ": FamilyText, "TIME WITH TIME ZONE": FamilyText,
	"DATETIME": FamilyTimestamp, "TIMESTAMP": FamilyTimestamp, "DATETIME2": FamilyTimestamp,
	"SMALLDATETIME": FamilyTimestamp,
	"TIMESTAMPTZ":   FamilyTimestampTZ, "TIMESTAMP WITH TIME ZONE": FamilyTimestampTZ,
	"TIMESTAMP WITH LOCAL TIME ZONE": FamilyTimestampTZ,
	"DATETIMEOFFSET":                 FamilyTimestampTZ, "DATETIMETZ": FamilyTimestampTZ,
	"BLOB": FamilyBlob, "BINARY": FamilyBlob, "VARBINARY": FamilyBlob, "BYTEA": FamilyBlob,
	"IMAGE": FamilyBlob, "TINYBLOB": FamilyBlob, "MEDIUMBLOB": FamilyBlob, "LONGBLOB": FamilyBlob,
	"BYTES": FamilyBlob, "RAW": FamilyBlob, "LONG RAW": FamilyBlob,
}

// ParseDeclared understands a declared type. What is not in the table is
// taken by the column's affinity, as SQLite itself does ("Datatypes in
// SQLite", section 3.1).
func ParseDeclared(decl string, aff schema.Affinity) Declared {
	name, unsigned, args := splitType(decl)
	d := Declared{}
	if len(args) > 0 {
		d.A = args[0]
	}
	if len(args) > 1 {
		d.B = args[1]
	}
	if name == "" {
		if unsigned {
			d.Family = FamilyInt8
		}
		return d
	}
	first, _, _ := strings.Cut(name, " ")
	fam, ok := words[name]
	if !ok {
		fam, ok = words[first]
		if !ok || !agrees(fam, aff) {
			fam = byAffinity(aff)
		}
	}
	switch {
	case first == "TINYINT" && d.A == 1:
		fam, d.Tiny = FamilyBool, true
	case first == "BIT" && fam == FamilyBool && d.A > 1:
		fam = FamilyNone // a string of bits
	case unsigned && (first == "SMALLINT" || first == "INT2"):
		fam = FamilyInt4
	case unsigned && (first == "INT4" || first == "SERIAL"):
		fam = FamilyInt8
	}
	d.Family = fam
	return d
}

// agrees tells whether a family found by a type's first word goes with the
// affinity that SQLite gives the whole declaration: BLOB SUB_TYPE TEXT has
// TEXT affinity, and holds text.
func agrees(f Family, aff schema.Affinity) bool {
	switch f {
	case FamilyBlob:
		return aff == schema.AffBlob || aff == schema.AffNumeric
	case FamilyText, FamilyChar:
		return aff != schema.AffBlob
	case FamilyInt2, FamilyInt4, FamilyInt8, FamilyFloat, FamilyDecimal:
		return aff != schema.AffText && aff != schema.AffBlob
	}
	return true
}

func byAffinity(aff schema.Affinity) Family {
	switch aff {
	case schema.AffInteger:
		return FamilyInt8
	case schema.AffText:
		return FamilyText
	case schema.AffReal:
		return FamilyFloat
	case schema.AffBlob:
		return FamilyBlob
	}
	// NUMERIC affinity is also what SQLite gives to names it does not know
	// (LINESTRING, INET, OBJECT): they promise nothing.
	return FamilyNone
}

// splitType cuts "Decimal (10, 2) unsigned" into "DECIMAL", true and [10 2].
// Arguments that are not numbers are dropped.
func splitType(decl string) (name string, unsigned bool, args []int) {
	head, rest, ok := strings.Cut(decl, "(")
	if ok {
		inner, tail, _ := strings.Cut(rest, ")")
		head += " " + tail
		for part := range strings.SplitSeq(inner, ",") {
			if n, err := strconv.Atoi(strings.TrimSpace(part)); err == nil && n >= 0 {
				args = append(args, n)
			}
		}
	}
	var kept []string
	for _, w := range strings.Fields(strings.ToUpper(head)) {
		switch w {
		case "UNSIGNED":
			unsigned = true
		case "SIGNED", "ZEROFILL":
		default:
			kept = append(kept, w)
		}
	}
	return strings.Join(kept, " "), unsigned, args
}
