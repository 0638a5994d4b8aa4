package translate

import (
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// class groups Postgres types by how SQLite's values of them behave.
type class uint8

const (
	clsNull class = iota
	clsBool
	clsInt
	clsReal
	clsNumeric
	clsText
	clsBlob
	clsTime // date, time, timestamp, timestamptz columns
	clsUUID
	clsJSON      // json and jsonb
	clsJSONValue // what json_extract takes out: of any class
	clsOther
)

var classNames = [...]string{
	clsNull: "NULL", clsBool: "boolean", clsInt: "integer", clsReal: "float", clsNumeric: "numeric",
	clsText: "text", clsBlob: "bytea", clsTime: "date or time", clsUUID: "uuid", clsJSON: "json",
	clsJSONValue: "JSON value", clsOther: "other type",
}

func (c class) String() string { return classNames[c] }

func (c class) isNumber() bool {
	return c == clsBool || c == clsInt || c == clsReal || c == clsNumeric
}

// classOf gives the class of a Postgres type.
func classOf(k sqltype.Kind) class {
	switch k {
	case sqltype.Bool:
		return clsBool
	case sqltype.Int2, sqltype.Int4, sqltype.Int8:
		return clsInt
	case sqltype.Float4, sqltype.Float8:
		return clsReal
	case sqltype.Numeric:
		return clsNumeric
	case sqltype.Text, sqltype.Varchar, sqltype.Bpchar, sqltype.Citext:
		return clsText
	case sqltype.Bytea:
		return clsBlob
	case sqltype.Date, sqltype.Time, sqltype.Timestamp, sqltype.TimestampTZ:
		return clsTime
	case sqltype.UUID:
		return clsUUID
	case sqltype.JSON, sqltype.JSONB:
		return clsJSON
	default:
		return clsOther
	}
}

// collation is how SQLite compares a text.
type collation uint8

const (
	collBinary collation = iota
	collNoCase
	collRTrim
)

// term is a rebuilt subexpression: its SQL and what the rules must know.
type term struct {
	sql string
	typ sqltype.Type
	cls class
	// atom tells that sql needs no parentheses as an operand; op is the top
	// operator otherwise, so that chains of it stay flat.
	atom bool
	op   string
	// column tells a plain column, whose affinity and collation count.
	column bool
	// hasAff tells that aff takes part in comparisons (columns and casts).
	hasAff bool
	aff    schema.Affinity
	coll   collation
	// collSet tells an explicit COLLATE.
	collSet bool
	lit     *constant
	mom     *moment
	fine    *moment // of unixepoch(..., 'subsec')
	unit    Unit
	local   bool // see Column
	// cond tells a boolean that an operator made: SQLite's value is 0 or 1.
	cond bool
	// loose tells a number that may be an integer or a real in SQLite.
	loose bool
	// words and digits tell what a boolean column held: see Column.
	words, digits bool
	// nonNeg and notNull hold where it is known.
	nonNeg, notNull bool
	volatile        bool
}

// isNull tells the NULL literal.
func (t term) isNull() bool { return t.cls == clsNull }

// wrap gives the SQL as an operand.
func (t term) wrap() string {
	if t.atom {
		return t.sql
	}
	return "(" + t.sql + ")"
}

// cast gives the SQL cast to a type.
func (t term) cast(typ string) string { return t.wrap() + "::" + typ }

// value makes a term of a type from SQL that is an operand by itself.
func value(sql string, k sqltype.Kind) term {
	return term{sql: sql, typ: sqltype.Type{Kind: k}, cls: classOf(k), atom: true}
}

// condTerm makes a boolean from an operator's SQL.
func condTerm(sql, op string) term {
	return term{sql: sql, typ: sqltype.Type{Kind: sqltype.Bool}, cls: clsBool, op: op, cond: true}
}

var nullCond = term{sql: "NULL::boolean", typ: sqltype.Type{Kind: sqltype.Bool}, cls: clsBool, atom: true, cond: true}

// condition gives the truth of a value, as WHERE, AND, NOT and CASE ask for it.
func (b *builder) condition(t term) (term, error) {
	switch {
	case t.isNull():
		return nullCond, nil
	case t.lit != nil && t.lit.kind != constBlob:
		c := t.lit
		if c.kind == constText {
			c = numberPrefix(c.s)
		}
		if c.isZero() {
			return term{sql: "false", typ: sqltype.Type{Kind: sqltype.Bool}, cls: clsBool, atom: true, cond: true}, nil
		}
		return term{sql: "true", typ: sqltype.Type{Kind: sqltype.Bool}, cls: clsBool, atom: true, cond: true}, nil
	case boolOfWords(t):
		return term{}, unsupported("boolean column as a condition", "its values were texts in SQLite, which are not true there", "compare it with a value")
	case t.cls == clsBool:
		return t, nil
	case t.cls.isNumber():
		return condTerm(t.wrap()+" <> 0", "<>"), nil
	}
	return term{}, unsupported("condition of type "+t.cls.String(), "SQLite takes its numeric prefix as the truth", "compare it with a value")
}

// boolOfWords tells a boolean column with texts in SQLite, which have no truth
// and are no numbers there: CAST('t' AS NUMERIC) is 0.
func boolOfWords(t term) bool {
	return t.cls == clsBool && (t.words || t.hasAff && t.aff == schema.AffText)
}

// number gives a value for arithmetic: integer, real or numeric.
func (b *builder) number(t term) (term, error) {
	switch {
	case t.isNull():
		t.sql, t.typ.Kind, t.cls, t.atom = "NULL::bigint", sqltype.Int8, clsInt, true
		return t, nil
	case t.lit != nil && t.lit.kind == constText:
		return numberPrefix(t.lit.s).term()
	case t.mom != nil && t.cls == clsText:
		return b.momentNumber(t)
	case t.cls == clsBool:
		if boolOfWords(t) {
			return term{}, unsupported("boolean as a number", "its values were texts in SQLite", "")
		}
		n := value(t.cast("int"), sqltype.Int4)
		n.nonNeg, n.notNull, n.volatile = true, t.notNull, t.volatile
		return n, nil
	case t.cls == clsTime && t.unit != NoUnit:
		return b.epochOf(t), nil
	case t.cls.isNumber():
		return t, nil
	}
	return term{}, unsupported(t.cls.String()+" in arithmetic", "SQLite takes the numeric prefix of its text", "cast it explicitly")
}

// text gives a value as SQLite's text of it.
func (b *builder) text(t term) (term, error) {
	switch {
	case t.isNull():
		return value("NULL::text", sqltype.Text), nil
	case t.lit != nil:
		s, ok := t.lit.textOf()
		if !ok {
			return term{}, unsupported(t.cls.String()+" literal as text", "its text form is not certain", "")
		}
		return textConst(s).term()
	case t.cls == clsText:
		return t, nil
	case t.cls == clsBool:
		n, err := b.number(t)
		if err != nil {
			return term{}, err
		}
		return keepNull(value(n.cast("text"), sqltype.Text), t), nil
	case t.cls == clsInt:
		return keepNull(value(t.cast("text"), sqltype.Text), t), nil
	case t.cls == clsTime && t.typ.Kind == sqltype.Date && t.unit == NoUnit:
		return b.dateText(t), nil
	case t.cls == clsJSONValue:
		return b.jsonText(t)
	}
	return term{}, unsupported(t.cls.String()+" as text", "Postgres writes it differently from SQLite", "")
}

// keepNull carries over what is known of the operand.
func keepNull(t, from term) term {
	t.notNull, t.volatile = from.notNull, from.volatile
	return t
}

// output gives a value as a result column or function argument takes it: with
// a definite type, and 0 or 1 for what operators made.
func (b *builder) output(t term) (term, error) {
	switch {
	case t.isNull():
		return value("NULL::text", sqltype.Text), nil
	case t.lit != nil && t.cls == clsText:
		t.sql += "::text"
		return t, nil
	case t.cond:
		return b.number(t)
	case t.cls == clsJSONValue:
		return b.jsonText(t)
	}
	return t, nil
}

// plainText gives the operand of a text operator: without citext's and
// char(n)'s own comparison.
func plainText(t term) term {
	if t.typ.Kind == sqltype.Citext || t.typ.Kind == sqltype.Bpchar {
		t.sql, t.atom, t.typ = t.cast("text"), true, sqltype.Type{Kind: sqltype.Text}
	}
	return t
}

// binaryOrder makes text compare byte by byte, as BINARY does.
func binaryOrder(t term) string {
	if t.cls != clsText {
		return t.wrap()
	}
	t = plainText(t)
	return t.wrap() + ` COLLATE "C"`
}

// folded lowers ASCII letters only: with the collation "C", lower() leaves all
// others alone, as NOCASE does.
func (b *builder) folded(t term) term {
	if t.lit != nil && t.lit.kind == constText {
		c, _ := textConst(foldASCII(t.lit.s)).term()
		return c
	}
	if b.ctx == Index {
		return keepNull(value("lower("+plainText(t).sql+")", sqltype.Text), t)
	}
	return keepNull(value("lower("+binaryOrder(t)+")", sqltype.Text), t)
}

// bytes gives a text's UTF-8 bytes. convert_to() is not immutable; decode() is,
// and gives the same in a database whose encoding is UTF8.
func (b *builder) bytes(t term) term {
	sql := plainText(t).sql
	if b.ctx.immutable() {
		return keepNull(value("decode(replace("+sql+`, E'\\', E'\\\\'), 'escape')`, sqltype.Bytea), t)
	}
	return keepNull(value("convert_to("+sql+", 'UTF8')", sqltype.Bytea), t)
}
