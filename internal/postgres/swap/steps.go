package swap

import "strings"

// olds are the tables of a plan, $1, as the queries below see them. place is the
// schema of the new tables; it and home are quoted.
const olds = `
with t as (
	select c.oid, c.relname, n.nspname, c.relowner, c.relacl, c.reltype, c.reltoastrelid, c.reloptions, c.relpersistence, c.relam, c.reltablespace,
		c.relreplident, c.relrowsecurity, '` + placePrefix + `' || n.oid as place, quote_ident(n.nspname) as home,
		format('%I.%I', n.nspname, c.relname) as old, format('` + placePrefix + `%s.%I', n.oid, c.relname) as new
	from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = any($1::oid[])
)`

const tablesQuery = olds + `
select oid, old, new, home, place, case when relowner = (select oid from pg_roles where rolname = current_user) then '' else relowner::regrole::text end
from t order by old collate "C"`

// sequences are those of identity columns (i) and those that columns own (a).
const sequences = `
	select t.*, a.attname, a.attidentity, d.deptype, c.oid as seq, c.relname as seqname, c.relacl as seqacl, s.seqstart, s.seqincrement, s.seqmin,
		s.seqmax, s.seqcache, s.seqcycle, format('%I.%I', n.nspname, c.relname) as qualified
	from t join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = t.oid and d.refobjsubid > 0
		and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i')
	join pg_class c on c.oid = d.objid and c.relkind = 'S' join pg_namespace n on n.oid = c.relnamespace
	join pg_sequence s on s.seqrelid = c.oid join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid`

// grants writes the statements that give a new object the rights of an old one,
// whatever default privileges gave it.
func grants(from, kind, on, acl, name string) string {
	return `
select x.oid, 'rest', 'the rights of ' || ` + name + `, 'REVOKE ALL ON ' || ` + on + ` || ' FROM ' || (
		select string_agg(distinct case g.grantee when 0 then 'PUBLIC' else g.grantee::regrole::text end, ', ')
		from (select x.relowner as grantee union select 0::oid union select e.grantee from pg_default_acl f, aclexplode(f.defaclacl) e
			where f.defaclnamespace = 0 and f.defaclobjtype = '` + kind + `' and f.defaclrole = (select oid from pg_roles where rolname = current_user)) g)
	|| coalesce((select string_agg(one, '' order by first) from (
		select min(e.ordinality) as first, format('; GRANT %s ON %s TO %s%s', string_agg(e.privilege_type, ', '), ` + on + `,
			case e.grantee when 0 then 'PUBLIC' else e.grantee::regrole::text end, case when e.is_grantable then ' WITH GRANT OPTION' end) as one
		from aclexplode(coalesce(` + acl + `, acldefault('` + strings.ToLower(kind) + `', x.relowner))) with ordinality e
		group by e.grantee, e.is_grantable) g), ''), 0::oid, 7
from ` + from + ` x
where ` + acl + ` is not null or exists (select from pg_default_acl f where f.defaclnamespace = 0 and f.defaclobjtype = '` + kind + `'
	and f.defaclrole = (select oid from pg_roles where rolname = current_user))`
}

// stepsQuery writes the steps. A statement that cannot be written is null: what
// Postgres writes of an object names its table where one of no quirks has it.
var stepsQuery = olds + `, q as (` + sequences + `), i as (select * from q where deptype = 'i')
select oid, kind, name, sql, parent from (` + makeSQL + "\nunion all" + buildSQL + "\nunion all" + restSQL +
	"\nunion all" + grants("t", "r", "x.new", "x.relacl", "x.old") +
	"\nunion all" + grants("i", "S", "'SEQUENCE ' || x.place || '.' || quote_ident(x.seqname)", "x.seqacl", "x.qualified") +
	"\nunion all" + moveSQL + `
) s (oid, kind, name, sql, parent, rank) order by rank, oid, name`

const makeSQL = `
select t.oid, 'make', 'a table like ' || old, format('SET LOCAL default_tablespace = %L; CREATE %s %s (LIKE %s INCLUDING ALL EXCLUDING CONSTRAINTS EXCLUDING INDEXES EXCLUDING IDENTITY EXCLUDING STATISTICS) USING %I',
	coalesce((select spcname from pg_tablespace s where s.oid = t.reltablespace), ''), case relpersistence when 'u' then 'UNLOGGED TABLE' else 'TABLE' end,
	new, old, (select amname from pg_am m where m.oid = t.relam)), 0::oid, 1
from t
union all select t.oid, 'make', 'the storage options of ' || old, format('ALTER TABLE %s SET (%s)', new, l.list), 0::oid, 2
from t cross join lateral (select string_agg(format('%s%s=%L', p, split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)), ', ') as list from (
	select '' as p, unnest(t.reloptions) as o union all select 'toast.', unnest(x.reloptions) from pg_class x where x.oid = t.reltoastrelid) o) l
where l.list is not null
union all select t.oid, 'make', format('the statistics target of %s.%I', old, a.attname), format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS %s', new, a.attname, a.attstattarget), 0::oid, 2
from t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped and a.attstattarget >= 0
union all select t.oid, 'make', format('the options of %s.%I', old, a.attname), format('ALTER TABLE %s ALTER COLUMN %I SET (%s)', new, a.attname,
	(select string_agg(format('%s=%L', split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)), ', ') from unnest(a.attoptions) o)), 0::oid, 2
from t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped and cardinality(a.attoptions) > 0
union all select oid, 'make', 'identity ' || qualified, format('ALTER TABLE %s ALTER COLUMN %I ADD GENERATED %s AS IDENTITY (SEQUENCE NAME %s.%I START WITH %s INCREMENT BY %s MINVALUE %s MAXVALUE %s CACHE %s%s)',
	new, attname, case attidentity when 'a' then 'ALWAYS' else 'BY DEFAULT' end, place, seqname, seqstart, seqincrement, seqmin, seqmax, seqcache, case when seqcycle then ' CYCLE' end), 0::oid, 2
from i
union all select oid, 'make', 'the owner of ' || old, format('ALTER TABLE %s OWNER TO %s', new, relowner::regrole), 0::oid, 3
from t where relowner <> (select oid from pg_roles where rolname = current_user)`

const buildSQL = `
select t.oid, 'index', format('index %I of %s', x.relname, old), case when k.contype = 'x' then format('SET LOCAL default_tablespace = %L; ', s.space)
		|| format('ALTER TABLE %s ADD CONSTRAINT %I %s', new, k.conname, pg_get_constraintdef(k.oid))
	when left(s.def, length(s.head)) = s.head then format('SET LOCAL default_tablespace = %L; CREATE %sINDEX %I ON %s USING ', s.space, s.u, x.relname, new) || substr(s.def, length(s.head) + 1)
		|| case when k.oid is not null then format('; ALTER TABLE %s ADD CONSTRAINT %I %s USING INDEX %I%s%s', new, k.conname, case k.contype when 'p' then 'PRIMARY KEY' else 'UNIQUE' end,
			x.relname, case when k.condeferrable then ' DEFERRABLE' end, case when k.condeferred then ' INITIALLY DEFERRED' end) else '' end end
	|| (select coalesce(string_agg(format('; ALTER INDEX %s.%I ALTER COLUMN %s SET STATISTICS %s', place, x.relname, a.attnum, a.attstattarget), ''), '')
		from pg_attribute a where a.attrelid = x.oid and a.attstattarget >= 0), 0::oid, 4
from t join pg_index i on i.indrelid = t.oid join pg_class x on x.oid = i.indexrelid
left join pg_constraint k on k.conindid = x.oid and k.conrelid = t.oid and k.contype in ('p', 'u', 'x')
cross join lateral (select pg_get_indexdef(x.oid) as def, case when i.indisunique then 'UNIQUE ' else '' end as u,
	format('CREATE %sINDEX %I ON %s USING ', case when i.indisunique then 'UNIQUE ' end, x.relname, old) as head,
	coalesce((select spcname from pg_tablespace s where s.oid = x.reltablespace), '') as space) s
union all select t.oid, 'statistics', format('statistics %I of %s', s.stxname, old), case when left(d.def, length(d.head)) = d.head and right(d.def, length(d.tail)) = d.tail then
	format('CREATE STATISTICS %s.%I', place, s.stxname) || substr(d.def, length(d.head) + 1, length(d.def) - length(d.head) - length(d.tail)) || ' FROM ' || new
	|| case when stxstattarget >= 0 then format('; ALTER STATISTICS %s.%I SET STATISTICS %s', place, s.stxname, stxstattarget) else '' end
	|| case when s.stxowner <> (select oid from pg_roles where rolname = current_user) then format('; ALTER STATISTICS %s.%I OWNER TO %s', place, s.stxname, s.stxowner::regrole) else '' end
	|| coalesce(format('; COMMENT ON STATISTICS %s.%I IS ', place, s.stxname) || quote_literal(obj_description(s.oid, 'pg_statistic_ext')), '') end, 0::oid, 4
from t join pg_statistic_ext s on s.stxrelid = t.oid join pg_namespace n on n.oid = s.stxnamespace
cross join lateral (select pg_get_statisticsobjdef(s.oid) as def, format('CREATE STATISTICS %I.%I', n.nspname, s.stxname) as head, ' FROM ' || old as tail) d
union all select t.oid, 'check', format('constraint %I of %s', k.conname, old), format('ALTER TABLE %s ADD CONSTRAINT %I %s', new, k.conname, pg_get_constraintdef(k.oid)), 0::oid, 4
from t join pg_constraint k on k.conrelid = t.oid and k.contype = 'c'
union all select t.oid, 'foreign key', format('foreign key %I of %s', k.conname, t.old), case when left(d.def, length(d.head)) = d.head then
	format('ALTER TABLE %s ADD CONSTRAINT %I FOREIGN KEY (%s) REFERENCES %s(', t.new, k.conname, c.list, coalesce(p.new, f.parent)) || substr(d.def, length(d.head) + 1)
	|| case when k.convalidated then ' NOT VALID' else '' end end, k.confrelid, 4
from t join pg_constraint k on k.conrelid = t.oid and k.contype = 'f' left join t p on p.oid = k.confrelid
cross join lateral (select format('%I.%I', n.nspname, r.relname) as parent from pg_class r join pg_namespace n on n.oid = r.relnamespace where r.oid = k.confrelid) f
cross join lateral (select string_agg(quote_ident(a.attname), ', ' order by u.place) as list
	from unnest(k.conkey) with ordinality u (num, place) join pg_attribute a on a.attrelid = t.oid and a.attnum = u.num) c
cross join lateral (select pg_get_constraintdef(k.oid) as def, format('FOREIGN KEY (%s) REFERENCES %s(', c.list, f.parent) as head) d
union all select t.oid, 'validate', format('foreign key %I of %s', k.conname, old), format('ALTER TABLE %s VALIDATE CONSTRAINT %I', new, k.conname), k.confrelid, 4
from t join pg_constraint k on k.conrelid = t.oid and k.contype = 'f' and k.convalidated`

const restSQL = `
select t.oid, 'rest', format('trigger %I of %s', g.tgname, old), case when g.tgconstrrelid = 0 and length(d.def) - length(replace(d.def, d.spot, '')) = length(d.spot) then
	replace(d.def, d.spot, ' ON ' || new || ' ')
	|| case g.tgenabled when 'O' then '' else format('; ALTER TABLE %s %s TRIGGER %I', new, case g.tgenabled when 'D' then 'DISABLE' when 'A' then 'ENABLE ALWAYS' else 'ENABLE REPLICA' end, g.tgname) end end, 0::oid, 5
from t join pg_trigger g on g.tgrelid = t.oid and not g.tgisinternal cross join lateral (select pg_get_triggerdef(g.oid) as def, ' ON ' || old || ' ' as spot) d
union all select t.oid, 'rest', 'the comment of ' || old, format('COMMENT ON TABLE %s IS %L', new, obj_description(t.oid, 'pg_class')), 0::oid, 6
from t where obj_description(t.oid, 'pg_class') is not null
union all select t.oid, 'rest', format('the comment of constraint %I of %s', k.conname, old), format('COMMENT ON CONSTRAINT %I ON %s IS %L', k.conname, new, obj_description(k.oid, 'pg_constraint')), 0::oid, 6
from t join pg_constraint k on k.conrelid = t.oid where obj_description(k.oid, 'pg_constraint') is not null
union all select t.oid, 'rest', format('the comment of trigger %I of %s', g.tgname, old), format('COMMENT ON TRIGGER %I ON %s IS %L', g.tgname, new, obj_description(g.oid, 'pg_trigger')), 0::oid, 6
from t join pg_trigger g on g.tgrelid = t.oid where obj_description(g.oid, 'pg_trigger') is not null
union all select t.oid, 'rest', format('the comment of index %I of %s', x.relname, old), format('COMMENT ON INDEX %s.%I IS %L', place, x.relname, obj_description(x.oid, 'pg_class')), 0::oid, 6
from t join pg_index i on i.indrelid = t.oid join pg_class x on x.oid = i.indexrelid where obj_description(x.oid, 'pg_class') is not null
union all select oid, 'rest', 'the comment of ' || qualified, format('COMMENT ON SEQUENCE %s.%I IS %L', place, seqname, obj_description(seq, 'pg_class')), 0::oid, 6
from i where obj_description(seq, 'pg_class') is not null
union all select t.oid, 'rest', format('CLUSTER of %s', old), format('ALTER TABLE %s CLUSTER ON %I', new, x.relname), 0::oid, 6
from t join pg_index i on i.indrelid = t.oid and i.indisclustered join pg_class x on x.oid = i.indexrelid
union all select t.oid, 'rest', 'the replica identity of ' || old, format('ALTER TABLE %s REPLICA IDENTITY ', new) || case relreplident when 'f' then 'FULL' when 'n' then 'NOTHING' else
	(select format('USING INDEX %I', x.relname) from pg_index i join pg_class x on x.oid = i.indexrelid where i.indrelid = t.oid and i.indisreplident) end, 0::oid, 6
from t where relreplident <> 'd'
union all select t.oid, 'rest', format('the rights to %s.%I', old, a.attname), (select string_agg(format('GRANT %s ON %s TO %s%s', e.list, new, e.who, e.more), '; ' order by e.first) from (
	select min(e.ordinality) as first, string_agg(format('%s (%I)', e.privilege_type, a.attname), ', ') as list,
		case e.grantee when 0 then 'PUBLIC' else e.grantee::regrole::text end as who, case when e.is_grantable then ' WITH GRANT OPTION' else '' end as more
	from aclexplode(a.attacl) with ordinality e group by e.grantee, e.is_grantable) e), 0::oid, 8
from t join pg_attribute a on a.attrelid = t.oid and cardinality(a.attacl) > 0 and not a.attisdropped`

// moveSQL is what the transaction does that swaps. Sequences that columns own stay:
// defaults name them, and so may others.
const moveSQL = `
select oid, 'out', 'the value of ' || qualified, format('SELECT pg_catalog.setval(%L, last_value, is_called) FROM %s', format('%s.%I', place, seqname), qualified), 0::oid, 1
from i
union all select oid, 'out', 'the owner of ' || qualified, format('ALTER SEQUENCE %s OWNED BY NONE', qualified), 0::oid, 2
from q where deptype = 'a'
union all select oid, 'in', old, format('ALTER TABLE %s SET SCHEMA %s', new, home), 0::oid, 1
from t
union all select t.oid, 'in', format('statistics %I of %s', s.stxname, old), format('ALTER STATISTICS %s.%I SET SCHEMA %s', place, s.stxname, home), 0::oid, 2
from t join pg_statistic_ext s on s.stxrelid = t.oid
union all select oid, 'in', 'the owner of ' || qualified, format('ALTER SEQUENCE %s OWNED BY %s.%I', qualified, old, attname), 0::oid, 3
from q where deptype = 'a'`
