package catalog

import "context"

const relationsQuery = `
select c.oid, n.nspname::text, c.relname::text, c.relkind::text,
       pg_get_userbyid(c.relowner)::text, pg_has_role(c.relowner, 'USAGE'),
       coalesce(has_table_privilege(c.oid, 'SELECT')::int + 2 * has_table_privilege(c.oid, 'INSERT')::int
           + 4 * has_table_privilege(c.oid, 'UPDATE')::int + 8 * has_table_privilege(c.oid, 'DELETE')::int
           + 16 * has_table_privilege(c.oid, 'TRUNCATE')::int + 32 * has_table_privilege(c.oid, 'REFERENCES')::int
           + 64 * has_table_privilege(c.oid, 'TRIGGER')::int, 0),
       -- Before PostgreSQL 14 a table never analyzed has 0 in 0 pages.
       case when c.reltuples < 0 or (c.reltuples = 0 and c.relpages = 0) then -1 else c.reltuples::bigint end,
       case when c.relkind in ('r', 'm') then coalesce(pg_relation_size(c.oid), 0) else 0 end,
       c.relpersistence = 'u', c.relispartition, c.relrowsecurity, c.relforcerowsecurity,
       c.relrowsecurity and coalesce(row_security_active(c.oid), true)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = any($1::text[]) and c.relkind in ('r', 'p', 'v', 'm', 'f')
order by n.nspname::text collate "C", c.relname::text collate "C"`

func (r *reader) readRelations(ctx context.Context) error {
	var rel Relation
	var kind string
	var rights int32
	dest := []any{
		&rel.OID, &rel.Schema, &rel.Name, &kind, &rel.Owner, &rel.Owned, &rights, &rel.Rows, &rel.Size,
		&rel.Unlogged, &rel.Partition, &rel.RowSecurity, &rel.ForceRowSecurity, &rel.RowSecurityApplies,
	}
	return r.query(ctx, relationsQuery, dest, func() error {
		one := rel
		one.Kind = Kind(letter(kind))
		one.Rights = Rights(rights) //nolint:gosec // the query adds up seven bits
		r.cat.Relations = append(r.cat.Relations, &one)
		r.cat.byOID[one.OID] = &one
		return nil
	})
}

const inheritanceQuery = `
select p.oid, pn.nspname::text, p.relname::text, c.oid, cn.nspname::text, c.relname::text
from pg_inherits i
join pg_class p on p.oid = i.inhparent join pg_namespace pn on pn.oid = p.relnamespace
join pg_class c on c.oid = i.inhrelid join pg_namespace cn on cn.oid = c.relnamespace
where (pn.nspname = any($1::text[]) or cn.nspname = any($1::text[])) and c.relkind in ('r', 'p', 'f')
order by c.oid, i.inhseqno`

func (r *reader) readInheritance(ctx context.Context) error {
	var parent, child Ref
	dest := []any{&parent.OID, &parent.Schema, &parent.Name, &child.OID, &child.Schema, &child.Name}
	return r.query(ctx, inheritanceQuery, dest, func() error {
		if rel := r.cat.byOID[parent.OID]; rel != nil {
			rel.Children = append(rel.Children, child)
		}
		if rel := r.cat.byOID[child.OID]; rel != nil {
			rel.Parents = append(rel.Parents, parent)
		}
		return nil
	})
}

const rulesQuery = `
select w.ev_class, w.rulename::text,
       case w.ev_type when '1' then 'SELECT' when '2' then 'UPDATE' when '3' then 'INSERT' else 'DELETE' end,
       w.is_instead, w.ev_enabled in ('O', 'A')
from pg_rewrite w join pg_class c on c.oid = w.ev_class join pg_namespace n on n.oid = c.relnamespace
where n.nspname = any($1::text[]) and w.rulename <> '_RETURN'
order by w.rulename::text collate "C"`

func (r *reader) readRules(ctx context.Context) error {
	var oid uint32
	var rule Rule
	dest := []any{&oid, &rule.Name, &rule.Event, &rule.Instead, &rule.Enabled}
	return r.query(ctx, rulesQuery, dest, func() error {
		if rel := r.cat.byOID[oid]; rel != nil {
			one := rule
			rel.Rules = append(rel.Rules, &one)
		}
		return nil
	})
}

// triggersQuery leaves out those that Postgres made to carry out foreign keys
// and deferrable keys. Before PostgreSQL 15 a partition's copy of a partitioned
// table's trigger counts as internal too.
func (r *reader) triggersQuery() string {
	clone := r.since(130000, "t.tgparentid <> 0", "false")
	return `
select t.tgrelid, t.tgname::text, t.tgenabled::text,
       quote_ident(pn.nspname) || '.' || quote_ident(p.proname), pg_get_triggerdef(t.oid),
       t.tgtype::int, t.tgconstraint <> 0, ` + clone + `
from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
join pg_proc p on p.oid = t.tgfoid join pg_namespace pn on pn.oid = p.pronamespace
where n.nspname = any($1::text[]) and (not t.tgisinternal or ` + clone + ` and t.tgconstraint = 0)
order by t.tgname::text collate "C"`
}

func (r *reader) readTriggers(ctx context.Context) error {
	var oid uint32
	var state string
	var kind int32
	var trig Trigger
	dest := []any{&oid, &trig.Name, &state, &trig.Function, &trig.Def, &kind, &trig.Constraint, &trig.Clone}
	return r.query(ctx, r.triggersQuery(), dest, func() error {
		if rel := r.cat.byOID[oid]; rel != nil {
			one := trig
			one.State = letter(state)
			one.Row = kind&1 != 0
			one.Events = Events(kind & 0x3c)
			rel.Triggers = append(rel.Triggers, &one)
		}
		return nil
	})
}
