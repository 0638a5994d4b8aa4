package translate

import (
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
)

// unify gives terms that stand for one value (arms of CASE, arguments of
// coalesce, columns of a UNION) a common type. NULLs take it too.
func (b *builder) unify(what string, in []term) ([]term, sqltype.Type, error) {
	out := append([]term(nil), in...)
	has := map[class]int{}
	for _, t := range out {
		if !t.isNull() {
			has[t.cls]++
		}
	}
	var err error
	var typ sqltype.Type
	switch {
	case len(has) == 0:
		typ.Kind = sqltype.Text
	case has[clsTime] > 0:
		typ, err = b.unifyTimes(what, out)
	case has[clsUUID] > 0:
		typ, err = b.unifyUUIDs(what, out)
	case has[clsJSON] > 0 || has[clsOther] > 0:
		typ, err = unifySame(what, out)
	case has[clsJSONValue] > 0 || has[clsText] > 0:
		typ, err = b.unifyTexts(what, out, has)
	case has[clsBlob] > 0:
		typ, err = unifySame(what, out)
	default:
		typ, err = b.unifyNumbers(what, out, has)
	}
	if err != nil {
		return nil, typ, err
	}
	for i, t := range out {
		if t.isNull() {
			out[i] = term{sql: "NULL", typ: typ, cls: clsNull, atom: true}
		}
	}
	return out, typ, nil
}

// mixed is the error for values that have no common type.
func mixed(what string, a, c class) error {
	return unsupported(what, "it mixes "+a.String()+" and "+c.String()+", and a Postgres expression has one type", "")
}

// unifySame asks for one and the same type.
func unifySame(what string, ts []term) (sqltype.Type, error) {
	var first *term
	for i, t := range ts {
		switch {
		case t.isNull():
		case first == nil:
			first = &ts[i]
		case t.typ.Kind != first.typ.Kind:
			return sqltype.Type{}, mixed(what, first.cls, t.cls)
		}
	}
	return first.typ, nil
}

// unifyTexts takes texts, and what comes out of JSON as text.
func (b *builder) unifyTexts(what string, ts []term, has map[class]int) (sqltype.Type, error) {
	typ := sqltype.Type{Kind: sqltype.Text}
	for i, t := range ts {
		switch t.cls {
		case clsNull:
		case clsText:
			ts[i] = plainText(t)
		case clsJSONValue:
			c, err := b.jsonText(t)
			if err != nil {
				return typ, err
			}
			ts[i] = c
		default:
			if has[clsText] > 0 {
				return typ, mixed(what, clsText, t.cls)
			}
			return typ, mixed(what, clsJSONValue, t.cls)
		}
	}
	return typ, nil
}

// unifyNumbers finds the widest of numbers. Booleans stay booleans among
// themselves and beside the literals 0 and 1.
func (b *builder) unifyNumbers(what string, ts []term, has map[class]int) (sqltype.Type, error) {
	if typ, ok := unifyBooleans(ts, has); ok {
		return typ, nil
	}
	typ, loose := sqltype.Type{Kind: sqltype.Int4}, false
	for i, t := range ts {
		if t.isNull() {
			continue
		}
		n, err := b.number(t)
		if err != nil {
			return typ, err
		}
		if t.cls == clsBlob {
			return typ, mixed(what, clsBlob, clsInt)
		}
		ts[i] = n
		typ.Kind = max(typ.Kind, widest(n))
		loose = loose || n.loose
	}
	if has[clsReal] > 0 {
		typ.Kind = sqltype.Float8
		loose = loose || has[clsInt]+has[clsBool]+has[clsNumeric] > 0
		for i, t := range ts {
			if !t.isNull() && t.typ.Kind != sqltype.Float8 {
				ts[i] = recast(t, "float8", sqltype.Float8)
			}
		}
	}
	for i := range ts {
		ts[i].loose = loose
	}
	return typ, nil
}

// widest maps a number's type to the order int4 < int8 < numeric that Kind has.
func widest(t term) sqltype.Kind {
	switch t.typ.Kind {
	case sqltype.Int2, sqltype.Int4:
		return sqltype.Int4
	case sqltype.Float4, sqltype.Float8:
		return sqltype.Float8
	}
	return t.typ.Kind
}

// recast writes a term with a cast and keeps what is known of it.
func recast(t term, name string, k sqltype.Kind) term {
	r := value(t.cast(name), k)
	r.notNull, r.nonNeg, r.loose, r.volatile = t.notNull, t.nonNeg, t.loose, t.volatile
	return r
}

// unifyBooleans handles booleans with each other and with literals 0 and 1.
func unifyBooleans(ts []term, has map[class]int) (sqltype.Type, bool) {
	typ := sqltype.Type{Kind: sqltype.Bool}
	if has[clsBool] == 0 || has[clsReal]+has[clsNumeric] > 0 {
		return typ, false
	}
	columns := 0
	for _, t := range ts {
		switch {
		case t.isNull() || t.cls == clsBool && t.cond:
		case t.cls == clsBool:
			columns++
		case t.lit == nil || t.lit.i != 0 && t.lit.i != 1:
			return typ, false
		}
	}
	if columns == 0 && has[clsInt] > 0 {
		return typ, false
	}
	for i, t := range ts {
		if t.cls == clsInt {
			ts[i] = boolLiteral(t.lit.i == 1)
		}
		ts[i].cond = columns == 0
	}
	return typ, true
}

// boolLiteral is true or false.
func boolLiteral(v bool) term {
	t := value("false", sqltype.Bool)
	if v {
		t.sql = "true"
	}
	t.notNull = true
	return t
}

// unifyUUIDs takes uuids and texts that are uuids.
func (b *builder) unifyUUIDs(what string, ts []term) (sqltype.Type, error) {
	typ := sqltype.Type{Kind: sqltype.UUID}
	for i, t := range ts {
		switch {
		case t.isNull() || t.cls == clsUUID:
		case t.lit != nil:
			u, err := uuidLiteral(t.lit)
			if err != nil {
				return typ, err
			}
			ts[i] = u
		default:
			return typ, mixed(what, clsUUID, t.cls)
		}
	}
	return typ, nil
}

// unifyTimes takes columns of one date or time type, and texts, integers and
// date functions that are such times.
func (b *builder) unifyTimes(what string, ts []term) (sqltype.Type, error) {
	var first *term
	for i, t := range ts {
		if t.cls != clsTime {
			continue
		}
		if first == nil {
			first = &ts[i]
		}
		if t.typ.Kind != first.typ.Kind || t.unit != first.unit || t.local != first.local {
			return first.typ, unsupported(what, "it mixes kinds of dates and times", "")
		}
	}
	typ, unit := first.typ, first.unit
	for i, t := range ts {
		if t.isNull() || t.cls == clsTime {
			continue
		}
		if first.local {
			return typ, localTime(what)
		}
		u, err := b.asTime(t, typ.Kind, unit)
		if err != nil {
			return typ, mixed(what, clsTime, t.cls)
		}
		u.unit = unit
		ts[i] = u
	}
	return typ, nil
}

// asTime converts a value to the type of a time column beside it.
func (b *builder) asTime(t term, k sqltype.Kind, unit Unit) (term, error) {
	if unit == NoUnit && (t.mom == nil || t.mom.scale == 0) {
		return b.assignTime(t, k)
	}
	if t.lit != nil && t.lit.kind == constInt {
		if s, ok := epochStamp(t.lit.i, unit); ok {
			if lit, ok := s.literal(k); ok {
				return lit, nil
			}
		}
	}
	if t.mom != nil && unit != NoUnit && t.mom.scale == unit.perSecond() {
		return b.assignMoment(t.mom, k)
	}
	return term{}, cannotAssign(t, sqltype.Type{Kind: k})
}
