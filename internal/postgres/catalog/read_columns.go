package catalog

import (
	"context"
	"fmt"
)

// columnsQuery leaves out the collation "default", which is the database's.
const columnsQuery = `
select a.attrelid, a.attnum::int, a.attname::text, a.atttypid, a.atttypmod, format_type(a.atttypid, a.atttypmod),
       a.attnotnull, coalesce(pg_get_expr(d.adbin, d.adrelid), ''), a.attidentity::text, a.attgenerated::text,
       coalesce(has_column_privilege(a.attrelid, a.attnum, 'SELECT')::int
           + 2 * has_column_privilege(a.attrelid, a.attnum, 'INSERT')::int
           + 4 * has_column_privilege(a.attrelid, a.attnum, 'UPDATE')::int
           + 32 * has_column_privilege(a.attrelid, a.attnum, 'REFERENCES')::int, 0),
       coalesce(kn.nspname::text, ''), coalesce(k.collname::text, ''), coalesce(k.collisdeterministic, true)
from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
left join pg_collation k on k.oid = a.attcollation and k.collname <> 'default'
left join pg_namespace kn on kn.oid = k.collnamespace
where n.nspname = any($1::text[]) and c.relkind in ('r', 'p', 'v', 'm', 'f') and a.attnum > 0 and not a.attisdropped
order by a.attrelid, a.attnum`

func (r *reader) readColumns(ctx context.Context) error {
	var oid uint32
	var key typeKey
	var text, expression, identity, generated string
	var rights int32
	var col Column
	var coll Collation
	dest := []any{
		&oid, &col.Number, &col.Name, &key.oid, &key.typmod, &text, &col.NotNull, &expression,
		&identity, &generated, &rights, &coll.Schema, &coll.Name, &coll.Deterministic,
	}
	return r.query(ctx, columnsQuery, dest, func() error {
		rel := r.cat.byOID[oid]
		if rel == nil {
			return nil
		}
		one := col
		var err error
		if one.Type, err = r.resolve(key, text); err != nil {
			return fmt.Errorf("column %s of %q.%q: %w", one.Name, rel.Schema, rel.Name, err)
		}
		one.Identity, one.Generated = Identity(letter(identity)), Generated(letter(generated))
		if one.Generated != NotGenerated {
			one.Expression = expression
		} else {
			one.Default = expression
		}
		if coll.Name != "" {
			c := coll
			one.Collation = &c
		}
		one.Rights = Rights(rights) //nolint:gosec // the query adds up four bits
		rel.Columns = append(rel.Columns, &one)
		return nil
	})
}

// sequencesQuery takes both ways in which a column has a sequence: it owns it,
// or its default's nextval names it as a regclass, on which pg_attrdef then
// depends. A nextval of a text is looked up when it runs and leaves no trace.
const sequencesQuery = `
with deps(rel, att, seq, owned, called) as (
    select d.refobjid, d.refobjsubid, d.objid, true, d.deptype = 'i'
    from pg_depend d
    where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass
      and d.deptype in ('a', 'i') and d.refobjsubid > 0
    union all
    select ad.adrelid, ad.adnum, d.refobjid, false, true
    from pg_attrdef ad join pg_depend d on d.classid = 'pg_attrdef'::regclass and d.objid = ad.oid
    where d.refclassid = 'pg_class'::regclass
), uses as (
    select deps.rel, deps.att, deps.seq, bool_or(deps.owned) as owned, bool_or(deps.called) as called
    from deps join pg_class c on c.oid = deps.rel join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = any($1::text[])
    group by 1, 2, 3
)
select u.rel, u.att::int, s.oid, sn.nspname::text, s.relname::text, u.owned, u.called,
       coalesce(has_sequence_privilege(s.oid, 'UPDATE'), false) and has_schema_privilege(sn.oid, 'USAGE'),
       coalesce(has_sequence_privilege(s.oid, 'SELECT'), false) and has_schema_privilege(sn.oid, 'USAGE'),
       q.seqmin, q.seqmax, q.seqstart, q.seqincrement, q.seqcycle,
       coalesce(o.oid, 0), coalesce(o.nspname, ''), coalesce(o.relname, ''), coalesce(o.attname, '')
from uses u join pg_class s on s.oid = u.seq and s.relkind = 'S'
join pg_namespace sn on sn.oid = s.relnamespace join pg_sequence q on q.seqrelid = s.oid
left join lateral (
    select c.oid, n.nspname::text, c.relname::text, a.attname::text
    from pg_depend d join pg_class c on c.oid = d.refobjid join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum = d.refobjsubid
    where d.classid = 'pg_class'::regclass and d.objid = s.oid and d.refclassid = 'pg_class'::regclass
      and d.deptype in ('a', 'i') and (d.refobjid, d.refobjsubid) <> (u.rel, u.att)
    limit 1) o on true
order by u.rel, u.att, u.owned desc, s.oid`

func (r *reader) readSequences(ctx context.Context) error {
	var oid uint32
	var number int
	var seq Sequence
	var owner ColumnRef
	dest := []any{
		&oid, &number, &seq.OID, &seq.Schema, &seq.Name, &seq.Owned, &seq.Called, &seq.Settable, &seq.Readable,
		&seq.Min, &seq.Max, &seq.Start, &seq.Increment, &seq.Cycle,
		&owner.OID, &owner.Schema, &owner.Name, &owner.Column,
	}
	return r.query(ctx, sequencesQuery, dest, func() error {
		rel := r.cat.byOID[oid]
		if rel == nil {
			return nil
		}
		for _, c := range rel.Columns {
			if c.Number == number {
				one := seq
				if owner.OID != 0 {
					o := owner
					one.Owner = &o
				}
				c.Sequences = append(c.Sequences, &one)
			}
		}
		return nil
	})
}
