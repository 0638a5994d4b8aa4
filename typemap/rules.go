package typemap

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
)

// Rule is a user's choice for one column: a type, a form, or both.
type Rule struct {
	Table, Column string
	Type          sqltype.Type // Kind Unknown where only the form is chosen
	Form          Form
}

// Form names how a column's values stand, where a user says so.
type Form string

// The forms that a user can name.
const (
	FormEmptyNull Form = "empty-null" // empty text is NULL
	FormSeconds   Form = "epoch-s"
	FormMillis    Form = "epoch-ms"
	FormMicros    Form = "epoch-us"
	FormNanos     Form = "epoch-ns"
	FormJulian    Form = "julian"
	FormTicks     Form = "ticks"       // .NET ticks
	FormWebKit    Form = "webkit"      // microseconds since 1601
	FormFileTime  Form = "filetime"    // 100 ns since 1601
	FormCoreData  Form = "coredata"    // seconds since 2001
	FormDays      Form = "epoch-days"  // days since 1970
	FormDigits    Form = "yyyymmdd"    // the digits of a date
	FormJSONB     Form = "jsonb"       // blobs are SQLite's binary JSONB
	FormJSONText  Form = "json-text"   // blobs are JSON text
	FormGUID      Form = "dotnet-guid" // blobs are .NET's Guid.ToByteArray
	FormPlain     Form = "plain"       // values as they are: no dates in numbers, no JSON in blobs
)

// Forms lists the names of all forms, for messages.
func Forms() []string {
	return []string{
		string(FormEmptyNull), string(FormSeconds), string(FormMillis), string(FormMicros),
		string(FormNanos), string(FormJulian), string(FormTicks), string(FormWebKit),
		string(FormFileTime), string(FormCoreData), string(FormDays), string(FormDigits),
		string(FormJSONB), string(FormJSONText), string(FormGUID), string(FormPlain), string(FormComma),
	}
}

var formUnits = map[Form]form.Unit{
	FormSeconds: form.Seconds, FormMillis: form.Millis, FormMicros: form.Micros,
	FormNanos: form.Nanos, FormJulian: form.JulianDay, FormTicks: form.DotNetTicks,
	FormWebKit: form.WebKitMicros, FormFileTime: form.FileTime, FormCoreData: form.CoreData,
	FormDays: form.EpochDays, FormDigits: form.YYYYMMDD,
}

// Rules are the choices of a run.
type Rules []Rule

// Lookup finds the rule of a column, folding ASCII case as SQLite does.
func (r Rules) Lookup(table, column string) (Rule, bool) {
	for _, x := range r {
		if x.names(table, column) {
			return x, true
		}
	}
	return Rule{}, false
}

// ParseForm checks the name of a form.
func ParseForm(name string) (Form, error) {
	for _, f := range Forms() {
		if f == name {
			return Form(f), nil
		}
	}
	return "", fmt.Errorf("unknown form %q (known: %s)", name, strings.Join(Forms(), ", "))
}

var typeNames = map[string]sqltype.Kind{
	"boolean": sqltype.Bool, "bool": sqltype.Bool,
	"smallint": sqltype.Int2, "int2": sqltype.Int2,
	"integer": sqltype.Int4, "int": sqltype.Int4, "int4": sqltype.Int4,
	"bigint": sqltype.Int8, "int8": sqltype.Int8,
	"real": sqltype.Float4, "float4": sqltype.Float4,
	"double precision": sqltype.Float8, "double": sqltype.Float8, "float8": sqltype.Float8,
	"numeric": sqltype.Numeric, "decimal": sqltype.Numeric,
	"text": sqltype.Text, "varchar": sqltype.Varchar, "character varying": sqltype.Varchar,
	"bytea": sqltype.Bytea, "uuid": sqltype.UUID, "json": sqltype.JSON, "jsonb": sqltype.JSONB,
	"date": sqltype.Date, "time": sqltype.Time, "time without time zone": sqltype.Time,
	"timestamp": sqltype.Timestamp, "timestamp without time zone": sqltype.Timestamp,
	"timestamptz": sqltype.TimestampTZ, "timestamp with time zone": sqltype.TimestampTZ,
	"interval": sqltype.Interval, "inet": sqltype.Inet,
}

// ParseType reads a Postgres type as a user writes it: numeric(10,2), text.
func ParseType(s string) (sqltype.Type, error) {
	name, args, mods := strings.Cut(strings.ToLower(strings.TrimSpace(s)), "(")
	kind, ok := typeNames[strings.Join(strings.Fields(name), " ")]
	if !ok {
		return sqltype.Type{}, fmt.Errorf("type %q is not one that litehaul makes", s)
	}
	t := sqltype.Type{Kind: kind}
	if !mods {
		return t, nil
	}
	args, ok = strings.CutSuffix(args, ")")
	if !ok {
		return sqltype.Type{}, fmt.Errorf("type %q: the closing parenthesis is missing", s)
	}
	var nums []int
	for part := range strings.SplitSeq(args, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || n < 0 {
			return sqltype.Type{}, fmt.Errorf("type %q: modifier %q is not a number", s, part)
		}
		nums = append(nums, n)
	}
	switch {
	case kind == sqltype.Varchar && len(nums) == 1 && nums[0] > 0 && nums[0] <= maxVarchar:
		t.Length = nums[0]
	case kind == sqltype.Numeric && len(nums) <= 2 && nums[0] >= 1 && nums[0] <= maxNumeric:
		t.Precision = nums[0]
		if len(nums) == 2 {
			t.Scale = nums[1]
		}
		if t.Scale > t.Precision {
			return sqltype.Type{}, fmt.Errorf("type %q: scale is larger than precision", s)
		}
	default:
		return sqltype.Type{}, fmt.Errorf("type %q does not take these modifiers", s)
	}
	return t, nil
}

// probes gives what must be known of the values to judge the rule.
func (r Rule) probes() Probe {
	var p Probe
	switch r.kind() {
	case sqltype.Bool:
		p = ProbeBool
	case sqltype.UUID:
		p = ProbeUUID
	case sqltype.JSON, sqltype.JSONB:
		p = ProbeJSON
	case sqltype.Date, sqltype.Timestamp, sqltype.TimestampTZ:
		p = ProbeTimestamp
	case sqltype.Time:
		p = ProbeTime | ProbeTimestamp
	case sqltype.Numeric:
		p = ProbeDecimal
	case sqltype.Int2, sqltype.Int4, sqltype.Int8:
		p = ProbeInt
	case sqltype.Text:
		p = ProbeBlobText
	case sqltype.Varchar:
		p = ProbeLength | ProbeBlobText
	}
	return p
}

// kind gives the base type that a rule asks for: its own, or the one that goes
// with its form, or Unknown.
func (r Rule) kind() sqltype.Kind {
	if r.Type.Kind != sqltype.Unknown {
		return r.Type.Kind
	}
	switch r.Form {
	case FormDigits, FormDays:
		return sqltype.Date
	case FormJSONB, FormJSONText:
		return sqltype.JSONB
	case FormGUID:
		return sqltype.UUID
	}
	if _, ok := formUnits[r.Form]; ok {
		return sqltype.TimestampTZ
	}
	return sqltype.Unknown
}

// With gives the rules with one added, in the place of an older one for the
// same column.
func (r Rules) With(rule Rule) Rules {
	out := slices.Clone(r)
	for i, x := range out {
		if x.names(rule.Table, rule.Column) {
			out[i] = rule
			return out
		}
	}
	return append(out, rule)
}

func (r Rule) names(table, column string) bool {
	return foldASCII(r.Table) == foldASCII(table) && foldASCII(r.Column) == foldASCII(column)
}

// foldASCII lowers the letters that SQLite lowers in identifiers.
func foldASCII(s string) string {
	return strings.Map(func(c rune) rune {
		if 'A' <= c && c <= 'Z' {
			return c + 'a' - 'A'
		}
		return c
	}, s)
}
