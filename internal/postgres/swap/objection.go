package swap

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres/catalog"
)

// Objection is something that would be lost with an old table, or keep it from
// being dropped.
type Objection struct {
	Table uint32
	What  string
	Hint  string
}

// objectionsQuery finds what depends on the tables and on what is theirs (own), but
// for what a plan makes anew; and what else names a table.
const objectionsQuery = olds + `, own (class, obj, tab) as (
	select 'pg_class'::regclass::oid, oid, oid from t
	union all select 'pg_type'::regclass, y.oid, t.oid
	from t join pg_type y on y.oid in (t.reltype, (select b.typarray from pg_type b where b.oid = t.reltype))
	union all select 'pg_constraint'::regclass, k.oid, t.oid from t join pg_constraint k on k.conrelid = t.oid
	union all select 'pg_class'::regclass, i.indexrelid, t.oid from t join pg_index i on i.indrelid = t.oid
	union all select 'pg_class'::regclass, d.objid, t.oid from t join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = t.oid
		and d.classid = 'pg_class'::regclass and d.deptype = 'i' and d.refobjsubid > 0
	union all select 'pg_attrdef'::regclass, a.oid, t.oid from t join pg_attrdef a on a.adrelid = t.oid
	union all select 'pg_trigger'::regclass, g.oid, t.oid from t join pg_trigger g on g.tgrelid = t.oid
	union all select 'pg_statistic_ext'::regclass, s.oid, t.oid from t join pg_statistic_ext s on s.stxrelid = t.oid
)
select distinct o.tab, case when r.oid is null then pg_describe_object(d.classid, d.objid, 0) else format('%s %s', case v.relkind
		when 'v' then 'view' when 'm' then 'materialized view' else format('rule %I on', r.rulename) end, v.oid::regclass) end || ' depends on it',
	'drop it for the time of the run, or leave out --swap'
from own o join pg_depend d on d.refclassid = o.class and d.refobjid = o.obj and d.deptype <> 'p'
left join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid left join pg_class v on v.oid = r.ev_class
where not exists (select from own m where m.class = d.classid and m.obj = d.objid)
	and d.classid <> 'pg_publication_rel'::regclass
	and not (d.classid = 'pg_class'::regclass and (exists (select from t where t.reltoastrelid = d.objid)
		or d.deptype = 'a' and exists (select from pg_class s where s.oid = d.objid and s.relkind = 'S')))
	and not (d.classid = 'pg_trigger'::regclass and exists (select from pg_trigger g join pg_constraint k on k.oid = g.tgconstraint
		join t on t.oid = k.conrelid where g.oid = d.objid))
union select t.oid, format('publication %I lists it', p.pubname), 'take it off the publication, whose subscribers would not follow, or leave out --swap'
from t join pg_publication_tables p on p.schemaname = t.nspname and p.tablename = t.relname
union select t.oid, 'a subscription fills it', 'leave it behind with --exclude, or leave out --swap'
from t join pg_subscription_rel s on s.srrelid = t.oid
union select t.oid, 'it has row-level security', 'leave out --swap' from t where t.relrowsecurity
union select o.tab, format('extension %I has a hold on it', e.extname), 'leave out --swap'
from own o join pg_depend d on d.classid = o.class and d.objid = o.obj and d.deptype in ('e', 'x')
	join pg_extension e on d.refclassid = 'pg_extension'::regclass and e.oid = d.refobjid
union select o.tab, 'it has a security label', 'leave out --swap' from own o join pg_seclabel l on l.classoid = o.class and l.objoid = o.obj
order by 1, 2`

// Objections finds what stands in the way of replacing the tables. tx is settled
// from then on (see catalog.Settle).
func Objections(ctx context.Context, tx pgx.Tx, tables []uint32) ([]Objection, error) {
	if err := catalog.Settle(ctx, tx); err != nil {
		return nil, err //nolint:wrapcheck // says all
	}
	rows, err := tx.Query(ctx, objectionsQuery, tables)
	if err != nil {
		return nil, fmt.Errorf("look what depends on the tables: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Objection])
	if err != nil {
		return nil, fmt.Errorf("look what depends on the tables: %w", err)
	}
	return found, nil
}
