package swap

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// The state of tables is all that is on them and that somebody can have set: the
// name of a thing, and what it is.
var stateQuery = `
with t as (
	select c.*, format('%I.%I', n.nspname, c.relname) as name
	from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = any($1::text[]::regclass[]::oid[])
)
select s.what, coalesce(s.state, '') from (` + strings.Join([]string{
	tableState, columnState, indexState, constraintState, triggerState, statisticsState, sequenceState,
}, "\nunion all") + `
) s (what, state)`

const tableState = `
select format('%s of table %s', s.part, name), s.state
from t cross join lateral (values
	('the kind', concat_ws(' ', relkind, relpersistence, relam, reloftype)),
	('the name of the array type', (select b.typname::text from pg_type y join pg_type b on b.oid = y.typarray where y.oid = reltype)), -- others may have it
	('the owner', relowner::regrole::text),
	('the rights', array(select a::text from unnest(coalesce(relacl, acldefault('r', relowner))) a order by 1)::text),
	('the storage options', concat_ws(' ', array(select unnest(reloptions) order by 1)::text,
		array(select unnest(x.reloptions) from pg_class x where x.oid = t.reltoastrelid order by 1)::text)),
	('the tablespace', reltablespace::text),
	('the replica identity', relreplident::text),
	('the row-level security', concat_ws(' ', relrowsecurity, relforcerowsecurity)),
	('the comment', obj_description(oid, 'pg_class'))
) s (part, state)`

const columnState = `
select format('%s of column %s.%I', s.part, t.name, a.attname), s.state
from t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef d on d.adrelid = t.oid and d.adnum = a.attnum
cross join lateral (values
	('the place', (select count(*) from pg_attribute o where o.attrelid = t.oid and o.attnum between 1 and a.attnum and not o.attisdropped)::text),
	('the type', concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attcollation)),
	('NOT NULL', a.attnotnull::text),
	('the default', concat_ws(' ', a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid))),
	('the storage', concat_ws(' ', a.attstorage, a.attcompression)),
	('the statistics target', coalesce(a.attstattarget, -1)::text),
	('the options', a.attoptions::text),
	('the rights', array(select x::text from unnest(a.attacl) x order by 1)::text),
	('the comment', col_description(t.oid, a.attnum))
) s (part, state)`

const indexState = `
select format('index %I of %s', x.relname, t.name),
	format('%s; valid %s, immediate %s, clustered %s, replica identity %s, comment %s, tablespace %s, options %s, targets %s', pg_get_indexdef(x.oid),
		i.indisvalid and i.indisready and i.indislive, i.indimmediate, i.indisclustered, i.indisreplident, obj_description(x.oid, 'pg_class'),
		x.reltablespace, x.reloptions,
		array(select format('%s %s', coalesce(a.attstattarget, -1), a.attoptions) from pg_attribute a where a.attrelid = x.oid order by a.attnum))
from t join pg_index i on i.indrelid = t.oid join pg_class x on x.oid = i.indexrelid`

const constraintState = `
select format('constraint %I of %s', k.conname, t.name),
	format('%s; valid %s, comment %s', pg_get_constraintdef(k.oid), k.convalidated, obj_description(k.oid, 'pg_constraint'))
from t join pg_constraint k on k.conrelid = t.oid`

// triggerState tells also whether those are on by which foreign keys are held.
const triggerState = `
select format('trigger %I of %s', g.tgname, t.name),
	format('%s; enabled %s, comment %s', pg_get_triggerdef(g.oid), g.tgenabled, obj_description(g.oid, 'pg_trigger'))
from t join pg_trigger g on g.tgrelid = t.oid where not g.tgisinternal
union all select 'the state of a foreign key of ' || t.name, format('%s enabled %s', g.tgfoid::regproc, g.tgenabled)
from t join pg_trigger g on g.tgrelid = t.oid where g.tgisinternal
union all select format('the state of foreign key %I of %s', k.conname, t.name), format('%s enabled %s', g.tgfoid::regproc, g.tgenabled)
from t join pg_constraint k on k.conrelid = t.oid join pg_trigger g on g.tgconstraint = k.oid where g.tgisinternal and g.tgrelid <> t.oid`

const statisticsState = `
select format('statistics %I.%I', n.nspname, s.stxname),
	format('%s, owner %s, target %s, comment %s', pg_get_statisticsobjdef(s.oid), s.stxowner::regrole,
		coalesce(s.stxstattarget, -1), obj_description(s.oid, 'pg_statistic_ext'))
from t join pg_statistic_ext s on s.stxrelid = t.oid join pg_namespace n on n.oid = s.stxnamespace`

const sequenceState = `
select format('the sequence of %s.%I', t.name, a.attname),
	format('%I.%I: %s %s %s %s %s %s %s, owner %s, rights %s, persistence %s, comment %s', n.nspname, c.relname,
		s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle, c.relowner::regrole,
		array(select x::text from unnest(coalesce(c.relacl, acldefault('s', c.relowner))) x order by 1),
		c.relpersistence, obj_description(c.oid, 'pg_class'))
from t join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = t.oid and d.classid = 'pg_class'::regclass
	and d.deptype = 'i' and d.refobjsubid > 0
join pg_sequence s on s.seqrelid = d.objid join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid`

// state reads it, one line for each thing, as if the tables stood at home.
func (p *Plan) state(ctx context.Context, tx pgx.Tx, name func(Table) string) ([]string, error) {
	var names []string
	for _, t := range p.Tables {
		names = append(names, name(t))
	}
	rows, err := tx.Query(ctx, versioned(stateQuery, p.version), names)
	if err != nil {
		return nil, fmt.Errorf("look what is on the tables: %w", err)
	}
	var lines []string
	atHome := p.atHome()
	var what, is string
	if _, err := pgx.ForEachRow(rows, []any{&what, &is}, func() error {
		lines = append(lines, atHome.Replace(what)+"\t"+atHome.Replace(is))
		return nil
	}); err != nil {
		return nil, fmt.Errorf("look what is on the tables: %w", err)
	}
	slices.Sort(lines)
	return lines, nil
}

// atHome writes the names of new tables as those of the old ones.
func (p *Plan) atHome() *strings.Replacer {
	var names []string
	for place, schema := range p.places() {
		names = append(names, place+".", schema+".")
	}
	return strings.NewReplacer(names...)
}

// compare finds what is on the old tables and not, or otherwise, on the new ones,
// and what was changed since the plan was made.
func (p *Plan) compare(ctx context.Context, tx pgx.Tx) error {
	for _, t := range p.Tables {
		var same bool
		if err := tx.QueryRow(ctx, "select to_regclass($1)::oid is not distinct from $2::oid", t.Old, t.OID).Scan(&same); err != nil {
			return fmt.Errorf("look for table %s: %w", t.Old, err)
		}
		if !same {
			return &ChangedError{t.Old + " is not the table that it was"}
		}
	}
	now, err := p.state(ctx, tx, func(t Table) string { return t.Old })
	if err != nil {
		return err
	}
	if what := difference(p.before, now); what != "" {
		return &ChangedError{what}
	}
	made, err := p.state(ctx, tx, func(t Table) string { return t.New })
	if err != nil {
		return err
	}
	if what := difference(p.before, made); what != "" {
		return &LostError{what}
	}
	return nil
}

// difference names the first thing in which two states differ.
func difference(a, b []string) string {
	for _, pair := range [][2][]string{{a, b}, {b, a}} {
		for _, line := range pair[0] {
			if _, there := slices.BinarySearch(pair[1], line); !there {
				what, _, _ := strings.Cut(line, "\t")
				return what
			}
		}
	}
	if len(a) != len(b) {
		return "a foreign key" // whose triggers are as those of others
	}
	return ""
}

// LostError tells what a swap would lose.
type LostError struct{ What string }

// Error names it.
func (e *LostError) Error() string { return "cannot be carried over to a new table: " + e.What }

// ChangedError tells what somebody has changed while the new tables were filled.
type ChangedError struct{ What string }

// Error names it.
func (e *ChangedError) Error() string { return "changed meanwhile: " + e.What }
