package rebuild

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
)

// subjectQuery tells a table's names and what keeps the role from touching it.
const subjectQuery = `
select n.nspname::text, c.relname::text, current_setting('server_version_num')::int,
       case when c.relkind <> 'r' then 'it does not belong to a plain table'
            when not pg_has_role(c.relowner, 'USAGE') then format('role %I does not own the table', current_user)
            when not has_schema_privilege(n.oid, 'CREATE') then format('role %I has no CREATE right on the schema', current_user)
            else '' end
from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = $1`

// indexQuery finds what carries out no constraint. An index has no rights and no
// owner of its own, and its comment, cluster mark, statistics targets and tie to
// an extension come back by statements.
const indexQuery = `
select 'index', x.relname::text, '', '',
       case when not (i.indisvalid and i.indisready and i.indislive) then 'it is invalid'
            when i.indisreplident then 'it is the replica identity'
            when exists (select from pg_inherits h where h.inhrelid = x.oid) then 'it is part of a partitioned index'
            when exists (select from pg_constraint f where f.conindid = x.oid) then 'a foreign key relies on it'
            when exists (select from pg_depend d where d.refclassid = 'pg_class'::regclass and d.refobjid = x.oid
                         or d.classid = 'pg_class'::regclass and d.objid = x.oid and d.deptype = 'e') then 'other objects depend on it'
            when exists (select from pg_attribute a where a.attrelid = x.oid and a.attoptions is not null)
                then 'its columns have options'
            when x.reltablespace <> 0 and not has_tablespace_privilege(x.reltablespace, 'CREATE')
                then format('role %%I has no CREATE right on its tablespace', current_user)
            else '' end,
       format('DROP INDEX %%I.%%I', n.nspname, x.relname), coalesce(pg_get_indexdef(x.oid), ''),
       array_remove(array[
           format('COMMENT ON INDEX %%I.%%I IS ', n.nspname, x.relname) || quote_literal(obj_description(x.oid, 'pg_class')),
           case when i.indisclustered then format('ALTER TABLE %%I.%%I CLUSTER ON %%I', n.nspname, c.relname, x.relname) end
       ], null)
       || array(select format('ALTER INDEX %%I.%%I ALTER COLUMN %%s SET STATISTICS %%s', n.nspname, x.relname, a.attnum, a.attstattarget)
                from pg_attribute a where a.attrelid = x.oid and a.attstattarget >= 0 order by a.attnum)
       || array(select format('ALTER INDEX %%I.%%I DEPENDS ON EXTENSION %%I', n.nspname, x.relname, e.extname)
                from pg_depend d join pg_extension e on e.oid = d.refobjid
                where d.classid = 'pg_class'::regclass and d.objid = x.oid and d.deptype = 'x' order by e.extname),
       '', coalesce((select s.spcname::text from pg_tablespace s where s.oid = x.reltablespace), ''), 1 as rank, x.oid
from pg_index i join pg_class x on x.oid = i.indexrelid
join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
where i.indrelid = $1 and 'index' = any($2::text[])
  and not exists (select from pg_constraint k where k.conindid = x.oid and k.contype in ('p', 'u', 'x'))`

// keyQuery: the rows that a foreign key to a partitioned table has for each
// partition are not of interest; the key itself is told by its parent. NOT VALID
// is in the definition of one that is.
const keyQuery = `
select 'foreign key', k.conname::text, fn.nspname::text, f.relname::text,
       case when k.conparentid <> 0 then 'it belongs to a partitioned table'
            when f.relkind <> 'r' then 'it references a partitioned table'
            when not %[1]s then 'it is not enforced'
            when exists (select from pg_trigger t where t.tgconstraint = k.oid and t.tgenabled <> 'O') then 'its triggers are switched off'
            when exists (select from pg_depend d where d.refclassid = 'pg_constraint'::regclass and d.refobjid = k.oid and d.deptype = 'n'
                         or d.classid = 'pg_constraint'::regclass and d.objid = k.oid and d.deptype = 'e') then 'other objects depend on it'
            when not has_schema_privilege(fn.oid, 'USAGE') then format('role %%I has no USAGE right on schema %%I', current_user, fn.nspname)
            when not has_table_privilege(f.oid, 'REFERENCES')
                 and exists (select from unnest(k.confkey) a where not has_column_privilege(f.oid, a, 'REFERENCES'))
                then format('role %%I has no REFERENCES right on %%I.%%I', current_user, fn.nspname, f.relname)
            else '' end,
       format('ALTER TABLE ONLY %%I.%%I DROP CONSTRAINT %%I', n.nspname, c.relname, k.conname),
       format('ALTER TABLE ONLY %%I.%%I ADD CONSTRAINT %%I %%s', n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid))
           || case when k.convalidated then ' NOT VALID' else '' end,
       array_remove(array[format('COMMENT ON CONSTRAINT %%I ON %%I.%%I IS ', k.conname, n.nspname, c.relname)
           || quote_literal(obj_description(k.oid, 'pg_constraint'))], null),
       case when k.convalidated then format('ALTER TABLE ONLY %%I.%%I VALIDATE CONSTRAINT %%I', n.nspname, c.relname, k.conname) else '' end,
       '', 2, k.oid
from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
join pg_class f on f.oid = k.confrelid join pg_namespace fn on fn.oid = f.relnamespace
where k.conrelid = $1 and k.contype = 'f' and 'foreign key' = any($2::text[]) and ($3::oid[] is null or k.confrelid = any($3))
  and not exists (select from pg_constraint p where p.oid = k.conparentid and p.conrelid = k.conrelid)`

// triggerQuery finds those that may fire. All states are switched off, R too: a
// role or database may have session_replication_role set. Before PostgreSQL 15
// a partition's copy of a partitioned table's trigger counts as internal.
const triggerQuery = `
select 'trigger', t.tgname::text, '', '',
       case when %[2]s then 'it belongs to a partitioned table' else '' end,
       format('ALTER TABLE ONLY %%I.%%I DISABLE TRIGGER %%I', n.nspname, c.relname, t.tgname),
       format('ALTER TABLE ONLY %%I.%%I ENABLE %%sTRIGGER %%I', n.nspname, c.relname,
              case t.tgenabled when 'A' then 'ALWAYS ' when 'R' then 'REPLICA ' else '' end, t.tgname),
       '{}'::text[], '', '', 3, t.oid
from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
where t.tgrelid = $1 and (not t.tgisinternal or %[2]s and t.tgconstraint = 0) and t.tgenabled <> 'D' and 'trigger' = any($2::text[])`

// findQuery is all three, for a version of the server.
func findQuery(version int) string {
	enforced, clone := "true", "false"
	if version >= 180000 {
		enforced = "k.conenforced"
	}
	if version >= 130000 {
		clone = "t.tgparentid <> 0"
	}
	return fmt.Sprintf(indexQuery+"\nunion all"+keyQuery+"\nunion all"+triggerQuery+"\norder by rank, oid", enforced, clone)
}

// found is what stands on a table.
type found struct {
	schema, table string
	off           []Item
	kept          []Kept
}

// find looks what of the scope stands on a table, and what of that may go.
func find(ctx context.Context, tx pgx.Tx, table uint32, scope Scope) (*found, error) {
	var out found
	var version int
	var whole string
	err := tx.QueryRow(ctx, subjectQuery, table).Scan(&out.schema, &out.table, &version, &whole)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fmt.Errorf("no table has OID %d any more", table)
	}
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, findQuery(version), table, scope.kinds(), scope.To)
	if err != nil {
		return nil, fmt.Errorf("look what stands on %s: %w", postgres.Qualify(out.schema, out.table), err)
	}
	var item Item
	var reason string
	var rank int
	var oid uint32
	_, err = pgx.ForEachRow(rows, []any{
		&item.Kind, &item.Name, &item.ParentSchema, &item.Parent, &reason, &item.Drop, &item.Create,
		&item.then, &item.validate, &item.tablespace, &rank, &oid,
	}, func() error {
		if whole != "" {
			reason = whole
		}
		if reason == "" && item.Create == "" {
			reason = "its definition cannot be read"
		}
		if reason != "" {
			out.kept = append(out.kept, Kept{item.Kind, out.schema, out.table, item.Name, reason})
			return nil
		}
		item.Schema, item.Table = out.schema, out.table
		out.off = append(out.off, item)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look what stands on %s: %w", postgres.Qualify(out.schema, out.table), err)
	}
	return &out, nil
}
