package catalog

import (
	"context"
	"fmt"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
)

// typesQuery gives the columns' types and all that those are made of. A type is
// an array if its element says so; int2vector and the like only look the part.
const typesQuery = `
with recursive used(oid) as (
    select a.atttypid
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = any($1::text[]) and c.relkind in ('r', 'p', 'v', 'm', 'f') and a.attnum > 0 and not a.attisdropped
    union
    select part.oid
    from used u join pg_type t on t.oid = u.oid, lateral (values (t.typbasetype), (t.typelem)) part(oid)
    where part.oid <> 0
)
select t.oid, n.nspname::text, t.typname::text, t.typtype::text, t.typbasetype, t.typtypmod,
       coalesce((select e.oid from pg_type e where e.oid = t.typelem and e.typarray = t.oid), 0),
       case when t.typbasetype <> 0 then format_type(t.typbasetype, t.typtypmod) else '' end,
       t.typnotnull, case when t.typtype = 'd' then coalesce(t.typdefault, '') else '' end,
       array(select l.enumlabel::text from pg_enum l where l.enumtypid = t.oid order by l.enumsortorder),
       array(select pg_get_constraintdef(k.oid) from pg_constraint k
             where k.contypid = t.oid and k.contype = 'c' order by k.conname),
       exists (select from pg_depend d join pg_extension x on x.oid = d.refobjid
               where d.classid = 'pg_type'::regclass and d.objid = t.oid and d.deptype = 'e'
                 and d.refclassid = 'pg_extension'::regclass and x.extname = 'citext' and t.typname = 'citext')
from used u join pg_type t on t.oid = u.oid join pg_namespace n on n.oid = t.typnamespace`

// rawType is a row of pg_type.
type rawType struct {
	oid               uint32
	schema, name      string
	kind              string
	base              uint32
	typmod            int32
	elem              uint32
	baseText          string
	notNull           bool
	defaultExpression string
	labels, checks    []string
	citext            bool
}

// typeKey is what decides a Type.
type typeKey struct {
	oid    uint32
	typmod int32
}

func (r *reader) readTypes(ctx context.Context) error {
	r.rawTypes, r.types = map[uint32]*rawType{}, map[typeKey]*Type{}
	var t rawType
	dest := []any{
		&t.oid, &t.schema, &t.name, &t.kind, &t.base, &t.typmod, &t.elem, &t.baseText,
		&t.notNull, &t.defaultExpression, &t.labels, &t.checks, &t.citext,
	}
	return r.query(ctx, typesQuery, dest, func() error {
		one := t
		r.rawTypes[one.oid] = &one
		return nil
	})
}

// resolve puts a type together. Types are made of types made before them, so
// this ends.
func (r *reader) resolve(key typeKey, text string) (*Type, error) {
	if t := r.types[key]; t != nil {
		return t, nil
	}
	raw := r.rawTypes[key.oid]
	if raw == nil {
		return nil, fmt.Errorf("type %s (oid %d) is not in pg_type", text, key.oid)
	}
	t := &Type{OID: raw.oid, Schema: raw.schema, Name: raw.name, Text: text}
	var err error
	switch {
	case raw.kind == "d":
		t.Class = Domain
		t.DomainNotNull, t.DomainDefault, t.DomainChecks = raw.notNull, raw.defaultExpression, raw.checks
		t.Of, err = r.resolve(typeKey{raw.base, raw.typmod}, raw.baseText)
	case raw.kind == "e":
		t.Class, t.Labels = Enum, raw.labels
	case raw.elem != 0:
		t.Class = Array
		t.Of, err = r.resolve(typeKey{raw.elem, key.typmod}, strings.TrimSuffix(text, "[]"))
	case raw.kind == "b":
		t.Class = Scalar
		t.setBase(raw, key.typmod)
	}
	if err != nil {
		return nil, err
	}
	r.types[key] = t
	return t, nil
}

// kinds are the base types by OID, which pg_catalog's have for ever
// (pg_type.dat).
var kinds = map[uint32]sqltype.Kind{
	16: sqltype.Bool, 17: sqltype.Bytea, 20: sqltype.Int8, 21: sqltype.Int2, 23: sqltype.Int4,
	25: sqltype.Text, 114: sqltype.JSON, 650: sqltype.CIDR, 700: sqltype.Float4, 701: sqltype.Float8,
	829: sqltype.MacAddr, 869: sqltype.Inet, 1042: sqltype.Bpchar, 1043: sqltype.Varchar,
	1082: sqltype.Date, 1083: sqltype.Time, 1114: sqltype.Timestamp, 1184: sqltype.TimestampTZ,
	1186: sqltype.Interval, 1266: sqltype.TimeTZ, 1700: sqltype.Numeric, 2950: sqltype.UUID,
	3802: sqltype.JSONB,
}

const (
	varHeader     = 4      // VARHDRSZ, which character and numeric modifiers have on top
	maxFraction   = 6      // digits: times are in microseconds
	anyFraction   = 0xffff // INTERVAL_FULL_PRECISION
	allFields     = 0x7fff // INTERVAL_FULL_RANGE
	fieldsShift   = 16
	scaleBits     = 11 // two's complement since PostgreSQL 15, below 1001 before
	scaleSign     = 1 << (scaleBits - 1)
	precisionBits = 0xffff
)

// setBase decodes the modifiers, as the types' own typmodout functions do.
func (t *Type) setBase(raw *rawType, typmod int32) {
	t.Base.Kind = kinds[raw.oid]
	if raw.citext {
		t.Base = sqltype.Type{Kind: sqltype.Citext, Schema: raw.schema}
	}
	switch t.Base.Kind {
	case sqltype.Varchar, sqltype.Bpchar:
		if typmod >= varHeader {
			t.Base.Length = int(typmod - varHeader)
		}
	case sqltype.Numeric:
		if typmod >= varHeader {
			mod := int(typmod - varHeader)
			t.Base.Precision = mod >> fieldsShift & precisionBits
			t.Base.Scale = mod&(1<<scaleBits-1) ^ scaleSign - scaleSign
		}
	case sqltype.Time, sqltype.TimeTZ, sqltype.Timestamp, sqltype.TimestampTZ:
		t.Fraction = maxFraction
		if typmod >= 0 {
			t.Fraction = int(typmod)
		}
	case sqltype.Interval:
		t.Fraction = maxFraction
		if typmod >= 0 {
			t.Fields = typmod>>fieldsShift&allFields != allFields
			if p := int(typmod & anyFraction); p != anyFraction {
				t.Fraction = p
			}
		}
	}
}
