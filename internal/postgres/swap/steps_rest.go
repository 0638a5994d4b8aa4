package swap

import "strings"

// restTrigger takes a trigger's definition with another name of the table, where
// that is to be found at one place alone.
const restTrigger = `
select t.oid, 'rest', format('trigger %I of %s', g.tgname, t.old),
	case when g.tgconstrrelid = 0 and length(d.def) - length(replace(d.def, d.spot, '')) = length(d.spot) then
		replace(d.def, d.spot, ' ON ' || t.new || ' ')
		|| case g.tgenabled when 'O' then '' else format('; ALTER TABLE %s %s TRIGGER %I', t.new,
			case g.tgenabled when 'D' then 'DISABLE' when 'A' then 'ENABLE ALWAYS' else 'ENABLE REPLICA' end, g.tgname) end
	end, 0, 5
from t join pg_trigger g on g.tgrelid = t.oid and not g.tgisinternal
cross join lateral (select pg_get_triggerdef(g.oid) as def, ' ON ' || t.old || ' ' as spot) d`

const restComments = `
select oid, 'rest', 'the comment of ' || name, format('COMMENT ON %s IS %L', spot, comment), 0, 6
from (
	select oid, old, 'TABLE ' || new, obj_description(oid, 'pg_class') from t
	union all select t.oid, format('constraint %I of %s', k.conname, t.old), format('CONSTRAINT %I ON %s', k.conname, t.new), obj_description(k.oid, 'pg_constraint')
	from t join pg_constraint k on k.conrelid = t.oid
	union all select t.oid, format('trigger %I of %s', g.tgname, t.old), format('TRIGGER %I ON %s', g.tgname, t.new), obj_description(g.oid, 'pg_trigger')
	from t join pg_trigger g on g.tgrelid = t.oid
	union all select t.oid, format('index %I of %s', x.relname, t.old), format('INDEX %s.%I', t.place, x.relname), obj_description(x.oid, 'pg_class')
	from t join pg_index i on i.indrelid = t.oid join pg_class x on x.oid = i.indexrelid
	union all select oid, qualified, 'SEQUENCE ' || newseq, obj_description(seq, 'pg_class') from i
) o (oid, name, spot, comment) where comment is not null`

const restCluster = `
select t.oid, 'rest', 'CLUSTER of ' || t.old, format('ALTER TABLE %s CLUSTER ON %I', t.new, x.relname), 0, 6
from t join pg_index i on i.indrelid = t.oid and i.indisclustered join pg_class x on x.oid = i.indexrelid`

const restReplica = `
select oid, 'rest', 'the replica identity of ' || old, format('ALTER TABLE %s REPLICA IDENTITY ', new)
	|| case relreplident when 'f' then 'FULL' when 'n' then 'NOTHING' else
		(select format('USING INDEX %I', x.relname) from pg_index i join pg_class x on x.oid = i.indexrelid
		where i.indrelid = t.oid and i.indisreplident) end, 0, 6
from t where relreplident <> 'd'`

// grantee writes who has a right of an access list, as aclexplode gives it.
const grantee = `case e.grantee when 0 then 'PUBLIC' else e.grantee::regrole::text end`

const grantable = `case when e.is_grantable then ' WITH GRANT OPTION' else '' end`

// rights gives a new object x the rights of the old one, whatever default
// privileges have given it. kind is that of pg_default_acl.
func rights(from, kind, on, acl, name string) string {
	given := `select f.defaclacl from pg_default_acl f
		where f.defaclnamespace = 0 and f.defaclobjtype = '` + kind + `' and f.defaclrole = x.me`
	return strings.NewReplacer("{from}", from, "{on}", on, "{acl}", acl, "{name}", name, "{given}", given).Replace(`
select x.oid, 'rest', 'the rights of ' || {name},
	'REVOKE ALL ON ' || {on} || ' FROM ' || (select string_agg(distinct ` + grantee + `, ', ')
		from (select x.relowner as grantee union select 0 union select a.grantee from ({given}) f, aclexplode(f.defaclacl) a) e)
	|| coalesce((select string_agg(g.one, '' order by g.first) from (
		select min(e.ordinality) as first,
			format('; GRANT %s ON %s TO %s%s', string_agg(e.privilege_type, ', '), {on}, ` + grantee + `, ` + grantable + `) as one
		from aclexplode(coalesce({acl}, acldefault('` + strings.ToLower(kind) + `', x.relowner))) with ordinality e
		group by e.grantee, e.is_grantable) g), ''), 0, 7
from {from} x where {acl} is not null or exists ({given})`)
}

const restColumnRights = `
select oid, 'rest', format('the rights to %s.%I', old, attname), (
	select string_agg(format('GRANT %s ON %s TO %s%s', g.list, new, g.who, g.more), '; ' order by g.first)
	from (select min(e.ordinality) as first, string_agg(format('%s (%I)', e.privilege_type, attname), ', ') as list,
			` + grantee + ` as who, ` + grantable + ` as more
		from aclexplode(attacl) with ordinality e group by e.grantee, e.is_grantable) g), 0, 8
from c where cardinality(attacl) > 0`
