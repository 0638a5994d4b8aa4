package typemap

import (
	"fmt"
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
	HasForm       bool
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
	FormTicks     Form = "ticks"     // .NET ticks
	FormJSONB     Form = "jsonb"     // blobs are SQLite's binary JSONB
	FormJSONText  Form = "json-text" // blobs are JSON text
	FormPlain     Form = "plain"     // values as they are: no dates in numbers, no JSON in blobs
)

// Forms lists the names of all forms, for messages.
func Forms() []string {
	return []string{
		string(FormEmptyNull), string(FormSeconds), string(FormMillis), string(FormMicros),
		string(FormNanos), string(FormJulian), string(FormTicks), string(FormJSONB),
		string(FormJSONText), string(FormPlain),
	}
}

var formUnits = map[Form]form.Unit{
	FormSeconds: form.Seconds, FormMillis: form.Millis, FormMicros: form.Micros,
	FormNanos: form.Nanos, FormJulian: form.JulianDay, FormTicks: form.DotNetTicks,
}

// Rules are the choices of a run.
type Rules []Rule

// Lookup finds the rule of a column, folding ASCII case as SQLite does.
func (r Rules) Lookup(table, column string) (Rule, bool) {
	for _, x := range r {
		if strings.EqualFold(x.Table, table) && strings.EqualFold(x.Column, column) {
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
	"double precision": sqltype.Float8, "float8": sqltype.Float8,
	"numeric": sqltype.Numeric, "decimal": sqltype.Numeric,
	"text": sqltype.Text, "varchar": sqltype.Varchar, "character varying": sqltype.Varchar,
	"bytea": sqltype.Bytea, "uuid": sqltype.UUID, "json": sqltype.JSON, "jsonb": sqltype.JSONB,
	"date": sqltype.Date, "time": sqltype.Time, "time without time zone": sqltype.Time,
	"timestamp": sqltype.Timestamp, "timestamp without time zone": sqltype.Timestamp,
	"timestamptz": sqltype.TimestampTZ, "timestamp with time zone": sqltype.TimestampTZ,
}

// ParseType reads a Postgres type as a user writes it: numeric(10,2), text.
func ParseType(s string) (sqltype.Type, error) {
	name, args, _ := strings.Cut(strings.ToLower(strings.TrimSpace(s)), "(")
	kind, ok := typeNames[strings.Join(strings.Fields(name), " ")]
	if !ok {
		return sqltype.Type{}, fmt.Errorf("type %q is not one that litehaul makes", s)
	}
	t := sqltype.Type{Kind: kind}
	if args == "" {
		return t, nil
	}
	var nums []int
	for part := range strings.SplitSeq(strings.TrimSuffix(strings.TrimSpace(args), ")"), ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || n < 0 {
			return sqltype.Type{}, fmt.Errorf("type %q: modifier %q is not a number", s, part)
		}
		nums = append(nums, n)
	}
	switch {
	case kind == sqltype.Varchar && len(nums) == 1 && nums[0] > 0:
		t.Length = nums[0]
	case kind == sqltype.Numeric && len(nums) <= 2 && nums[0] >= 1 && nums[0] <= 1000:
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
	switch r.Type.Kind {
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
	if _, ok := formUnits[r.Form]; ok {
		p |= ProbeTimestamp
	}
	return p
}

// With gives the rules with one added, in the place of an older one for the
// same column.
func (r Rules) With(rule Rule) Rules {
	for i, x := range r {
		if strings.EqualFold(x.Table, rule.Table) && strings.EqualFold(x.Column, rule.Column) {
			r[i] = rule
			return r
		}
	}
	return append(r, rule)
}
