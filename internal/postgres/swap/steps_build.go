package swap

// buildIndex makes an index, but for one that an exclusion constraint makes itself.
const buildIndex = `
select t.oid, 'index', format('index %I of %s', x.relname, t.old),
	case when left(d.def, length(d.head)) = d.head then
		format('SET LOCAL default_tablespace = %L; CREATE %sINDEX %I ON %s USING ',
			coalesce((select s.spcname from pg_tablespace s where s.oid = x.reltablespace), ''), u.uniq, x.relname, t.new)
		|| substr(d.def, length(d.head) + 1)
		|| (select coalesce(string_agg(format('; ALTER INDEX %s.%I ALTER COLUMN %s SET STATISTICS %s', t.place, x.relname, a.attnum, a.attstattarget), ''), '')
			from pg_attribute a where a.attrelid = x.oid and a.attstattarget >= 0)
	end, 0, 4
from t join pg_index i on i.indrelid = t.oid join pg_class x on x.oid = i.indexrelid
cross join lateral (select case when i.indisunique then 'UNIQUE ' else '' end as uniq) u
cross join lateral (select pg_get_indexdef(x.oid) as def, format('CREATE %sINDEX %I ON %s USING ', u.uniq, x.relname, t.old) as head) d
where not exists (select from pg_constraint k where k.conindid = x.oid and k.contype = 'x')`

// buildKey makes a key of an index, which so keeps its storage options.
const buildKey = `
select t.oid, 'key', format('constraint %I of %s', k.conname, t.old), format('SET LOCAL default_tablespace = %L; ALTER TABLE %s ADD CONSTRAINT %I ',
		coalesce((select s.spcname from pg_tablespace s where s.oid = x.reltablespace), ''), t.new, k.conname)
	|| case k.contype when 'x' then pg_get_constraintdef(k.oid) else format('%s USING INDEX %I%s%s',
		case k.contype when 'p' then 'PRIMARY KEY' else 'UNIQUE' end, x.relname,
		case when k.condeferrable then ' DEFERRABLE' end, case when k.condeferred then ' INITIALLY DEFERRED' end) end, 0, 4
from t join pg_constraint k on k.conrelid = t.oid and k.contype in ('p', 'u', 'x') join pg_class x on x.oid = k.conindid`

const buildStatistics = `
select t.oid, 'statistics', format('statistics %I of %s', s.stxname, t.old),
	case when left(d.def, length(d.head)) = d.head and right(d.def, length(d.tail)) = d.tail then
		'CREATE STATISTICS ' || d.made || substr(d.def, length(d.head) + 1, length(d.def) - length(d.head) - length(d.tail)) || ' FROM ' || t.new
		|| case when s.stxstattarget >= 0 then format('; ALTER STATISTICS %s SET STATISTICS %s', d.made, s.stxstattarget) else '' end
		|| coalesce(format('; COMMENT ON STATISTICS %s IS ', d.made) || quote_literal(obj_description(s.oid, 'pg_statistic_ext')), '')
		|| case when s.stxowner <> t.me then format('; ALTER STATISTICS %s OWNER TO %s', d.made, s.stxowner::regrole) else '' end
	end, 0, 4
from t join pg_statistic_ext s on s.stxrelid = t.oid join pg_namespace n on n.oid = s.stxnamespace
cross join lateral (select pg_get_statisticsobjdef(s.oid) as def, format('CREATE STATISTICS %I.%I', n.nspname, s.stxname) as head,
	' FROM ' || t.old as tail, format('%s.%I', t.place, s.stxname) as made) d`

const buildCheck = `
select t.oid, 'check', format('constraint %I of %s', k.conname, t.old),
	format('ALTER TABLE %s ADD CONSTRAINT %I %s', t.new, k.conname, pg_get_constraintdef(k.oid)), 0, 4
from t join pg_constraint k on k.conrelid = t.oid and k.contype = 'c'`

// buildForeignKey adds a foreign key without a look at the rows, buildValidate has them
// looked at: with less of a lock. Where the parent is partitioned that would leave
// those of its partitions (conparentid) aside, which come with the parent's.
const buildForeignKey = `
select t.oid, 'foreign key', format('foreign key %I of %s', k.conname, t.old),
	case when left(d.def, length(d.head)) = d.head then
		format('ALTER TABLE %s ADD CONSTRAINT %I FOREIGN KEY (%s) REFERENCES %s(', t.new, k.conname, d.list, coalesce(p.new, d.parent))
		|| substr(d.def, length(d.head) + 1) || case when k.convalidated and r.relkind <> 'p' then ' NOT VALID' else '' end
	end, k.confrelid, 4
from t join pg_constraint k on k.conrelid = t.oid and k.contype = 'f' and k.conparentid = 0 left join t p on p.oid = k.confrelid
join pg_class r on r.oid = k.confrelid join pg_namespace n on n.oid = r.relnamespace
cross join lateral (select string_agg(quote_ident(a.attname), ', ' order by u.place) as list, format('%I.%I', n.nspname, r.relname) as parent
	from unnest(k.conkey) with ordinality u (num, place) join pg_attribute a on a.attrelid = t.oid and a.attnum = u.num) l
cross join lateral (select l.*, pg_get_constraintdef(k.oid) as def, format('FOREIGN KEY (%s) REFERENCES %s(', l.list, l.parent) as head) d`

const buildValidate = `
select t.oid, 'validate', format('foreign key %I of %s', k.conname, t.old),
	format('ALTER TABLE %s VALIDATE CONSTRAINT %I', t.new, k.conname), k.confrelid, 4
from t join pg_constraint k on k.conrelid = t.oid and k.contype = 'f' and k.conparentid = 0 and k.convalidated
join pg_class r on r.oid = k.confrelid and r.relkind <> 'p'`
