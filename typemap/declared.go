package typemap

import (
	"strconv"
	"strings"

	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// Family is what a declared type promises.
type Family uint8

// The families of declared types. FamilyNone is a column without a type.
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

// Declared is a declared type, understood. A and B are the numbers in its
// parentheses, 0 where there are none.
type Declared struct {
	Family Family
	A, B   int
}

// words maps the words of declared types, as applications write them, to
// families. Types of several words are looked up whole, then by first word.
var words = map[string]Family{
	"BOOL": FamilyBool, "BOOLEAN": FamilyBool, "BIT": FamilyBool, "LOGICAL": FamilyBool,
	"TINYINT": FamilyInt2, "SMALLINT": FamilyInt2, "INT2": FamilyInt2, "SHORT": FamilyInt2,
	"YEAR": FamilyInt2, "BYTE": FamilyInt2, "SMALLSERIAL": FamilyInt2,
	"MEDIUMINT": FamilyInt4, "INT4": FamilyInt4, "SERIAL": FamilyInt4,
	"INT": FamilyInt8, "INTEGER": FamilyInt8, "BIGINT": FamilyInt8, "INT8": FamilyInt8,
	"LONG": FamilyInt8, "UNSIGNED": FamilyInt8, "BIGSERIAL": FamilyInt8, "UINT": FamilyInt8,
	"BIG INT": FamilyInt8, "UNSIGNED BIG INT": FamilyInt8, "LONG INTEGER": FamilyInt8,
	"REAL": FamilyFloat, "FLOAT": FamilyFloat, "DOUBLE": FamilyFloat, "FLOAT4": FamilyFloat,
	"FLOAT8": FamilyFloat, "SINGLE": FamilyFloat, "DOUBLE PRECISION": FamilyFloat,
	"DECIMAL": FamilyDecimal, "DEC": FamilyDecimal, "NUMERIC": FamilyDecimal, "NUMBER": FamilyDecimal,
	"MONEY": FamilyDecimal, "CURRENCY": FamilyDecimal, "SMALLMONEY": FamilyDecimal, "FIXED": FamilyDecimal,
	"TEXT": FamilyText, "CLOB": FamilyText, "STRING": FamilyText, "TINYTEXT": FamilyText,
	"MEDIUMTEXT": FamilyText, "LONGTEXT": FamilyText, "NTEXT": FamilyText, "CITEXT": FamilyText,
	"LONGVARCHAR": FamilyText, "XML": FamilyText, "ENUM": FamilyText, "SET": FamilyText,
	"CHAR": FamilyChar, "CHARACTER": FamilyChar, "VARCHAR": FamilyChar, "NCHAR": FamilyChar,
	"NVARCHAR": FamilyChar, "VARCHAR2": FamilyChar, "NVARCHAR2": FamilyChar, "BPCHAR": FamilyChar,
	"CHARACTER VARYING": FamilyChar, "VARYING CHARACTER": FamilyChar, "NATIVE CHARACTER": FamilyChar,
	"NATIONAL CHARACTER": FamilyChar, "NATIONAL VARCHAR": FamilyChar, "NATIONAL CHARACTER VARYING": FamilyChar,
	"UUID": FamilyUUID, "GUID": FamilyUUID, "UNIQUEIDENTIFIER": FamilyUUID,
	"JSON": FamilyJSON, "JSONB": FamilyJSON,
	"DATE": FamilyDate, "TIME": FamilyTime, "TIMETZ": FamilyText,
	"TIME WITHOUT TIME ZONE": FamilyTime, "TIME WITH TIME ZONE": FamilyText,
	"DATETIME": FamilyTimestamp, "TIMESTAMP": FamilyTimestamp, "DATETIME2": FamilyTimestamp,
	"SMALLDATETIME": FamilyTimestamp, "TIMESTAMP WITHOUT TIME ZONE": FamilyTimestamp,
	"TIMESTAMPTZ": FamilyTimestampTZ, "TIMESTAMP WITH TIME ZONE": FamilyTimestampTZ,
	"DATETIMEOFFSET": FamilyTimestampTZ, "DATETIMETZ": FamilyTimestampTZ,
	"BLOB": FamilyBlob, "BINARY": FamilyBlob, "VARBINARY": FamilyBlob, "BYTEA": FamilyBlob,
	"IMAGE": FamilyBlob, "TINYBLOB": FamilyBlob, "MEDIUMBLOB": FamilyBlob, "LONGBLOB": FamilyBlob,
	"BYTES": FamilyBlob, "RAW": FamilyBlob, "LONG RAW": FamilyBlob,
}

// ParseDeclared understands a declared type. What is not in the table is
// taken by the column's affinity, as SQLite itself does ("Datatypes in
// SQLite", section 3.1).
func ParseDeclared(decl string, aff schema.Affinity) Declared {
	name, args := splitArgs(decl)
	d := Declared{}
	if len(args) > 0 {
		d.A = args[0]
	}
	if len(args) > 1 {
		d.B = args[1]
	}
	if name == "" {
		return d
	}
	fam, ok := words[name]
	if !ok {
		first, _, _ := strings.Cut(name, " ")
		fam, ok = words[first]
		if !ok || !agrees(fam, aff) {
			fam = byAffinity(name, aff)
		}
	}
	switch {
	case name == "TINYINT" && d.A == 1:
		fam = FamilyBool
	case fam == FamilyBool && strings.HasPrefix(name, "BIT") && d.A > 1:
		fam = byAffinity(name, aff)
	case fam == FamilyInt2 && strings.Contains(name, "UNSIGNED"):
		fam = FamilyInt4
	case fam == FamilyInt4 && strings.Contains(name, "UNSIGNED"):
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
	}
	return true
}

func byAffinity(name string, aff schema.Affinity) Family {
	switch aff {
	case schema.AffInteger:
		return FamilyInt8
	case schema.AffText:
		return FamilyText
	case schema.AffReal:
		return FamilyFloat
	case schema.AffBlob:
		if strings.Contains(name, "BLOB") {
			return FamilyBlob
		}
	}
	// ANY of a STRICT table promises nothing, and neither do the names that
	// SQLite does not know (POINT, OBJECT) and gives NUMERIC affinity.
	return FamilyNone
}

// splitArgs cuts "Decimal (10, 2) unsigned" into "DECIMAL UNSIGNED" and
// [10 2]. Arguments that are not numbers are dropped.
func splitArgs(decl string) (name string, args []int) {
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
	return strings.Join(strings.Fields(strings.ToUpper(head)), " "), args
}
