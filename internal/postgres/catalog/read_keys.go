package catalog

import "context"

// indexesQuery gives the keys twice over: names where they are columns, and
// expressions where they are not.
func (r *reader) indexesQuery() string {
	return `
select i.indrelid, x.oid, x.relname::text, m.amname::text, coalesce(pg_get_indexdef(x.oid), ''),
       case when x.relkind = 'i' then coalesce(pg_relation_size(x.oid), 0) else 0 end,
       array(select coalesce(a.attname::text, '') from generate_series(1, i.indnkeyatts) k
             left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[k - 1] order by k),
       array(select case when i.indkey[k - 1] = 0 then coalesce(pg_get_indexdef(x.oid, k, false), '') else '' end
             from generate_series(1, i.indnkeyatts) k order by k),
       array(select a.attname::text from generate_series(i.indnkeyatts + 1, i.indnatts) k
             join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[k - 1] order by k),
       coalesce(pg_get_expr(i.indpred, i.indrelid), ''),
       i.indisunique, i.indisprimary, ` + r.since(150000, "i.indnullsnotdistinct", "false") + `,
       coalesce(` + r.since(180000, "k.conperiod", "false") + `, false),
       coalesce(k.conname::text, ''), coalesce(k.contype = 'x', false),
       coalesce(k.condeferrable, false), coalesce(k.condeferred, false),
       i.indisvalid and i.indisready and i.indislive, i.indisclustered, i.indisreplident,
       exists (select from pg_inherits h where h.inhrelid = x.oid)
from pg_index i join pg_class x on x.oid = i.indexrelid join pg_am m on m.oid = x.relam
join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
left join pg_constraint k on k.conindid = x.oid and k.conrelid = i.indrelid and k.contype in ('p', 'u', 'x')
where n.nspname = any($1::text[]) and c.relkind in ('r', 'p', 'm')
order by x.relname::text collate "C"`
}

func (r *reader) readIndexes(ctx context.Context) error {
	var oid uint32
	var columns, expressions []string
	var x Index
	dest := []any{
		&oid, &x.OID, &x.Name, &x.Method, &x.Def, &x.Size, &columns, &expressions, &x.Include, &x.Predicate,
		&x.Unique, &x.Primary, &x.NullsNotDistinct, &x.Overlaps, &x.Constraint, &x.Exclusion,
		&x.Deferrable, &x.InitiallyDeferred, &x.Valid, &x.Clustered, &x.Replica, &x.Attached,
	}
	return r.query(ctx, r.indexesQuery(), dest, func() error {
		rel := r.cat.byOID[oid]
		if rel == nil {
			return nil
		}
		one := x
		one.Keys = make([]IndexKey, len(columns))
		for i, name := range columns {
			one.Keys[i] = IndexKey{Column: name, Expression: expressions[i]}
		}
		rel.Indexes = append(rel.Indexes, &one)
		if one.Primary {
			rel.Primary = &one
		}
		return nil
	})
}

// columnNames gives the SQL of an array of the names of columns, by an array of
// their numbers.
func columnNames(rel, numbers string) string {
	return `array(select a.attname::text from unnest(` + numbers + `) with ordinality u(att, at)
             join pg_attribute a on a.attrelid = ` + rel + ` and a.attnum = u.att order by u.at)`
}

func (r *reader) checksQuery() string {
	return `
select k.conrelid, k.conname::text, ` + columnNames("k.conrelid", "k.conkey") + `,
       pg_get_constraintdef(k.oid), k.convalidated, ` + r.since(180000, "k.conenforced", "true") + `, k.connoinherit
from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
where n.nspname = any($1::text[]) and k.contype = 'c'
order by k.conname::text collate "C"`
}

func (r *reader) readChecks(ctx context.Context) error {
	var oid uint32
	var check Check
	dest := []any{
		&oid, &check.Name, &check.Columns, &check.Def, &check.Validated, &check.Enforced, &check.NoInherit,
	}
	return r.query(ctx, r.checksQuery(), dest, func() error {
		if rel := r.cat.byOID[oid]; rel != nil {
			one := check
			rel.Checks = append(rel.Checks, &one)
		}
		return nil
	})
}

// foreignKeysQuery leaves out the rows that a foreign key to a partitioned table
// has for each partition: they are its own means, no keys that somebody made.
func (r *reader) foreignKeysQuery() string {
	return `
select k.oid, k.conname::text, c.oid, n.nspname::text, c.relname::text, ` + columnNames("c.oid", "k.conkey") + `,
       f.oid, fn.nspname::text, f.relname::text, ` + columnNames("f.oid", "k.confkey") + `,
       k.confupdtype::text, k.confdeltype::text, k.confmatchtype = 'f', k.condeferrable, k.condeferred,
       k.convalidated, ` + r.since(180000, "k.conenforced", "true") + `, k.conparentid <> 0, pg_get_constraintdef(k.oid)
from pg_constraint k
join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
join pg_class f on f.oid = k.confrelid join pg_namespace fn on fn.oid = f.relnamespace
where (n.nspname = any($1::text[]) or fn.nspname = any($1::text[])) and k.contype = 'f'
  and not exists (select from pg_constraint p where p.oid = k.conparentid and p.conrelid = k.conrelid)
order by n.nspname::text collate "C", c.relname::text collate "C", k.conname::text collate "C"`
}

// actions are the referential actions by their letters in pg_constraint.
var actions = map[byte]string{
	'a': "NO ACTION", 'r': "RESTRICT", 'c': "CASCADE", 'n': "SET NULL", 'd': "SET DEFAULT",
}

func (r *reader) readForeignKeys(ctx context.Context) error {
	var fk ForeignKey
	var onUpdate, onDelete string
	dest := []any{
		&fk.OID, &fk.Name, &fk.Table.OID, &fk.Table.Schema, &fk.Table.Name, &fk.Columns,
		&fk.Parent.OID, &fk.Parent.Schema, &fk.Parent.Name, &fk.ParentColumns,
		&onUpdate, &onDelete, &fk.Full, &fk.Deferrable, &fk.InitiallyDeferred,
		&fk.Validated, &fk.Enforced, &fk.Inherited, &fk.Def,
	}
	return r.query(ctx, r.foreignKeysQuery(), dest, func() error {
		one := fk
		one.OnUpdate, one.OnDelete = actions[letter(onUpdate)], actions[letter(onDelete)]
		if rel := r.cat.byOID[one.Table.OID]; rel != nil {
			rel.ForeignKeys = append(rel.ForeignKeys, &one)
		}
		if rel := r.cat.byOID[one.Parent.OID]; rel != nil {
			rel.ReferencedBy = append(rel.ReferencedBy, &one)
		}
		return nil
	})
}
