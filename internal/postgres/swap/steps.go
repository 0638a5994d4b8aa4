package swap

import (
	"fmt"
	"strings"
)

// olds are the tables of a plan, $1, as the queries of this package see them. place
// is the schema of the new tables; it and home are quoted. me is the role at work.
const olds = `
with t as (
	select c.oid, c.relname, n.nspname, c.relowner, c.relacl, c.reltype, c.reltoastrelid, c.reloptions, c.relpersistence, c.relam,
		c.reltablespace, c.relreplident, c.relrowsecurity,
		'` + placePrefix + `' || n.oid as place, quote_ident(n.nspname) as home,
		format('%I.%I', n.nspname, c.relname) as old, format('` + placePrefix + `%s.%I', n.oid, c.relname) as new,
		(select r.oid from pg_roles r where r.rolname = current_user) as me
	from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = any($1::oid[])
)`

const tablesQuery = olds + `
select oid, old, new, home, place, case when relowner = me then '' else relowner::regrole::text end
from t order by old collate "C"`

// sequences are those of identity columns (deptype i) and those that columns own (a).
const sequences = `
	select t.*, a.attname, a.attidentity, d.deptype, c.oid as seq, c.relname as seqname, c.relacl as seqacl,
		s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle,
		format('%I.%I', n.nspname, c.relname) as qualified, format('%s.%I', t.place, c.relname) as newseq
	from t join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = t.oid and d.refobjsubid > 0
		and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i')
	join pg_class c on c.oid = d.objid and c.relkind = 'S' join pg_namespace n on n.oid = c.relnamespace
	join pg_sequence s on s.seqrelid = c.oid join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid`

// columns are those of the tables.
const columns = `
	select t.*, a.attname, a.attacl, a.attoptions, a.attstattarget
	from t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped`

// stepsQuery writes the steps: the table, the kind, what is made, its statements,
// the parent of a foreign key, and a rank that orders steps of a kind. Statements
// that cannot be written are null: what Postgres writes of an object is taken with
// another name of the table where it begins as it should.
func stepsQuery(version int) string {
	parts := []string{
		makeTable, makeOptions, makeTarget, makeColumnOptions, makeIdentity, makeOwner,
		buildIndex, buildKey, buildStatistics, buildCheck, buildForeignKey, buildValidate,
		restTrigger, restComments, restCluster, restReplica,
		rights("t", "r", "x.new", "x.relacl", "x.old"),
		rights("i", "S", "'SEQUENCE ' || x.newseq", "x.seqacl", "x.qualified"),
		restColumnRights,
		outValue, outOwned, inTable, inStatistics, inOwned,
	}
	return versioned(fmt.Sprintf("%s, q as (%s), i as (select * from q where deptype = 'i'), c as (%s)\nselect oid, kind, name, sql, parent from (%s\n)"+
		" s (oid, kind, name, sql, parent, rank) order by rank, oid, name", olds, sequences, columns, strings.Join(parts, "\nunion all")), version)
}

// versioned leaves out what older servers do not have.
func versioned(query string, version int) string {
	if version < 130000 {
		query = strings.ReplaceAll(query, "s.stxstattarget", "-1")
	}
	if version < 140000 {
		query = strings.ReplaceAll(query, "a.attcompression", "''")
	}
	return query
}

// makeTable leaves out what slows a load down, and what has to be made by a name.
const makeTable = `
select oid, 'make', 'a table like ' || old,
	format('SET LOCAL default_tablespace = %L; CREATE %sTABLE %s (LIKE %s INCLUDING ALL EXCLUDING CONSTRAINTS EXCLUDING INDEXES EXCLUDING IDENTITY EXCLUDING STATISTICS) USING %I',
		coalesce((select s.spcname from pg_tablespace s where s.oid = reltablespace), ''),
		case relpersistence when 'u' then 'UNLOGGED ' else '' end, new, old, (select m.amname from pg_am m where m.oid = relam)),
	0::oid, 1
from t`

const makeOptions = `
select t.oid, 'make', 'the storage options of ' || t.old, format('ALTER TABLE %s SET (%s)', t.new, l.list), 0, 2
from t cross join lateral (
	select string_agg(format('%s%s=%L', o.prefix, split_part(o.one, '=', 1), substr(o.one, strpos(o.one, '=') + 1)), ', ') as list
	from (select '' as prefix, unnest(t.reloptions) as one
		union all select 'toast.', unnest(x.reloptions) from pg_class x where x.oid = t.reltoastrelid) o) l
where l.list is not null`

const makeTarget = `
select oid, 'make', format('the statistics target of %s.%I', old, attname),
	format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS %s', new, attname, attstattarget), 0, 2
from c where attstattarget >= 0`

const makeColumnOptions = `
select oid, 'make', format('the options of %s.%I', old, attname), format('ALTER TABLE %s ALTER COLUMN %I SET (%s)', new, attname,
	(select string_agg(format('%s=%L', split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)), ', ') from unnest(attoptions) o)), 0, 2
from c where cardinality(attoptions) > 0`

const makeIdentity = `
select oid, 'make', 'identity ' || qualified,
	format('ALTER TABLE %s ALTER COLUMN %I ADD GENERATED %s AS IDENTITY (SEQUENCE NAME %s START WITH %s INCREMENT BY %s MINVALUE %s MAXVALUE %s CACHE %s%s)',
		new, attname, case attidentity when 'a' then 'ALWAYS' else 'BY DEFAULT' end, newseq,
		seqstart, seqincrement, seqmin, seqmax, seqcache, case when seqcycle then ' CYCLE' end), 0, 2
from i`

const makeOwner = `
select oid, 'make', 'the owner of ' || old, format('ALTER TABLE %s OWNER TO %s', new, relowner::regrole), 0, 3
from t where relowner <> me`

// The swap moves tables by these. Sequences that columns own stay: defaults name
// them, and so may others.
const (
	outValue = `
select oid, 'out', 'the value of ' || qualified, format('SELECT pg_catalog.setval(%L, last_value, is_called) FROM %s', newseq, qualified), 0, 1
from i`

	outOwned = `
select oid, 'out', 'the owner of ' || qualified, format('ALTER SEQUENCE %s OWNED BY NONE', qualified), 0, 2
from q where deptype = 'a'`

	inTable = `
select oid, 'in', old, format('ALTER TABLE %s SET SCHEMA %s', new, home), 0, 1
from t`

	inStatistics = `
select t.oid, 'in', format('statistics %I of %s', s.stxname, t.old), format('ALTER STATISTICS %s.%I SET SCHEMA %s', t.place, s.stxname, t.home), 0, 2
from t join pg_statistic_ext s on s.stxrelid = t.oid`

	inOwned = `
select oid, 'in', 'the owner of ' || qualified, format('ALTER SEQUENCE %s OWNED BY %s.%I', qualified, old, attname), 0, 3
from q where deptype = 'a'`
)
