package translate

import (
	"encoding/json"
	"math"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// assign converts a value to a column's type, as storing it in the SQLite
// column and moving it over would.
func (b *builder) assign(t term, typ sqltype.Type) (term, error) {
	if t.isNull() {
		return term{sql: "NULL::" + typ.SQL(), typ: typ, cls: clsNull, atom: true}, nil
	}
	var r term
	var err error
	switch cls := classOf(typ.Kind); {
	case cls == clsBool:
		r, err = b.assignBool(t)
	case cls == clsTime:
		r, err = b.assignTime(t, typ.Kind)
	case cls == clsUUID:
		r, err = b.assignUUID(t)
	case cls == clsText:
		r, err = b.text(t)
	case cls == clsJSON:
		r, err = assignJSON(t, typ.Kind)
	case cls == clsBlob:
		r, err = b.assignBlob(t)
	case cls.isNumber():
		r, err = b.assignNumber(t, typ)
	default:
		r, err = assignOther(t, typ)
	}
	if err != nil {
		return term{}, err
	}
	r.typ = typ
	return r, nil
}

// cannotAssign is the error for values that do not fit a type.
func cannotAssign(t term, typ sqltype.Type) error {
	return unsupported(t.cls.String()+" into "+typ.SQL(), "the value has no equal in that type", "")
}

func (b *builder) assignBool(t term) (term, error) {
	if t.lit != nil && t.lit.kind == constText {
		v, ok := boolOfText(t.lit.s)
		if !ok {
			return term{}, cannotAssign(t, sqltype.Type{Kind: sqltype.Bool})
		}
		return boolLiteral(v), nil
	}
	if t.cls == clsBool {
		return t, nil
	}
	if t.lit != nil && t.lit.kind == constReal && (t.lit.f == 0 || t.lit.f == 1) {
		return boolLiteral(t.lit.f == 1), nil
	}
	if !isBit(t) {
		return term{}, unsupported(t.cls.String()+" into boolean", "only 0 and 1 are booleans", "")
	}
	return boolLiteral(t.lit.i == 1), nil
}

// assignTime takes literals, date functions and columns of the same type.
func (b *builder) assignTime(t term, k sqltype.Kind) (term, error) {
	typ := sqltype.Type{Kind: k}
	if r, ok, err := b.assignEpoch(t, k); ok {
		return r, err
	}
	switch {
	case t.cls == clsTime && t.typ.Kind == k:
		return t, nil
	case t.lit != nil && t.lit.kind == constText:
		s, ok := parseStamp(t.lit.s)
		if b.local && !s.zone {
			return term{}, localTime("the text")
		}
		if ok {
			if s.kind == stampDay && (k == sqltype.Timestamp || k == sqltype.TimestampTZ) {
				s.kind = stampFull
			}
			if lit, ok := s.literal(k); ok {
				return lit, nil
			}
		}
	case t.mom != nil:
		return b.assignMoment(t.mom, k)
	}
	return term{}, cannotAssign(t, typ)
}

// assignMoment gives the instant itself to a date or time column.
func (b *builder) assignMoment(m *moment, k sqltype.Kind) (term, error) {
	ts, now := m.ts, m.now
	clock := m.format == formatTime || m.format == "%H:%M:%f"
	if m.scale == 0 && !clock {
		i, err := m.instant()
		if err != nil {
			return term{}, err
		}
		ts = i.ts
	}
	switch {
	case k == sqltype.Time && m.scale == 0 && m.format != formatDate:
		return value(ts+"::time", k), nil
	case clock:
	case k == sqltype.Date && (m.format == formatDate):
		return value(castDate(m.ts), k), nil
	case k == sqltype.Timestamp && !(now && b.ctx.immutable()):
		return value(ts, k), nil
	case k == sqltype.TimestampTZ:
		return value(zoned(ts), k), nil
	}
	return term{}, unsupported("date or time into "+sqltype.Type{Kind: k}.SQL(), "the format holds another part of the time", "")
}

func (b *builder) assignUUID(t term) (term, error) {
	if t.cls == clsUUID {
		return t, nil
	}
	if u, ok := uuidSQL(t); ok {
		return u, nil
	}
	if t.lit != nil {
		return uuidLiteral(t.lit)
	}
	if t.cls == clsBlob && t.sql == randomBytes(16) || t.cls == clsText && isRandomHex16(t.sql) {
		return value("gen_random_uuid()", sqltype.UUID), nil
	}
	return term{}, cannotAssign(t, sqltype.Type{Kind: sqltype.UUID})
}

// isRandomHex16 tells [lower](hex(randomblob(16))).
func isRandomHex16(sql string) bool {
	h := "upper(encode(" + randomBytes(16) + ", 'hex'))"
	return sql == h || sql == "lower("+h+` COLLATE "C")`
}

func assignJSON(t term, k sqltype.Kind) (term, error) {
	typ := sqltype.Type{Kind: k}
	switch {
	case t.cls == clsJSON && t.typ.Kind == k:
		return t, nil
	case t.cls == clsJSON:
		return recast(t, typ.SQL(), k), nil
	case t.lit != nil && t.lit.kind == constText && json.Valid([]byte(t.lit.s)),
		t.lit != nil && t.lit.kind == constInt:
		text, _ := t.lit.textOf()
		q, err := quoteText(text)
		return value(q+"::"+typ.SQL(), k), err
	}
	return term{}, cannotAssign(t, typ)
}

func (b *builder) assignBlob(t term) (term, error) {
	switch {
	case t.cls == clsBlob:
		return t, nil
	case t.lit != nil && t.lit.kind == constText:
		return (&constant{kind: constBlob, s: t.lit.s}).term()
	case t.cls == clsText:
		return b.bytes(t), nil
	}
	return term{}, cannotAssign(t, sqltype.Type{Kind: sqltype.Bytea})
}

// assignNumber converts to a numeric type without losing anything: a fraction
// does not go into an integer column.
func (b *builder) assignNumber(t term, typ sqltype.Type) (term, error) {
	if t.lit != nil && t.lit.kind == constText {
		c, ok := numberOfText(t.lit.s)
		if !ok {
			return term{}, cannotAssign(t, typ)
		}
		var err error
		if t, err = c.term(); err != nil {
			return term{}, err
		}
	}
	if t.cls == clsText && t.mom == nil {
		return term{}, cannotAssign(t, typ)
	}
	n, err := b.number(t)
	if err != nil {
		return term{}, err
	}
	if n.lit != nil {
		return numberLiteral(n, typ)
	}
	switch cls := classOf(typ.Kind); {
	case n.typ.Kind == typ.Kind && typ.Precision == 0:
		return n, nil
	case cls == clsInt && n.cls == clsInt, cls == clsReal, cls == clsNumeric && n.cls != clsReal:
		return recast(n, typ.SQL(), typ.Kind), nil
	case cls == clsNumeric && n.cls == clsReal && typ.Precision == 0:
		return value(n.cast("text")+"::numeric", typ.Kind), nil // by its shortest text: exact
	}
	return term{}, cannotAssign(n, typ)
}

// numberLiteral writes a constant for a numeric type that can hold it.
func numberLiteral(n term, typ sqltype.Type) (term, error) {
	c := n.lit
	cls := classOf(typ.Kind)
	if cls == clsInt && c.kind == constReal && c.f == math.Trunc(c.f) && math.Abs(c.f) < 1<<53 {
		c = intConst(int64(c.f))
	}
	if cls == clsInt {
		bits := map[sqltype.Kind]uint{sqltype.Int2: 15, sqltype.Int4: 31, sqltype.Int8: 63}[typ.Kind]
		limit := int64(1)<<(bits-1) - 1 + int64(1)<<(bits-1)
		if c.kind != constInt || c.i > limit || c.i < -limit-1 {
			return term{}, cannotAssign(n, typ)
		}
		return c.term()
	}
	if t, ok := c.numericTerm(); ok {
		return t, nil
	}
	if cls == clsReal {
		return c.term()
	}
	return term{}, cannotAssign(n, typ)
}

// looseColumn tells a number column whose SQLite values may be integers or
// reals.
func looseColumn(c Column) bool {
	switch cls := classOf(c.Type.Kind); {
	case c.definite:
		return false
	case cls == clsReal || cls == clsNumeric:
		return c.Affinity != schema.AffReal
	default:
		return cls == clsInt && c.Affinity == schema.AffReal
	}
}
